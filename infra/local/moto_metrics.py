"""What moto's CloudWatch lacks: percentiles, and the metrics that services write about themselves.

Runs in moto's own process, the only place that knows how old the messages of a queue are.
"""

import functools
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.models import Statistics, cloudwatch_backends
from moto.core.utils import unix_time_millis
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from infra.local.moto_storage_metrics import add_storage_metrics, flush_table_metrics

FLUSH_SECONDS = 5.0
_IDLE_SECONDS = 60.0
_PERCENTILE = re.compile(r"p(100(?:\.0+)?|\d{1,2}(?:\.\d+)?)")
_get_statistics_for_type = Statistics.get_statistics_for_type
_counts: Counter[tuple[str, str]] = Counter()
_counts_lock = threading.Lock()


def percentile(values: list[float], percent: float) -> float:
    """Return a percentile by linear interpolation between the two nearest values."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@functools.wraps(_get_statistics_for_type)
def _statistic(data: Statistics, stat: str) -> Any:
    found = _PERCENTILE.fullmatch(stat)
    if found is None:
        return _get_statistics_for_type(data, stat)
    values = data.metric_single_values_list
    return percentile(values, float(found[1])) if values else None


def _count(queue: str, metric: str, number: int) -> None:
    with _counts_lock:
        _counts[queue, metric] += number


def _counted(original: Any, metric: str) -> Any:
    @functools.wraps(original)
    def call(backend: SQSBackend, queue_name: str, *args: Any, **named: Any) -> Any:
        answer = original(backend, queue_name, *args, **named)
        _count(queue_name, metric, len(answer) if isinstance(answer, list) else 1)
        return answer

    return call


def queue_values(queue: Queue, counts: Mapping[str, int], now_ms: float) -> dict[str, tuple[float, str]]:
    """Return value and unit of each metric of a queue.

    Parameters
    ----------
    queue:
        The queue.
    counts:
        How many messages were sent, received and deleted since the last time, by the metric's name.
    now_ms:
        The time, in milliseconds since 1970.
    """
    messages: list[Any] = list(queue._messages)  # noqa: SLF001  # moto gives no other way to all of them
    delayed = sum(message.delayed for message in messages)
    visible = sum(message.visible and not message.delayed for message in messages)
    oldest = min((message.sent_timestamp for message in messages), default=now_ms)
    return {
        "ApproximateAgeOfOldestMessage": (max(0.0, (now_ms - oldest) / 1000), "Seconds"),
        "ApproximateNumberOfMessagesVisible": (float(visible), "Count"),
        "ApproximateNumberOfMessagesDelayed": (float(delayed), "Count"),
        "ApproximateNumberOfMessagesNotVisible": (float(len(messages) - visible - delayed), "Count"),
        **{
            name: (float(counts.get(name, 0)), "Count")
            for name in ("NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted")
        },
    }


def flush_queue_metrics(last: dict[str, float]) -> None:
    """Put the metrics of all queues; of one that is empty and unused, only once a minute.

    Parameters
    ----------
    last:
        When each queue was last put; kept by the caller from one call to the next.
    """
    with _counts_lock:
        counts = dict(_counts)
        _counts.clear()
    for account, regions in list(sqs_backends.items()):
        for region, backend in list(regions.items()):
            for name, queue in list(backend.queues.items()):
                own = {metric: number for (of, metric), number in counts.items() if of == name}
                values = queue_values(queue, own, unix_time_millis())
                now = time.monotonic()
                idle = not any(value for value, _unit in values.values())
                if idle and now - last.get(name, -_IDLE_SECONDS) < _IDLE_SECONDS:
                    continue
                last[name] = now
                cloudwatch_backends[account][region].put_metric_data(
                    "AWS/SQS",
                    [
                        {
                            "MetricName": metric,
                            "Dimensions": [{"Name": "QueueName", "Value": name}],
                            "Value": value,
                            "Unit": unit,
                        }
                        for metric, (value, unit) in values.items()
                    ],
                )


def _run() -> None:
    last: dict[str, float] = {}
    while True:
        time.sleep(FLUSH_SECONDS)
        flush_queue_metrics(last)
        flush_table_metrics()


def add_metrics() -> None:
    """Give moto in this process percentiles, and start to measure its queues, tables and buckets."""
    add_storage_metrics()
    for owner, name, replacement in (
        (Statistics, "get_statistics_for_type", _statistic),
        (SQSBackend, "send_message", _counted(SQSBackend.send_message, "NumberOfMessagesSent")),
        (SQSBackend, "receive_message", _counted(SQSBackend.receive_message, "NumberOfMessagesReceived")),
        (SQSBackend, "delete_message", _counted(SQSBackend.delete_message, "NumberOfMessagesDeleted")),
    ):
        setattr(owner, name, replacement)
    threading.Thread(target=_run, name="service-metrics", daemon=True).start()
