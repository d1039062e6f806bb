"""What real handlers write in the embedded metric format: names, dimensions, and no ids."""

import contextlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from csv_analyzer import observability
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import Table, put_new
from csv_analyzer.errors import DependencyError
from csv_analyzer.metrics import Dimension, Metric, RouteClass, StatusClass
from csv_analyzer.records import Model, Version
from csv_analyzer.storage import Storage
from infra.local.metrics import parse_embedded_metrics
from tests.functional.batch_jobs import BatchJobs
from tests.functional.conftest import ME, Call, Context, load_event, proxy_event, sqs_event
from tests.unit.scoring.batch_samples import HEADER, REFERENCE, features

NOW = "2025-01-01T00:00:00.000Z"
OF_A_PROCESS = {Metric.COLD_STARTS, Metric.CPU_SECONDS, Metric.MEMORY_MEGABYTES}
PER_SERVICE = {Dimension.SERVICE}
PER_ROUTE = {Dimension.SERVICE, Dimension.ROUTE, Dimension.STATUS}


class Datum(NamedTuple):
    """One value as CloudWatch gets it."""

    name: str
    dimensions: dict[str, str]
    value: float
    unit: str


class Written:
    """The metrics that a test's handlers wrote, read by what bridges them to CloudWatch."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        # What a test that failed has not written is not of the next one.
        observability.metrics.provider.clear_metrics()
        self._capsys = capsys
        self.lines: list[str] = []

    def forget(self) -> None:
        self._capsys.readouterr()

    def data(self) -> list[Datum]:
        """What was written since the last look; every name and dimension is one that the project knows."""
        self.lines = [line for line in self._capsys.readouterr().out.splitlines() if '"_aws"' in line]
        found = []
        for line in self.lines:
            ((namespace, data),) = parse_embedded_metrics(line)
            assert namespace == "CsvAnalyzer"
            for item in data:
                dimensions = {one["Name"]: one["Value"] for one in item["Dimensions"]}
                found.append(Datum(Metric(item["MetricName"]), dimensions, item["Value"], item["Unit"]))
                assert dimensions.keys() in (PER_SERVICE, PER_ROUTE)
                assert dimensions[Dimension.SERVICE] == "tests"
                if dimensions.keys() == PER_ROUTE:
                    RouteClass(dimensions[Dimension.ROUTE])
                    StatusClass(dimensions[Dimension.STATUS])
        return found

    def sums(self) -> dict[str, float]:
        """Sum of each metric by service alone."""
        sums: dict[str, float] = {}
        for datum in self.data():
            if datum.dimensions.keys() == PER_SERVICE:
                sums[datum.name] = sums.get(datum.name, 0) + datum.value
        return sums


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    return Written(capsys)


ASKED: list[tuple[str, dict[str, Any], str, str]] = [
    ("api-get-health", {}, "service", "2xx"),
    ("api-get-datasets", {}, "datasets", "2xx"),
    ("api-get-datasets", {"query": {"limit": "none"}}, "datasets", "4xx"),
    ("api-post-datasets", {"body": {"file_name": "a.csv"}, "groups": "viewer"}, "datasets", "4xx"),
    ("api-get-dataset-recipes", {}, "recipes", "4xx"),
    ("api-get-jobs", {}, "training", "2xx"),
    ("api-get-models", {}, "models", "2xx"),
    ("api-get-model-history", {}, "registry", "4xx"),
    ("api-get-model-drift", {}, "drift", "4xx"),
    ("api-get-model-batches", {}, "batch", "4xx"),
    ("api-get-erasures", {}, "erasure", "2xx"),
]


@pytest.mark.parametrize(("event", "changes", "route", "status"), ASKED)
def test_a_request_is_counted_by_what_it_is_about_and_how_it_was_answered(
    api: Call, written: Written, event: str, changes: dict[str, Any], route: str, status: str
) -> None:
    answer = api(event, **changes)
    data = written.data()
    for metric, unit in ((Metric.REQUESTS, "Count"), (Metric.LATENCY_MILLISECONDS, "Milliseconds")):
        alone, by_route = (datum for datum in data if datum.name == metric)
        assert alone.dimensions == {"service": "tests"}
        assert by_route.dimensions == {"service": "tests", "route": route, "status": status}
        assert alone.value == by_route.value > 0
        assert (alone.unit, by_route.unit) == (unit, unit)
    refused = [datum.value for datum in data if datum.name == Metric.REQUEST_FAULTS]
    assert refused == ([1.0] if answer.status >= 400 else [])
    # Of the other metrics none has a second set of dimensions.
    assert {datum.name for datum in data if datum.dimensions.keys() == PER_ROUTE} == {
        Metric.REQUESTS,
        Metric.LATENCY_MILLISECONDS,
    }


def test_every_route_of_the_contract_has_a_class(api: Call) -> None:
    from api import edge
    from api.app import app

    counted = {edge._classes[route.func] for route in app._static_routes + app._dynamic_routes}
    assert counted == set(RouteClass) - {RouteClass.PREDICT, RouteClass.PAGE}


def test_an_address_without_a_route_and_a_fault_of_ours_are_counted_too(
    api: Call, context: Context, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api import app, stack

    event = proxy_event("api-get-datasets")
    event["path"] = event["resource"] = "/nothing"
    assert app.handler(event, context)["statusCode"] == 404

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(stack.plane.catalog), "datasets", broken)
    assert api("api-get-datasets").status == 500
    data = written.data()
    counted = [
        (datum.dimensions["route"], datum.dimensions["status"])
        for datum in data
        if datum.name == Metric.REQUESTS and datum.dimensions.keys() == PER_ROUTE
    ]
    assert counted == [("service", "4xx"), ("datasets", "5xx")]
    assert [datum.value for datum in data if datum.name == Metric.REQUEST_ERRORS] == [1.0]


def test_predict_counts_its_requests(predict: Call, written: Written) -> None:
    assert predict("predict-post-predict", path={"name": "nothing"}, body={"instances": [{}]}).status == 404
    (by_route,) = (
        datum.dimensions
        for datum in written.data()
        if datum.name == Metric.REQUESTS and datum.dimensions.keys() == PER_ROUTE
    )
    assert by_route == {"service": "tests", "route": "predict", "status": "4xx"}


@pytest.mark.parametrize(
    ("event", "below", "status"), [("web-get-root", "", "2xx"), ("web-get-below-page", "x.js", "4xx")]
)
def test_the_page_counts_its_requests_as_one_class(
    context: Context, written: Written, event: str, below: str, status: str
) -> None:
    from web import app

    app.handler(proxy_event(event) | {"pathParameters": {"proxy": below}}, context)
    (by_route,) = (
        datum.dimensions
        for datum in written.data()
        if datum.name == Metric.REQUESTS and datum.dimensions.keys() == PER_ROUTE
    )
    assert by_route == {"service": "tests", "route": "page", "status": status}


@pytest.mark.parametrize(
    ("module", "event"),
    [
        ("api", "api-get-health"),
        ("predict", "predict-post-predict"),
        ("analyze", "sqs-s3-recipe"),
        ("train", "sqs-s3-training"),
        ("batch", "sqs-s3-batch"),
        ("drift", "schedule-drift"),
        ("erase", "schedule-erase"),
        ("web", "web-get-page"),
        ("train.tracking_app", "schedule-tracking"),
    ],
)
def test_every_function_says_what_its_process_costs(
    aws: Any, context: Context, written: Written, monkeypatch: pytest.MonkeyPatch, module: str, event: str
) -> None:
    name = module if "." in module else f"{module}.app"
    __import__(name)
    monkeypatch.setattr(observability, "_process", observability._Process())
    written.forget()
    handler = sys.modules[name].handler
    costs = []
    for _ in range(2):
        with contextlib.suppress(BatchProcessingError):
            handler(load_event(event), context)
        data = [datum for datum in written.data() if datum.name in OF_A_PROCESS]
        assert all(datum.dimensions == {"service": "tests"} for datum in data)
        costs.append({datum.name: datum.value for datum in data})
        assert {datum.name: datum.unit for datum in data} == {
            Metric.COLD_STARTS: "Count",
            Metric.CPU_SECONDS: "Seconds",
            Metric.MEMORY_MEGABYTES: "Megabytes",
        }
    cold, warm = costs
    assert (cold[Metric.COLD_STARTS], warm[Metric.COLD_STARTS]) == (1, 0)
    # The first invocation has what the process spent before it.
    assert cold[Metric.CPU_SECONDS] > warm[Metric.CPU_SECONDS] >= 0
    assert 10 < cold[Metric.MEMORY_MEGABYTES] <= warm[Metric.MEMORY_MEGABYTES] < 100_000


def test_a_message_says_how_long_it_waited(aws: Any, context: Context, written: Written) -> None:
    from analyze import app

    event = sqs_event("uploads/elsewhere")
    event["Records"][0]["attributes"]["SentTimestamp"] = str(int((time.time() - 300) * 1000))
    app.handler(event, context)
    waited = written.sums()[Metric.QUEUE_SECONDS]
    assert waited >= 300
    # A clock that is ahead makes no negative age.
    event["Records"][0]["attributes"]["SentTimestamp"] = str(int((time.time() + 300) * 1000))
    app.handler(event, context)
    assert written.sums()[Metric.QUEUE_SECONDS] == 0


def test_no_id_of_anybody_is_in_a_metric(api: Call, upload: Callable[..., str], written: Written) -> None:
    dataset_id = upload(b"a,b\n1,2\n3,4\n")
    api("api-get-dataset", path={"dataset_id": dataset_id})
    assert written.data()
    assert written.lines
    for line in written.lines:
        assert dataset_id not in line
        assert ME not in line
        assert len(json.loads(line)["_aws"]["CloudWatchMetrics"]) == 1


@pytest.fixture
def jobs(api: Call, storage: Storage, aws: Any) -> BatchJobs:
    return BatchJobs(api, storage, Table(aws.tables["Catalog"].name), aws.resolve({"Ref": "BatchQueue"}))


def test_predict_and_batch_count_values_that_training_never_saw(
    jobs: BatchJobs, predict: Call, written: Written
) -> None:
    seen = {"age": {"training_range": [0, 2]}, "Price": {"training_range": [0, 2]}}
    jobs.publish(reference=REFERENCE, inputs=features(**seen, kind={"known_values": ["flat"]}))
    usual = {"age": 1, "Price": 1.5, "member": True, "day": None, "kind": "flat"}
    rows = [usual, {**usual, "age": 40, "Price": 2.5}, {**usual, "Price": -1, "kind": "tent"}]

    answer = predict("predict-post-predict", path={"name": "houses"}, body={"instances": rows})
    assert answer.body["warnings_total"] == 4
    online = written.sums()
    lines = [",".join("" if value is None else str(value).lower() for value in row.values()) for row in rows]
    assert jobs.score("\n".join([HEADER, *lines]).encode())["rows_with_errors"] == 0
    offline = written.sums()
    for sums in (online, offline):
        assert (sums[Metric.OUT_OF_RANGE], sums[Metric.UNSEEN_CATEGORIES]) == (3, 1)

    # What is refused was not predicted on.
    body = {"instances": rows, "strict": True}
    assert predict("predict-post-predict", path={"name": "houses"}, body=body).status == 422
    assert Metric.OUT_OF_RANGE not in written.sums()


@pytest.mark.parametrize(("holdout", "worse"), [(1.0, 0), (5.0, 0), (5.1, 1), (12.0, 1)])
def test_a_version_with_less_than_half_the_lift_of_production_is_counted(
    aws: Any, written: Written, holdout: float, worse: int
) -> None:
    from train.quality import tell_quality

    table = Table(aws.tables["Catalog"].name)

    def publish(number: int, figure: float) -> Version:
        version = Version(
            owner=ME, created_at=NOW, model="houses", version=number, dataset_id="d", job_id="j",
            task="regression", target="price", metric="rmse", npz_sha256="0", manifest_sha256="0",
            metrics={"holdout": {"rmse": figure}, "baseline": {"rmse": 9.0}},
        )  # fmt: skip
        table.write(put_new(version_key(ME, "houses", number), version.to_item()))
        return version

    first, second = publish(1, 1.0), publish(2, holdout)
    table.write(put_new(model_key(ME, "houses"), Model(ME, NOW, "houses", latest=2, production=1).to_item()))
    for version in (first, second):
        tell_quality(Catalog(table), version)
        observability.metrics.flush_metrics()
    sums = written.sums()
    assert sums[Metric.MODEL_LIFT] == pytest.approx(8 / 9 + (9 - holdout) / 9)
    # Of the second alone: the first is what is in production.
    assert sums[Metric.MODELS_MUCH_WORSE] == worse
    assert sum("ModelsMuchWorse" in line for line in written.lines) == 1


def test_a_catalog_that_is_away_or_a_model_that_is_gone_ends_no_training(
    aws: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    from train.quality import tell_quality

    version = Version(
        owner=ME, created_at=NOW, model="houses", version=2, dataset_id="d", job_id="j", task="regression",
        target="price", metric="rmse", npz_sha256="0", manifest_sha256="0",
        metrics={"holdout": {"rmse": 1.0}, "baseline": {"rmse": 9.0}},
    )  # fmt: skip
    catalog = Catalog(Table(aws.tables["Catalog"].name))
    tell_quality(catalog, version)

    def away(*_: Any) -> None:
        raise DependencyError("DynamoDB is away.")

    monkeypatch.setattr(Table, "get", away)
    tell_quality(catalog, version)
    observability.metrics.flush_metrics()
    assert written.sums() == {Metric.MODEL_LIFT: pytest.approx(16 / 9)}
