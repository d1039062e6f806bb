"""Dashboard "Service health": requests, functions, queues, catalog, bucket, erasures, exporter."""

from collections.abc import Callable
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Timeseries

from csv_analyzer.metrics import Metric
from monitoring.grafana.panels import Line, Shown, board, graph, number
from monitoring.grafana.series import (
    BY_ROUTE,
    BY_SERVICE,
    ROUTE,
    SERVICE,
    STATUS,
    amazon,
    highest,
    in_range,
    in_step,
    logical,
    or_zero,
    ours,
    per_minute,
)

_SERVICE_LEGEND: Final = f"{{{{{SERVICE}}}}}"
_ROUTE_LEGEND: Final = f"{{{{{ROUTE}}}}}"
_FUNCTION_LEGEND: Final = "{{function}}"
# CloudWatch also has series of a whole account, of a version and of one method: they count the same again.
_FUNCTION: Final = 'dimension_FunctionName!=""'
_STAGE: Final = 'dimension_Stage!=""'
_WHOLE: Final = 'dimension_Resource=""'


def health() -> Dashboard:
    """Build the dashboard."""
    return board(
        "csv-analyzer-health",
        "Service health",
        "Whether the API answers, how fast, and what each function and store uses.",
        [
            ("At a glance", _glance()),
            ("Requests", _requests()),
            ("Functions", _functions()),
            ("Events and queues", _queues()),
            ("Catalog, data and erasures", _stores()),
        ],
    )


def _glance() -> list[Stat]:
    requests = in_range(ours(Metric.REQUESTS, "Sum", BY_SERVICE))
    errors = or_zero(in_range(ours(Metric.REQUEST_ERRORS)))
    return [
        number(
            Shown("Requests in the range", "Requests that the functions behind the API answered."),
            Line(or_zero(requests), "requests"),
        ),
        number(
            Shown(
                "Share of requests answered 5xx",
                "The service was at fault. Empty where nobody asked.",
                unit="percentunit",
                warn=0.001,
                alarm=0.01,
                runbook="ApiServerErrors",
                decimals=2,
            ),
            Line(f"({errors}) / ({requests} > 0)", "5xx"),
        ),
        number(
            Shown(
                "Slowest 5 % of requests take",
                "The highest 95th percentile of a minute and service in the range.",
                unit="ms",
                warn=1000,
                alarm=3000,
                runbook="LatencyHigh",
            ),
            Line(
                highest(ours(Metric.LATENCY_MILLISECONDS, "p95", BY_SERVICE), window="$__range"),
                "p95",
            ),
        ),
        number(
            Shown(
                "Messages in dead letter queues",
                "Each failed five times; its owner was told. Mend the fault, then redrive the queue.",
                alarm=1,
                runbook="DeadLetters",
            ),
            Line(
                or_zero(
                    "sum(last_over_time("
                    + amazon(
                        "SQS",
                        "ApproximateNumberOfMessagesVisible",
                        "Maximum",
                        'dimension_QueueName=~".*DeadLetterQueue.*"',
                    )
                    + "[10m]))"
                ),
                "messages",
            ),
        ),
        number(
            Shown(
                "Throttled invocations in the range",
                "The concurrency of the account or of the function was used up.",
                alarm=1,
                runbook="FunctionThrottled",
            ),
            Line(or_zero(in_range(amazon("Lambda", "Throttles", "Sum", _FUNCTION, _WHOLE))), "throttles"),
        ),
        number(
            Shown(
                "Exporters that answer",
                "0: every other panel is blind from then on.",
                warn=1,
                low=True,
                runbook="ExporterDown",
            ),
            Line('sum(up{job="exporter"})', "exporters"),
        ),
    ]


def _requests() -> list[Timeseries]:
    by_route = ours(Metric.REQUESTS, "Sum", BY_ROUTE)
    return [
        graph(
            Shown("Requests by route", "Requests a minute by class of route.", unit="reqpm"),
            Line(per_minute(by_route, ROUTE), _ROUTE_LEGEND),
            stacked=True,
        ),
        graph(
            Shown("Requests by status", "Requests a minute by class of status.", unit="reqpm"),
            Line(per_minute(by_route, STATUS), f"{{{{{STATUS}}}}}"),
            stacked=True,
        ),
        graph(
            Shown(
                "Server errors by route",
                "Requests that were answered 5xx: the service was at fault.",
                alarm=1,
                runbook="ApiServerErrors",
            ),
            Line(in_step(ours(Metric.REQUESTS, "Sum", BY_ROUTE, f'{STATUS}="5xx"'), ROUTE), _ROUTE_LEGEND),
        ),
        graph(
            Shown("Faulty requests by route", "Requests that were answered 4xx: the caller was at fault."),
            Line(in_step(ours(Metric.REQUESTS, "Sum", BY_ROUTE, f'{STATUS}="4xx"'), ROUTE), _ROUTE_LEGEND),
        ),
        graph(
            Shown(
                "Errors and faults by service",
                "5xx and 4xx as the functions count them.",
                alarm=1,
                runbook="ApiServerErrors",
            ),
            Line(in_step(ours(Metric.REQUEST_ERRORS), SERVICE), f"{_SERVICE_LEGEND} 5xx"),
            Line(in_step(ours(Metric.REQUEST_FAULTS), SERVICE), f"{_SERVICE_LEGEND} 4xx"),
        ),
        graph(
            Shown(
                "Errors at the door",
                "What API Gateway answered: also what never reached a function, such as a bad token.",
                alarm=1,
                runbook="ApiServerErrors",
            ),
            Line(in_step(amazon("ApiGateway", "5XXError", "Sum", _STAGE, _WHOLE)), "5xx"),
            Line(in_step(amazon("ApiGateway", "4XXError", "Sum", _STAGE, _WHOLE)), "4xx"),
            Line(in_step(amazon("ApiGateway", "Count", "Sum", _STAGE, _WHOLE)), "all requests"),
        ),
        graph(
            Shown(
                "Latency by route, 95th percentile",
                "Time in the function; the highest minute and status of each step.",
                unit="ms",
                warn=1000,
                alarm=3000,
                runbook="LatencyHigh",
            ),
            Line(highest(ours(Metric.LATENCY_MILLISECONDS, "p95", BY_ROUTE), ROUTE), _ROUTE_LEGEND),
        ),
        graph(
            Shown("Latency by service", "Mean and 95th percentile of the highest minute.", unit="ms"),
            Line(
                highest(ours(Metric.LATENCY_MILLISECONDS, "p95", BY_SERVICE), SERVICE),
                f"{_SERVICE_LEGEND} p95",
            ),
            Line(
                highest(ours(Metric.LATENCY_MILLISECONDS, "Average", BY_SERVICE), SERVICE),
                f"{_SERVICE_LEGEND} mean",
            ),
        ),
        graph(
            Shown(
                "Latency at the door",
                "From the first byte in to the last byte out; the integration is the functions' part.",
                unit="ms",
            ),
            Line(highest(amazon("ApiGateway", "Latency", "p95", _STAGE, _WHOLE)), "all, p95"),
            Line(
                highest(amazon("ApiGateway", "IntegrationLatency", "p95", _STAGE, _WHOLE)), "integration, p95"
            ),
        ),
    ]


def _functions() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Invocations by function",
                "Invocations a minute.",
                unit="cpm",
                runbook="TrafficStopped",
            ),
            Line(_by_function(per_minute, "Invocations"), _FUNCTION_LEGEND),
        ),
        graph(
            Shown(
                "Failed invocations by function",
                "A function raised, ran into its timeout or out of memory.",
                alarm=1,
            ),
            Line(_by_function(in_step, "Errors"), _FUNCTION_LEGEND),
        ),
        graph(
            Shown(
                "Throttles by function",
                "Invocations that Lambda refused: concurrency was used up.",
                alarm=1,
                runbook="FunctionThrottled",
            ),
            Line(_by_function(in_step, "Throttles"), _FUNCTION_LEGEND),
        ),
        graph(
            Shown("Duration by function", "The longest invocation of each step.", unit="ms"),
            Line(_by_function(highest, "Duration", "Maximum"), _FUNCTION_LEGEND),
        ),
        graph(
            Shown("Concurrent executions", "Of each function, the most in each step."),
            Line(_by_function(highest, "ConcurrentExecutions", "Maximum"), _FUNCTION_LEGEND),
        ),
        graph(
            Shown("Cold starts", "New environments in each step."),
            Line(in_step(ours(Metric.COLD_STARTS), SERVICE), _SERVICE_LEGEND),
        ),
        graph(
            Shown("CPU time", "Seconds of processor time that each service used in each step.", unit="s"),
            Line(in_step(ours(Metric.CPU_SECONDS), SERVICE), _SERVICE_LEGEND),
        ),
        graph(
            Shown(
                "Memory, high-water mark",
                "The most that a process of the service held; Lambda ends it at the memory in template.yaml.",
                unit="mbytes",
            ),
            Line(highest(ours(Metric.MEMORY_MEGABYTES, "Maximum"), SERVICE), _SERVICE_LEGEND),
        ),
        graph(
            Shown("Scoring time", "Of one request, without reading it: mean and 95th percentile.", unit="ms"),
            Line(highest(ours(Metric.SCORING_MILLISECONDS, "Average")), "mean"),
            Line(highest(ours(Metric.SCORING_MILLISECONDS, "p95")), "p95"),
        ),
        graph(
            Shown("Rows predicted", "Rows a minute that predict answered.", unit="cpm"),
            Line(per_minute(ours(Metric.PREDICTIONS)), "rows"),
            width=12,
        ),
        graph(
            Shown(
                "Models loaded by predict",
                "A model is read from the bucket when an environment is asked for it the first time.",
            ),
            Line(in_step(ours(Metric.MODEL_LOADS)), "loads"),
            width=12,
        ),
    ]


def _queues() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Age of the oldest message",
                "How long the first in each queue has waited.",
                unit="s",
                warn=900,
                alarm=3600,
                runbook="QueueWaiting",
            ),
            Line(
                _by_queue("ApproximateAgeOfOldestMessage"),
                "{{queue}}",
            ),
        ),
        graph(
            Shown(
                "Messages waiting by queue",
                "Also in the dead letter queues, where none should be.",
                runbook="DeadLetters",
            ),
            Line(_by_queue("ApproximateNumberOfMessagesVisible"), "{{queue}}"),
        ),
        graph(
            Shown(
                "Events by service",
                "Messages and events that came, and those of them that had been done already.",
            ),
            Line(in_step(ours(Metric.EVENTS), SERVICE), _SERVICE_LEGEND),
            Line(in_step(ours(Metric.REPEATED_EVENTS), SERVICE), f"{_SERVICE_LEGEND} repeated"),
        ),
    ]


def _stores() -> list[Timeseries]:
    return [
        graph(
            Shown("Catalog, capacity used", "Units of DynamoDB a minute.", unit="cpm"),
            Line(per_minute(amazon("DynamoDB", "ConsumedReadCapacityUnits")), "read units"),
            Line(per_minute(amazon("DynamoDB", "ConsumedWriteCapacityUnits")), "write units"),
        ),
        graph(
            Shown(
                "Catalog, throttled",
                "Reads and writes that DynamoDB throttled; they are tried again.",
                alarm=1,
            ),
            Line(in_step(amazon("DynamoDB", "ReadThrottleEvents")), "reads"),
            Line(in_step(amazon("DynamoDB", "WriteThrottleEvents")), "writes"),
        ),
        graph(
            Shown("Data stored", "Bytes in the bucket; S3 counts once a day.", unit="bytes"),
            Line(
                "max by (dimension_StorageType) (last_over_time("
                + amazon("S3", "BucketSizeBytes", "Average")
                + "[2d]))",
                "{{dimension_StorageType}}",
            ),
        ),
        graph(
            Shown("Objects stored", "Objects in the bucket; S3 counts once a day."),
            Line(
                "max(last_over_time(" + amazon("S3", "NumberOfObjects", "Average") + "[2d]))",
                "objects",
            ),
        ),
        graph(
            Shown(
                "Erasures",
                "What users erased and what is gone for good; a failure is tried again.",
                alarm=1,
                runbook="ErasuresFailing",
            ),
            Line(in_step(ours(Metric.ERASURES_COMPLETED), SERVICE), f"{_SERVICE_LEGEND} completed"),
            Line(in_step(ours(Metric.ERASURES_FAILED), SERVICE), f"{_SERVICE_LEGEND} failed"),
        ),
        graph(
            Shown("Objects erased", "Objects of the bucket that erasures deleted."),
            Line(in_step(ours(Metric.OBJECTS_ERASED)), "objects"),
        ),
    ]


def _by_function(ask: Callable[..., str], metric: str, statistic: str = "Sum") -> str:
    dimension = "dimension_FunctionName"
    expression = ask(amazon("Lambda", metric, statistic, _FUNCTION, _WHOLE), dimension)
    return logical(expression, "FunctionName", "Function", "function")


def _by_queue(metric: str) -> str:
    return logical(
        highest(amazon("SQS", metric, "Maximum"), "dimension_QueueName"), "QueueName", "Queue", "queue"
    )
