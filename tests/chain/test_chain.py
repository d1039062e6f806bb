"""From a request to a person: functions, CloudWatch, real exporter, Prometheus and Alertmanager, a webhook.

One bad hour of a service is lived through in a few minutes (see `clock`), and then mended.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from infra.local.stack import LocalStack
from monitoring.run import Monitoring, MonitoringError, Programs, find_programs
from tests.chain.clock import Clock
from tests.chain.names import exported, places, series_in
from tests.chain.traffic import PARAMETERS, Traffic
from tests.chain.webhook import Story, Webhook
from tests.conftest import ROOT
from tests.dashboards import Panel, filled, panels

SPEED, PATIENCE = 20, 120
PERIOD_SECONDS = 60 // SPEED
# CloudWatch takes its time on AWS; here it keeps what comes late out of the minute before it.
DELAY_SECONDS = 240
STEP_SECONDS = 15
EXPECTED = {
    "ApiServerErrors",
    "BatchesFailing",
    "DeadLetters",
    "ExporterDown",
    "FunctionErrors",
    "GateRefusals",
    "ModelMuchWorse",
    "ModelsDrifted",
    "ModelsWorseLive",
    "TrackingFailing",
    "TrainingsFailing",
}
# A busy machine is slow, and says so.
TOLERATED = {"LatencyHigh"}
# What cannot honestly be made to happen here.
NOT_HERE = {
    "EngineFaults": "no data is known that the engine fails at",
    "ExportsFailed": "no model is known whose conversion crashes",
    "BatchesContinued": "a file would have to take longer than 30 s, the least timeout",
    "ObservationsFailed": "the catalog would have to be away while all else works",
    "ErasuresCompleted": "an erasure is swept 65 minutes after it began",
    "ErasuresFailed": "S3 would have to refuse a deletion",
    "ReadThrottleEvents": "the local DynamoDB refuses nobody",
    "WriteThrottleEvents": "the local DynamoDB refuses nobody",
}
# What is counted here, and is never more than 0.
QUIET = {
    "Throttles": "no function has a reserved concurrency",
    "ObservationsRefused": "nobody but the functions writes observations",
}
MOST_MISSED = 8
# A counter of the exporter that exists once it is above zero.
REFUSED = "yace_cloudwatch_request_errors"


def _programs() -> Programs | str:
    try:
        return find_programs()
    except MonitoringError as error:
        return str(error)


PROGRAMS = _programs()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(isinstance(PROGRAMS, str), reason=str(PROGRAMS).replace("\n", "; ")),
]


@dataclass
class Told:
    """What came out at the other end; a greatest value is None without data."""

    stories: dict[str, list[Story]] = field(default_factory=dict)
    refused: int = 0
    seconds: float = 0.0
    panels: list[tuple[Panel, float | None]] = field(default_factory=list)
    series: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Prometheus:
    """The HTTP API of Prometheus."""

    url: str

    def greatest(self, expression: str, span: int, *, instant: bool = False) -> float | None:
        """The greatest number that an expression gave in the last seconds, or gives now."""
        now = time.time()
        query = {"query": expression, "time": now}
        if not instant:
            query |= {"start": now - span, "end": now, "step": STEP_SECONDS}
        path = f"{self.url}/api/v1/{'query' if instant else 'query_range'}"
        answer = httpx.post(path, data=query, timeout=60, trust_env=False)
        assert answer.status_code == 200, (expression, answer.text)
        points = [
            point
            for series in answer.json()["data"]["result"]
            for point in (series["values"] if "values" in series else [series["value"]])
        ]
        numbers = [float(value) for _time, value in points if value != "NaN"]
        return max(numbers, default=None)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A bad hour, mended."""
    assert isinstance(PROGRAMS, Programs)
    folder = tmp_path_factory.mktemp("chain")
    with LocalStack(ROOT / "template.yaml", PARAMETERS, folder / "state") as stack, Webhook() as webhook:
        monitoring = Monitoring(
            PROGRAMS,
            stack.aws_url,
            folder / "monitoring",
            webhook.environment,
            scrape_seconds=PERIOD_SECONDS,
            delay_seconds=DELAY_SECONDS,
            transform=Clock(SPEED, PATIENCE).transform,
        )
        traffic = Traffic(stack)
        try:
            with monitoring:
                yield _hour(monitoring, traffic, webhook)
        finally:
            traffic.stop()


def _hour(monitoring: Monitoring, traffic: Traffic, webhook: Webhook) -> Told:
    told = Told()
    traffic.begin()
    _say(webhook, "a model is trained")
    traffic.live()
    _say(webhook, "all has happened")
    for _ in range(8):
        _until(lambda: not _unheard(webhook), 20)
        for alert in _unheard(webhook) & traffic.again.keys():
            _say(webhook, f"once more: {alert}")
            traffic.again[alert]()
    _say(webhook, f"heard: {', '.join(sorted(webhook.heard))}")
    with ThreadPoolExecutor(1) as helper:
        mending = helper.submit(traffic.mend)
        _look(told, Prometheus(monitoring.url("prometheus")), int(webhook.now) + STEP_SECONDS)
        mending.result()
    _say(webhook, "all is mended")
    _until(lambda: _over(webhook), 300)
    _say(webhook, "all is over; the exporter is stopped")
    monitoring.servers["exporter"].stop()
    _until(lambda: "ExporterDown" in webhook.heard, 90)
    monitoring.restart("exporter")
    _until(lambda: _over(webhook), 90)
    _say(webhook, "all is over")
    told.stories, told.refused, told.seconds = webhook.heard, webhook.refused, webhook.now
    return told


def _look(told: Told, prometheus: Prometheus, span: int) -> None:
    for panel in panels():
        # `vector(0)` answers for a part of a sum even if that asks for nothing.
        expression = filled(panel.expression.replace(" or vector(0)", ""), STEP_SECONDS, span)
        told.panels.append((panel, prometheus.greatest(expression, span, instant=panel.instant)))
    for name in sorted({name for names in exported().values() for name in names}):
        told.series[name] = prometheus.greatest(f"max(max_over_time({name}[{span}s]))", span, instant=True)


def _unheard(webhook: Webhook) -> set[str]:
    return EXPECTED - {"ExporterDown"} - webhook.heard.keys()


def _over(webhook: Webhook) -> bool:
    return all(story.over for stories in webhook.heard.values() for story in stories)


def _until(done: Callable[[], bool], seconds: float) -> None:
    """Wait; what is missing then is for the tests to say."""
    waiter = threading.Event()
    for _ in range(int(seconds * 2)):
        if done():
            return
        waiter.wait(0.5)


def _say(webhook: Webhook, text: str) -> None:
    print(f"{webhook.now:4.0f} s  {text}", flush=True)


def _names(metrics: Collection[str]) -> set[str]:
    return {name for (_, metric), names in exported().items() if metric in metrics for name in names}


def _excused() -> set[str]:
    return _names(NOT_HERE) | {REFUSED}


def test_the_right_alerts_are_heard_and_no_other(told: Told) -> None:
    assert set(told.stories) - TOLERATED == EXPECTED
    assert told.refused == 0


def test_each_alert_is_heard_to_be_over(told: Told) -> None:
    assert not [name for name, stories in told.stories.items() if not all(s.over for s in stories)]


def test_every_expression_of_every_panel_has_data(told: Told) -> None:
    empty = [panel for panel, value in told.panels if value is None]
    asked = {str(panel): series_in(panel.expression) for panel in empty}
    assert not {panel: names for panel, names in asked.items() if not names or names - _excused()}


def test_what_is_said_to_be_impossible_here_did_not_happen(told: Told) -> None:
    assert not {name for name in _excused() & told.series.keys() if told.series[name] is not None}


def test_every_metric_comes_out_of_the_exporter(told: Told) -> None:
    assert not {name for name, value in told.series.items() if value is None} - _excused()
    # A busy machine leaves out a scrape here and there, and with it what happened once.
    assert len({name for name, value in told.series.items() if value == 0} - _names(QUIET)) <= MOST_MISSED


def test_no_metric_is_an_orphan(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    asked = places()
    with capsys.disabled():
        print("\n".join(["", *_metrics(told, asked), "", *_alerts(told)]))
    assert not told.series.keys() - asked.keys()


def _metrics(told: Told, asked: dict[str, list[str]]) -> Iterator[str]:
    yield "metric -> name at the exporter (greatest value) -> rules, panels, runbooks"
    for (namespace, metric), names in exported().items():
        reason = (NOT_HERE | QUIET).get(metric)
        yield f"{namespace} {metric}" + (f" (not here: {reason})" if reason else "")
        for name in names:
            value = told.series[name]
            yield f"  {name} ({'-' if value is None else f'{value:g}'}) -> {'; '.join(asked.get(name, '-'))}"


def _alerts(told: Told) -> Iterator[str]:
    yield f"{'alert':<18} {'severity':<9} {'fired after s':<24} resolved after s"
    for alert, stories in sorted(told.stories.items()):
        for story in stories:
            fired, over = (", ".join(f"{at:.0f}" for at in times) for times in (story.fired, story.resolved))
            yield f"{alert:<18} {story.severity:<9} {fired:<24} {over}"
    for panel, value in told.panels:
        if value is None:
            yield f"without data: {panel}, of {', '.join(sorted(series_in(panel.expression)))}"
    full = sum(value is not None for _panel, value in told.panels)
    yield f"{full} of {len(told.panels)} expressions have data; {told.seconds:.0f} s from the first scrape"
