"""Metrics that Lambda and API Gateway write themselves: counted as things happen, put in the background.

Units and dimensions are those of the platform (AWS/Lambda by FunctionName; AWS/ApiGateway by ApiName, and
by ApiName and Stage). As there, what nothing happened to has no data.
"""

import contextlib
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.runtime import FunctionPool

type Datum = dict[str, Any]

FLUSH_SECONDS = 5.0
_MOST_ANSWERS = 100_000
_MOST_VALUES = 150
_MOST_DATA = 1000


@dataclass(frozen=True)
class Answer:
    """An answer of the API; ``integration_ms`` is None where no function was asked."""

    status: int
    latency_ms: float
    integration_ms: float | None


class FunctionCounts:
    """What a function has done since the last time it was asked."""

    def __init__(self, pool: FunctionPool) -> None:
        self._pool = pool
        self._invocations = self._errors = self._throttles = self._ended = 0

    def take(self) -> list[Datum]:
        """Return the data of AWS/Lambda since the last call, empty when nothing happened."""
        pool = self._pool
        durations = pool.durations_ms[self._ended :]
        concurrency = pool.take_peak_concurrency()
        now = (pool.invocations, pool.errors, pool.throttles)
        invocations, errors, throttles = (
            now[0] - self._invocations,
            now[1] - self._errors,
            now[2] - self._throttles,
        )
        self._invocations, self._errors, self._throttles = now
        self._ended += len(durations)
        if not (invocations or errors or throttles or durations or concurrency):
            return []
        dimensions = {"FunctionName": pool.function.name}
        return [
            single("Invocations", float(invocations), "Count", dimensions),
            single("Errors", float(errors), "Count", dimensions),
            single("Throttles", float(throttles), "Count", dimensions),
            single("ConcurrentExecutions", float(concurrency), "Count", dimensions),
            *several("Duration", durations, "Milliseconds", dimensions),
        ]


def answer_data(answers: Sequence[Answer], dimensions: Mapping[str, str]) -> list[Datum]:
    """Return the data of AWS/ApiGateway for answers of one API."""
    if not answers:
        return []
    client = [float(400 <= answer.status < 500) for answer in answers]
    server = [float(answer.status >= 500) for answer in answers]
    integration = [answer.integration_ms for answer in answers if answer.integration_ms is not None]
    return [
        *several("Count", [1.0] * len(answers), "Count", dimensions),
        *several("4XXError", client, "Count", dimensions),
        *several("5XXError", server, "Count", dimensions),
        *several("Latency", [answer.latency_ms for answer in answers], "Milliseconds", dimensions),
        *several("IntegrationLatency", integration, "Milliseconds", dimensions),
    ]


def single(name: str, value: float, unit: str, dimensions: Mapping[str, str]) -> Datum:
    """Return a datum of one value."""
    return {"MetricName": name, "Dimensions": _dimensions(dimensions), "Value": value, "Unit": unit}


def several(name: str, values: Iterable[float], unit: str, dimensions: Mapping[str, str]) -> list[Datum]:
    """Return data of many values; one datum holds at most 150 different ones, as in CloudWatch."""
    counted = list(Counter(values).items())
    return [
        {
            "MetricName": name,
            "Dimensions": _dimensions(dimensions),
            "Values": [value for value, _count in part],
            "Counts": [float(count) for _value, count in part],
            "Unit": unit,
        }
        for part in (counted[i : i + _MOST_VALUES] for i in range(0, len(counted), _MOST_VALUES))
    ]


def _dimensions(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


class PlatformMetrics:
    """Puts the platform's metrics every few seconds, in a thread of its own.

    Parameters
    ----------
    put_metric_data:
        The method of the CloudWatch client.
    functions:
        The functions.
    api_name, stage:
        The API's dimensions.
    flush_seconds:
        The time between two puts. What happened in the last seconds of a minute can fall into the next.
    """

    def __init__(
        self,
        put_metric_data: Callable[..., Any],
        functions: Iterable[FunctionPool],
        api_name: str,
        stage: str,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        self._put = put_metric_data
        self._functions = [FunctionCounts(pool) for pool in functions]
        self._api = ({"ApiName": api_name}, {"ApiName": api_name, "Stage": stage})
        self._answers: deque[Answer] = deque(maxlen=_MOST_ANSWERS)
        self._flush_seconds = flush_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="platform-metrics", daemon=True)

    def start(self) -> None:
        """Begin to put metrics."""
        self._thread.start()

    def count_answer(self, answer: Answer) -> None:
        """Take an answer of the API; may be called from any thread and never waits."""
        self._answers.append(answer)

    def flush(self) -> None:
        """Put what happened since the last time."""
        answers = [self._answers.popleft() for _ in range(len(self._answers))]
        self._put_all("AWS/ApiGateway", [item for names in self._api for item in answer_data(answers, names)])
        self._put_all("AWS/Lambda", [item for counts in self._functions for item in counts.take()])

    def stop(self) -> None:
        """End the thread; what has not been put is dropped."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._flush_seconds):
            self.flush()

    def _put_all(self, namespace: str, data: Sequence[Datum]) -> None:
        for begin in range(0, len(data), _MOST_DATA):
            with contextlib.suppress(BotoCoreError, ClientError):
                self._put(Namespace=namespace, MetricData=data[begin : begin + _MOST_DATA])
