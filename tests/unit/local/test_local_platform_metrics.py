"""What Lambda, API Gateway and SQS write themselves, from what the local stack has counted."""

import threading
from types import SimpleNamespace

import pytest
from moto.sqs.models import Message, Queue

from infra.local.moto_metrics import percentile, queue_values
from infra.local.platform_metrics import Answer, FunctionCounts, PlatformMetrics, answer_data, several


class FakePool:
    """The counters of a pool."""

    def __init__(self) -> None:
        self.function = SimpleNamespace(name="stack-api")
        self.invocations = self.errors = self.throttles = 0
        self.durations_ms: list[float] = []
        self.peak = 0

    def take_peak_concurrency(self) -> int:
        peak, self.peak = self.peak, 0
        return peak


def total(data: list[dict], name: str) -> float:
    return sum(
        item["Value"]
        if "Value" in item
        else sum(v * n for v, n in zip(item["Values"], item["Counts"], strict=True))
        for item in data
        if item["MetricName"] == name
    )


def test_a_function_has_data_only_for_what_happened_since_the_last_time():
    pool = FakePool()
    counts = FunctionCounts(pool)
    assert counts.take() == []
    pool.invocations, pool.errors, pool.throttles, pool.peak = 3, 1, 2, 2
    pool.durations_ms += [10.0, 10.0, 30.0]
    data = counts.take()
    names = ("Invocations", "Errors", "Throttles", "ConcurrentExecutions", "Duration")
    assert [total(data, name) for name in names] == [3, 1, 2, 2, 50]
    assert all(item["Dimensions"] == [{"Name": "FunctionName", "Value": "stack-api"}] for item in data)
    assert counts.take() == []
    pool.invocations = 4
    assert total(counts.take(), "Invocations") == 1


def test_each_answer_counts_once_and_by_its_kind():
    answers = [Answer(200, 5.0, 4.0), Answer(404, 7.0, 6.0), Answer(401, 1.0, None), Answer(504, 29e3, 29e3)]
    data = answer_data(answers, {"ApiName": "stack"})
    assert [total(data, name) for name in ("Count", "4XXError", "5XXError")] == [4, 2, 1]
    assert total(data, "Latency") == 29013
    assert total(data, "IntegrationLatency") == 29010
    # The average of an error metric is its rate, so an answer without an error is a zero.
    assert sum(n for item in data if item["MetricName"] == "5XXError" for n in item["Counts"]) == 4
    assert answer_data([], {"ApiName": "stack"}) == []


def test_a_datum_holds_no_more_values_than_cloudwatch_takes():
    data = several("Duration", map(float, range(301)), "Milliseconds", {})
    assert [len(item["Values"]) for item in data] == [150, 150, 1]
    assert total(data, "Duration") == sum(range(301))


def test_metrics_are_put_in_the_background_for_both_sets_of_dimensions():
    put: list[tuple[str, list[dict]]] = []
    done = threading.Event()

    def put_metric_data(*, Namespace: str, MetricData: list[dict]) -> None:
        put.append((Namespace, MetricData))
        done.set()

    metrics = PlatformMetrics(put_metric_data, [], "stack", "v1", flush_seconds=0.01)
    metrics.count_answer(Answer(200, 5.0, 4.0))
    metrics.start()
    assert done.wait(30)
    metrics.stop()
    [(namespace, data)] = put
    assert namespace == "AWS/ApiGateway"
    dimensions = [
        tuple(d["Value"] for d in item["Dimensions"]) for item in data if item["MetricName"] == "Count"
    ]
    assert dimensions == [("stack",), ("stack", "v1")]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([3.0], 95, 3.0), ([1.0, 2.0, 3.0], 50, 2.0), ([4.0, 1.0], 100, 4.0), ([0.0, 10.0], 95, 9.5)],
)
def test_a_percentile_lies_between_the_nearest_values(values: list[float], percent: float, expected: float):
    assert percentile(values, percent) == expected


def test_a_queue_tells_how_many_messages_wait_and_how_old_the_oldest_is():
    queue = Queue("q", "us-east-1", "123456789012")
    waiting, taken = Message("1", "a"), Message("2", "b")
    for message, sent in ((waiting, 50_000), (taken, 20_000)):
        message.sent_timestamp = sent
        queue.add_message(message)
    taken.mark_received(visibility_timeout=1000)
    values = queue_values(queue, {"NumberOfMessagesSent": 2}, 80_000.0)
    assert {name: value for name, (value, _unit) in values.items() if value} == {
        "ApproximateAgeOfOldestMessage": 60.0,
        "ApproximateNumberOfMessagesVisible": 1.0,
        "ApproximateNumberOfMessagesNotVisible": 1.0,
        "NumberOfMessagesSent": 2.0,
    }
