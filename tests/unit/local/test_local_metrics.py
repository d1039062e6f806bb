"""Lines in the embedded metric format become metrics; everything else is only a log line."""

import json
import threading

import pytest

from infra.local.metrics import MetricsBridge, parse_embedded_metrics


def line(**changes) -> str:
    document = {
        "_aws": {
            "Timestamp": 1_700_000_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "CsvAnalyzer",
                    "Dimensions": [["service"]],
                    "Metrics": [{"Name": "Predictions", "Unit": "Count"}, {"Name": "Latency"}],
                }
            ],
        },
        "service": "predict",
        "Predictions": [1.0, 2.0],
        "Latency": 12,
    }
    return json.dumps(document | changes)


def test_every_value_becomes_a_datum_with_its_dimensions():
    ((namespace, data),) = parse_embedded_metrics(line())
    assert namespace == "CsvAnalyzer"
    assert [(item["MetricName"], item["Value"], item["Unit"]) for item in data] == [
        ("Predictions", 1.0, "Count"),
        ("Predictions", 2.0, "Count"),
        ("Latency", 12.0, "None"),
    ]
    assert data[0]["Dimensions"] == [{"Name": "service", "Value": "predict"}]


def test_every_set_of_dimensions_has_the_values():
    document = json.loads(line(route="drift"))
    document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] = [["service"], ["service", "route"]]
    ((_, data),) = parse_embedded_metrics(json.dumps(document))
    latency = [
        {one["Name"]: one["Value"] for one in item["Dimensions"]}
        for item in data
        if item["MetricName"] == "Latency"
    ]
    assert latency == [{"service": "predict"}, {"service": "predict", "route": "drift"}]


@pytest.mark.parametrize(
    "text", ["", "plain", '{"_aws"', '{"_aws": 1}', '{"_aws": {}}', line(Latency="slow")]
)
def test_other_lines_have_no_metrics(text: str):
    assert parse_embedded_metrics(text) == []


def test_the_bridge_hands_metrics_over_and_ends():
    arrived = threading.Event()
    seen = []

    def put(**arguments) -> None:
        seen.append(arguments)
        arrived.set()

    bridge = MetricsBridge(put)
    bridge.take_line("no metrics")
    bridge.take_line(line())
    assert arrived.wait(10)
    bridge.stop()
    assert [arguments["Namespace"] for arguments in seen] == ["CsvAnalyzer"]


def test_what_waits_while_cloudwatch_is_slow_goes_in_one_request():
    busy, go_on, done = threading.Event(), threading.Event(), threading.Event()
    sizes: list[int] = []

    def put(*, Namespace: str, MetricData: list[dict]) -> None:
        sizes.append(len(MetricData))
        busy.set()
        assert go_on.wait(10)
        if len(sizes) == 2:
            done.set()

    bridge = MetricsBridge(put)
    bridge.take_line(line())
    assert busy.wait(10)
    for _ in range(5):
        bridge.take_line(line())
    go_on.set()
    assert done.wait(10)
    bridge.stop()
    assert sizes == [sizes[0], 5 * sizes[0]]
