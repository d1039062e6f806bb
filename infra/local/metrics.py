"""Metrics of the functions: lines in the embedded metric format become metrics in moto's CloudWatch."""

import contextlib
import json
import queue
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_MAX_WAITING = 1000
_MOST_DATA = 1000
_MAX_LINE = 256 * 1024


def parse_embedded_metrics(line: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the metrics in a log line: namespaces, each with data for put_metric_data.

    A line that is not in the embedded metric format gives an empty list.
    """
    if '"_aws"' not in line or len(line) > _MAX_LINE:
        return []
    try:
        document = json.loads(line)
        aws = document["_aws"]
        time = datetime.fromtimestamp(aws["Timestamp"] / 1000, UTC)
        return [
            (directive["Namespace"], _metric_data(document, directive, time))
            for directive in aws["CloudWatchMetrics"]
        ]
    except (ValueError, KeyError, TypeError):
        return []


def _metric_data(
    document: Mapping[str, Any], directive: Mapping[str, Any], time: datetime
) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = []
    for names in directive.get("Dimensions") or [[]]:
        dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
        for metric in directive["Metrics"]:
            value = document[metric["Name"]]
            data.extend(
                {
                    "MetricName": metric["Name"],
                    "Dimensions": dimensions,
                    "Timestamp": time,
                    "Value": float(item),
                    "Unit": metric.get("Unit", "None"),
                }
                for item in (value if isinstance(value, list) else [value])
            )
    return data


class MetricsBridge:
    """Carries metrics to CloudWatch in a thread of its own; drops them when too many wait.

    Parameters
    ----------
    put_metric_data:
        The method of the CloudWatch client.
    """

    def __init__(self, put_metric_data: Callable[..., Any]) -> None:
        self._put = put_metric_data
        self._waiting: queue.Queue[tuple[str, list[dict[str, Any]]] | None] = queue.Queue(_MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def take_line(self, line: str) -> None:
        """Take the metrics of one log line."""
        for item in parse_embedded_metrics(line):
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(item)

    def stop(self) -> None:
        """End the thread; what still waits is dropped."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._batch():
            for namespace, data in batch.items():
                for begin in range(0, len(data), _MOST_DATA):
                    with contextlib.suppress(BotoCoreError, ClientError):
                        self._put(Namespace=namespace, MetricData=data[begin : begin + _MOST_DATA])

    def _batch(self) -> dict[str, list[dict[str, Any]]]:
        """Wait, and return all that waits, by namespace; nothing at the end.

        One request for each line would be slower than the functions of a busy stack, and metrics come late.
        """
        batch: dict[str, list[dict[str, Any]]] = {}
        item = self._waiting.get()
        while item is not None:
            namespace, data = item
            batch.setdefault(namespace, []).extend(data)
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return batch
        return {}
