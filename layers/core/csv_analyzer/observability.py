"""The logger and the metrics of a function; both take the service's name from the environment."""

import functools
import re
import resource
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer.metrics import Dimension, Metric, RouteClass, StatusClass

logger = Logger()
metrics = Metrics()

type Handler[T] = Callable[[dict[str, Any], LambdaContext], T]

_KIBIBYTES = 1024
_ORIGIN = "request-id"
_UNUSUAL = {"unseen_category": Metric.UNSEEN_CATEGORIES, "out_of_range": Metric.OUT_OF_RANGE}


def observed[T](*, correlation_id_path: str | None = None) -> Callable[[Handler[T]], Handler[T]]:
    """Decorate a handler: its logs carry the request's id, and its metrics are written when it ends.

    Besides its own metrics these are what its process cost.

    Parameters
    ----------
    correlation_id_path : str, optional
        Where an event says what the work belongs to (JMESPath).
    """

    def decorate(handler: Handler[T]) -> Handler[T]:
        @functools.wraps(handler)
        def measured(event: dict[str, Any], context: LambdaContext) -> T:
            try:
                return handler(event, context)
            finally:
                _process.tell()

        return logger.inject_lambda_context(
            metrics.log_metrics(measured), correlation_id_path=correlation_id_path, clear_state=True
        )

    return decorate


def count_unusual(values: Mapping[str, int]) -> None:
    """Count values of rows that training never saw, by the codes of warnings."""
    for code, metric in _UNUSUAL.items():
        metrics.add_metric(metric, MetricUnit.Count, values.get(code, 0))


class _Process:
    """What this process and its children cost, told invocation by invocation."""

    def __init__(self) -> None:
        self._cold = True
        self._cpu_seconds = 0.0

    def tell(self) -> None:
        """Add the metrics of one invocation; its processor time begins where that of the last one ended.

        So a cold start has that of its imports, and no thread between two invocations is forgotten.
        """
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu_seconds = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        # Linux counts in KiB, as all that Lambda runs on.
        memory = max(usage.ru_maxrss for usage in usages) / _KIBIBYTES
        metrics.add_metric(Metric.COLD_STARTS, MetricUnit.Count, int(self._cold))
        metrics.add_metric(Metric.CPU_SECONDS, MetricUnit.Seconds, cpu_seconds - self._cpu_seconds)
        metrics.add_metric(Metric.MEMORY_MEGABYTES, MetricUnit.Megabytes, memory)
        self._cold, self._cpu_seconds = False, cpu_seconds


_process = _Process()


def request_id() -> str:
    """Id of the request that is being answered, kept with what it orders; empty outside of one."""
    return logger.get_correlation_id() or ""


def origin() -> dict[str, str]:
    """User metadata for the object that somebody may upload by the answer to this request; for `work_on`."""
    return {_ORIGIN: request_id()} if request_id() else {}


def work_on(metadata: Mapping[str, str]) -> None:
    """Let the logs of this invocation carry the id of the request that let this object be uploaded.

    Whoever may write into the drop folder may write any metadata: what can be no id is left out.
    """
    ordered_by = metadata.get(_ORIGIN, "")
    if re.fullmatch(r"[\w=-]{1,100}", ordered_by, re.ASCII):
        work_for(ordered_by)


def work_for(ordered_by: str) -> None:
    """Let the logs of this invocation carry the id of the request that ordered its work, if one did."""
    if ordered_by:
        logger.set_correlation_id(ordered_by)


def count_request(route: RouteClass, status: int, milliseconds: float) -> None:
    """Count a request, how long it took, and whether the caller or the service was at fault.

    Requests and their time are counted for the service, and for each class of routes and of statuses: on a
    line of their own, because every metric on a line has all of its dimensions.

    Parameters
    ----------
    route : RouteClass
        What was asked for.
    status : int
        What was answered.
    milliseconds : float
        How long the function took.
    """
    if status >= 500:
        metrics.add_metric(Metric.REQUEST_ERRORS, MetricUnit.Count, 1)
    elif status >= 400:
        metrics.add_metric(Metric.REQUEST_FAULTS, MetricUnit.Count, 1)
    line = EphemeralMetrics()
    line.add_dimensions(
        **{
            Dimension.SERVICE: str(line.service),
            Dimension.ROUTE: route,
            Dimension.STATUS: StatusClass.of(status),
        }
    )
    line.add_metric(Metric.REQUESTS, MetricUnit.Count, 1)
    line.add_metric(Metric.LATENCY_MILLISECONDS, MetricUnit.Milliseconds, milliseconds)
    line.flush_metrics()
