"""Dashboard "Cost": an estimate from what was used and prices that are variables of the dashboard."""

from collections.abc import Callable, Mapping
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Timeseries

from infra.local.specs import Function
from monitoring.grafana.panels import Line, Price, Shown, board, graph, number
from monitoring.grafana.series import amazon, in_range, in_step, or_zero

PRICES: Final = (
    Price(
        "price_gb_second_arm64", "GB-second arm64", "0.0000133334", "Lambda, USD per GB and second on arm64."
    ),
    Price(
        "price_gb_second_x86_64",
        "GB-second x86_64",
        "0.0000166667",
        "Lambda, USD per GB and second on x86_64.",
    ),
    Price("price_invocations", "Million invocations", "0.20", "Lambda, USD per million invocations."),
    Price(
        "price_requests", "Million requests", "3.50", "API Gateway, USD per million requests to a REST API."
    ),
    Price("price_reads", "Million reads", "0.125", "DynamoDB on demand, USD per million read units."),
    Price("price_writes", "Million writes", "0.625", "DynamoDB on demand, USD per million write units."),
    Price("price_gb_month", "GB-month", "0.023", "S3 Standard, USD per GB and month."),
    Price("price_metrics", "Thousand metrics", "0.01", "CloudWatch, USD per thousand metrics that are read."),
)
_MONTH_SECONDS: Final = 30 * 24 * 3600
_UNIT: Final = "currencyUSD"

type Sum = Callable[..., str]


def cost(functions: Mapping[str, Function]) -> Dashboard:
    """Build the dashboard.

    Parameters
    ----------
    functions:
        Of the template by logical id: their memory and processor decide what a second costs.
    """
    return board(
        "csv-analyzer-cost",
        "Cost",
        "An estimate in USD from what was used and list prices of us-east-1, without free tiers, logs, "
        "traces, custom metrics, SnapStart and transfer. Set the prices of your region above.",
        [
            ("Sums", _sums(functions)),
            ("Over time", _over_time(functions)),
            ("What is paid for", _usage(functions)),
        ],
        prices=PRICES,
        since="now-7d",
    )


def _sums(functions: Mapping[str, Function]) -> list[Stat]:
    total = " + ".join(f"({part})" for part in _parts(functions, in_range, "$__range_s").values())
    compute = _compute(functions, in_range)
    return [
        number(
            Shown(
                "Cost of the range", "All that is estimated here.", unit=_UNIT, runbook="CostHigh", decimals=2
            ),
            Line(total, "USD"),
            width=6,
        ),
        number(
            Shown(
                "Cost of 30 days at this pace",
                "The cost of the range, stretched to 30 days.",
                unit=_UNIT,
                runbook="CostHigh",
                decimals=2,
            ),
            Line(f"({total}) / $__range_s * {_MONTH_SECONDS}", "USD"),
            width=6,
        ),
        number(
            Shown(
                "Share of computing in the cost", "Of Lambda's GB-seconds.", unit="percentunit", decimals=0
            ),
            Line(f"({compute}) / (({total}) > 0)", "share"),
            width=6,
        ),
        number(
            Shown(
                "Cost of a thousand requests",
                "The cost of the range over the requests at the door; empty where nobody asked.",
                unit=_UNIT,
                decimals=4,
            ),
            Line(f"({total}) / ({in_range(_requests())} > 0) * 1000", "USD"),
            width=6,
        ),
    ]


def _over_time(functions: Mapping[str, Function]) -> list[Timeseries]:
    parts = _parts(functions, in_step, "$__interval_ms / 1000")
    return [
        graph(
            Shown("Cost by service of AWS", "In each step.", unit=_UNIT, runbook="CostHigh"),
            *(Line(expression, name) for name, expression in parts.items()),
            width=12,
            stacked=True,
        ),
        graph(
            Shown(
                "Cost of computing by function",
                "In each step: memory in template.yaml, times duration.",
                unit=_UNIT,
            ),
            *(
                Line(f"{_gb_seconds(name, one, in_step)} * {_price(one)}", name.removesuffix("Function"))
                for name, one in functions.items()
            ),
            width=12,
            stacked=True,
        ),
    ]


def _usage(functions: Mapping[str, Function]) -> list[Timeseries]:
    return [
        graph(
            Shown("GB-seconds by function", "Duration times memory in each step."),
            *(
                Line(_gb_seconds(name, one, in_step), name.removesuffix("Function"))
                for name, one in functions.items()
            ),
            stacked=True,
        ),
        graph(
            Shown("Requests that are paid for", "At the door, and invocations, in each step."),
            Line(in_step(_requests()), "requests"),
            Line(in_step(_invocations()), "invocations"),
        ),
        graph(
            Shown(
                "Metrics read from CloudWatch", "What the exporter asks for in each step, and failed calls."
            ),
            Line(f"sum(increase({_READS}[$__rate_interval]))", "metrics"),
            Line("sum(increase(yace_cloudwatch_request_errors[$__rate_interval]))", "failed calls"),
        ),
    ]


_READS: Final = "yace_cloudwatch_getmetricdata_metrics_requested_total"


def _parts(functions: Mapping[str, Function], ask: Sum, seconds: str) -> dict[str, str]:
    # A step of one minute holds one sample of this counter: an increase needs two.
    window = "$__range" if ask is in_range else "$__rate_interval"
    read = f"sum(rate({_READS}[{window}]))"
    stored = amazon("S3", "BucketSizeBytes", "Average")
    return {
        "Lambda, GB-seconds": _compute(functions, ask),
        "Lambda, invocations": f"{_zero(ask(_invocations()))} / 1e6 * $price_invocations",
        "API Gateway": f"{_zero(ask(_requests()))} / 1e6 * $price_requests",
        "DynamoDB": (
            f"{_zero(ask(amazon('DynamoDB', 'ConsumedReadCapacityUnits')))} / 1e6 * $price_reads"
            f" + {_zero(ask(amazon('DynamoDB', 'ConsumedWriteCapacityUnits')))} / 1e6 * $price_writes"
        ),
        "S3, storage": (
            f"{_zero(f'sum(last_over_time({stored}[2d]))')} / 2^30"
            f" * $price_gb_month * {seconds} / {_MONTH_SECONDS}"
        ),
        "CloudWatch, reading": f"{_zero(read)} * {seconds} / 1e3 * $price_metrics",
    }


def _compute(functions: Mapping[str, Function], ask: Sum) -> str:
    return " + ".join(
        f"{_zero(_gb_seconds(name, one, ask))} * {_price(one)}" for name, one in functions.items()
    )


def _gb_seconds(name: str, function: Function, ask: Sum) -> str:
    selector = amazon(
        "Lambda",
        "Duration",
        "Sum",
        f'dimension_FunctionName=~"(?:.*-)?{name}(?:-.*)?"',
        'dimension_Resource=""',
    )
    return f"{ask(selector)} / 1000 * {function.memory_mb / 1024:g}"


def _price(function: Function) -> str:
    return f"$price_gb_second_{function.architecture}"


def _requests() -> str:
    return amazon("ApiGateway", "Count", "Sum", 'dimension_Stage!=""', 'dimension_Resource=""')


def _invocations() -> str:
    return amazon("Lambda", "Invocations", "Sum", 'dimension_FunctionName!=""', 'dimension_Resource=""')


def _zero(expression: str) -> str:
    return f"({or_zero(expression)})"
