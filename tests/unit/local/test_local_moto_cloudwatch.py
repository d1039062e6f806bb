"""CloudWatch by series answers what CloudWatch would, and DynamoDB's capacity is counted as AWS counts it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from moto.cloudwatch.models import CloudWatchBackend

from infra.local.moto_cloudwatch import _filtered, _metric_data
from infra.local.moto_storage_metrics import read_units, write_units

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001  # moto's times have no zone


def put(
    backend: CloudWatchBackend, value: float, seconds: float, namespace: str = "Ours", **pairs: str
) -> None:
    dimensions = [{"Name": name, "Value": text} for name, text in pairs.items()]
    datum = {
        "MetricName": "Requests",
        "Dimensions": dimensions,
        "Timestamp": NOON + timedelta(seconds=seconds),
        "Value": value,
    }
    backend.put_metric_data(namespace, [datum])


def ask(backend: CloudWatchBackend, stat: str, period: int = 60, **pairs: str) -> list[tuple[int, Any]]:
    """Seconds after noon and value of each point of ten minutes."""
    metric = {
        "Namespace": "Ours",
        "MetricName": "Requests",
        "Dimensions": [{"Name": name, "Value": text} for name, text in pairs.items()],
    }
    query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
    [result] = _metric_data(backend, [query], NOON, NOON + timedelta(minutes=10), "TimestampAscending")
    times = [int((time - NOON).total_seconds()) for time in result["timestamps"]]
    return list(zip(times, result["values"], strict=True))


@pytest.fixture
def backend() -> CloudWatchBackend:
    return CloudWatchBackend("us-east-1", "123456789012")


def test_points_are_of_whole_periods_in_order_and_end_before_the_end(backend: CloudWatchBackend) -> None:
    for value, seconds in ((1, 61), (2, 0), (4, 59.9), (8, -1), (16, 600), (32, 119)):
        put(backend, value, seconds, service="api")
    assert ask(backend, "Sum", service="api") == [(0, 6.0), (60, 33.0)]
    assert ask(backend, "Maximum", period=300, service="api") == [(0, 32.0)]
    # What comes later finds its place among the others.
    put(backend, 64, 30, service="api")
    assert ask(backend, "Sum", service="api") == [(0, 70.0), (60, 33.0)]


def test_a_metric_of_other_dimensions_or_another_namespace_is_another(backend: CloudWatchBackend) -> None:
    put(backend, 1, 0, service="api")
    put(backend, 2, 0, route="models", service="api")
    put(backend, 4, 0, namespace="Theirs", service="api")
    assert ask(backend, "Sum", service="api") == [(0, 1.0)]
    assert ask(backend, "Sum", service="api", route="models") == [(0, 2.0)]
    assert ask(backend, "Sum") == []


def test_each_metric_is_listed_once_and_those_asked_for_alone(backend: CloudWatchBackend) -> None:
    for seconds in (0, 60):
        put(backend, 1, seconds, service="api")
        put(backend, 1, seconds, service="predict")
    put(backend, 1, 0, namespace="Theirs", service="api")

    def listed(*asked: Any) -> list[str]:
        return [datum.dimensions[0].value for datum in _filtered(backend, *asked)]

    assert listed("Requests", "Ours", []) == ["api", "predict"]
    assert listed("Requests", "Ours", [{"Name": "service", "Value": "predict"}]) == ["predict"]
    assert listed("Others", "Ours", []) == []
    assert len(listed(None, None, [])) == 3


def test_capacity_is_counted_by_size() -> None:
    assert [read_units(size, consistent=True) for size in (0, 4096, 4097)] == [1, 1, 2]
    assert read_units(1, consistent=False) == 0.5
    assert [write_units(size) for size in (0, 1024, 1025)] == [1, 1, 2]
