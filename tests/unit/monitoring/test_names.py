"""One name from function to person: metric, exporter, rule, panel and alarm speak of the same things."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from csv_analyzer.metrics import Metric
from infra.local.template import Template
from monitoring.exporter.names import metric_name, metric_names
from monitoring.exporter.render import jobs, render
from tests.conftest import ROOT

MONITORING = ROOT / "monitoring"
CONFIG = render({"AWS_REGION": "eu-central-1"})
# What AWS says that its services measure, as far as it is read here.
MEASURED_BY_AWS = {
    "AWS/Lambda": {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"},
    "AWS/ApiGateway": {"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"},
    "AWS/SQS": {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "NumberOfMessagesSent",
        "NumberOfMessagesReceived",
        "NumberOfMessagesDeleted",
    },
    "AWS/DynamoDB": {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
    "AWS/S3": {"BucketSizeBytes", "NumberOfObjects"},
}
# YACE counts its own calls under these names.
OF_YACE = {
    "yace_cloudwatch_requests_total",
    "yace_cloudwatch_request_errors",
    "yace_cloudwatch_getmetricdata_metrics_requested_total",
}
SERIES = re.compile(r"\b(?:aws|yace)_[a-z0-9_]+\b")
SELECTOR = re.compile(r"\b(aws_[a-z0-9_]+)\{([^}]*)\}")
# Of this one AWS tells the errors and runs of an alias once more; rules leave it out by an empty value.
ALIAS = "dimension_Resource"


def _exported() -> dict[str, set[str]]:
    labels: dict[str, set[str]] = {}
    for name, dimensions in metric_names(CONFIG):
        labels.setdefault(name, {"region"}).update(dimensions)
    return labels


EXPORTED = _exported()


def _rules() -> Iterator[dict[str, Any]]:
    for path in (MONITORING / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            yield from group["rules"]


RULES = "\n".join(rule["expr"] for rule in _rules())
RECORDED = {rule["record"] for rule in _rules() if "record" in rule}
CASES = [
    series["series"]
    for path in (MONITORING / "prometheus" / "tests").glob("*.yml")
    for case in yaml.safe_load(path.read_text("utf-8"))["tests"]
    for series in case["input_series"]
]


def _panels() -> str:
    def expressions(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("expr"), str):
                yield node["expr"]
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from expressions(child)

    boards = sorted((MONITORING / "grafana" / "dashboards").glob("*.json"))
    return "\n".join(line for board in boards for line in expressions(json.loads(board.read_text("utf-8"))))


PANELS = _panels()
RUNBOOKS = (MONITORING / "runbooks" / "README.md").read_text("utf-8")


def test_the_exporter_reads_what_is_measured_and_all_of_ours() -> None:
    read: dict[str, set[str]] = {}
    for job in jobs(CONFIG):
        namespace = job.get("namespace") or job["type"]
        read.setdefault(namespace, set()).update(metric["name"] for metric in job["metrics"])
    assert read.pop("CsvAnalyzer") == {str(metric) for metric in Metric}
    assert set(read) == set(MEASURED_BY_AWS)
    for namespace, names in read.items():
        assert names <= MEASURED_BY_AWS[namespace], namespace


@pytest.mark.parametrize(
    "text", [RULES, "\n".join(CASES), PANELS, RUNBOOKS], ids=["rules", "cases", "panels", "runbooks"]
)
def test_only_series_are_asked_for_that_the_exporter_gives(text: str) -> None:
    asked = set(SERIES.findall(text))
    assert asked
    assert asked <= set(EXPORTED) | OF_YACE


@pytest.mark.parametrize("text", [RULES, "\n".join(CASES), PANELS], ids=["rules", "cases", "panels"])
def test_only_labels_are_asked_for_that_a_series_has(text: str) -> None:
    for name, inside in SELECTOR.findall(text):
        labels = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", inside))
        assert set(labels) - {ALIAS, "dimension_Method"} <= EXPORTED[name], name


def test_panels_and_runbooks_ask_for_recorded_series_that_exist() -> None:
    assert set(re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9]+\b", PANELS + RUNBOOKS)) <= RECORDED


@pytest.mark.parametrize("metric", Metric)
def test_each_metric_of_ours_is_exported_and_shown(metric: Metric) -> None:
    names = {name for name in EXPORTED if name.startswith(metric_name("CsvAnalyzer", metric, ""))}
    assert names
    assert names & set(SERIES.findall(PANELS))


def test_what_is_exported_of_aws_is_asked_for_by_a_rule_a_panel_or_a_runbook() -> None:
    asked = set(SERIES.findall(RULES + PANELS + RUNBOOKS))
    for namespace, metrics in MEASURED_BY_AWS.items():
        for metric in metrics:
            stem = metric_name(namespace, metric, "")
            assert any(name.startswith(stem) for name in asked), f"{namespace} {metric}"


def test_alarms_watch_what_is_measured_and_have_a_rule_that_watches_the_same(template: Template) -> None:
    alarms = template.nested["Monitoring"].of_type("AWS::CloudWatch::Alarm")
    assert alarms
    asked = set(SERIES.findall(RULES))
    for alarm, properties in alarms.items():
        namespace, metric = properties["Namespace"], properties["MetricName"]
        known = {str(name) for name in Metric} if namespace == "CsvAnalyzer" else MEASURED_BY_AWS[namespace]
        assert metric in known, alarm
        name = metric_name(namespace, metric, properties["Statistic"])
        assert {f"dimension_{dimension['Name']}" for dimension in properties["Dimensions"]} <= EXPORTED[name]
        assert name in asked, alarm
