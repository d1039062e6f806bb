"""What a stack costs in a month, by what is done with it: ``python -m infra.costs``.

List prices of us-east-1 in US dollars, without free tiers other than CloudWatch's ten alarms and ten metrics.
Those of computing, requests and storage are those of the dashboard "Cost"; the rest is "Amazon CloudWatch
pricing": an alarm, a metric and a gigabyte of logs, and "AWS KMS pricing": a key.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.specs import Function
from infra.local.template import Template
from monitoring.exporter.cost import SERIES, SERIES_OF_SERVICES
from monitoring.exporter.render import render
from monitoring.grafana.cost import PRICES

ROOT = Path(__file__).resolve().parent.parent
MONTH_SECONDS = 30 * 24 * 3600
MILLION = 1_000_000
ALARM, METRIC, LOG_GIGABYTE, KEY = 0.10, 0.30, 0.50, 1.00
FREE_ALARMS = FREE_METRICS = 10
# Seconds that an invocation is billed: of a warm request, of an analysis, and of what looks for work in vain.
REQUEST_SECONDS, ANALYSIS_SECONDS, LOOK_SECONDS = 0.02, 20, 0.2
# What a training takes beyond its budget: reading, the last fits, exports.
AROUND_TRAINING_SECONDS = 30
# Bytes of log for each request, the gateway's line among them; seconds between the looks of the schedules.
REQUEST_LOG_BYTES = 2_000
LOOKS = {"EraseFunction": 120, "TrackingFunction": 300, "DriftFunction": 3600}
# Written while nothing is asked: cold starts, processor time and memory of these three, and drift's own.
IDLE_METRICS = 3 * len(LOOKS) + 8


@dataclass(frozen=True)
class Usage:
    """What is done in a month.

    Parameters
    ----------
    name : str
        For the table.
    trainings : int
        How many, each of a file of its own.
    budget_seconds : int
        How long each searches.
    requests : int
        To predict.
    gigabytes : float
        Stored in the bucket.
    hours : int
        In which something is done: CloudWatch charges a metric for the hours in which it is written.
    """

    name: str
    trainings: int = 0
    budget_seconds: int = 60
    requests: int = 0
    gigabytes: float = 0.0
    hours: int = 0


USAGES = (
    Usage("idle"),
    Usage("one analyst", trainings=40, requests=20_000, gigabytes=2, hours=60),
    Usage("a team", trainings=400, budget_seconds=120, requests=2 * MILLION, gigabytes=50, hours=300),
    Usage("a product", trainings=2_000, budget_seconds=300, requests=50 * MILLION, gigabytes=500, hours=720),
)


def monthly(usage: Usage, functions: Mapping[str, Function], alarms: int) -> dict[str, float]:
    """Return the dollars of a month by what is paid for.

    Parameters
    ----------
    usage : Usage
        What is done.
    functions : mapping
        Of the template: memory and processor.
    alarms : int
        Of the template.
    """
    price = {each.name: float(each.value) for each in PRICES}

    def lambda_dollars(name: str, invocations: float, seconds: float) -> float:
        function = functions[name]
        gigabyte_second = price[f"price_gb_second_{function.architecture}"]
        computed = invocations * seconds * function.memory_mb / 1024 * gigabyte_second
        return computed + invocations / MILLION * price["price_invocations"]

    metrics = IDLE_METRICS + (_series() - IDLE_METRICS) * usage.hours * 3600 / MONTH_SECONDS
    logs = usage.requests * REQUEST_LOG_BYTES / 1e9
    return {
        "training": lambda_dollars(
            "TrainFunction", usage.trainings, usage.budget_seconds + AROUND_TRAINING_SECONDS
        )
        + lambda_dollars("AnalyzeFunction", usage.trainings, ANALYSIS_SECONDS),
        "predicting": lambda_dollars("PredictFunction", usage.requests, REQUEST_SECONDS)
        + usage.requests / MILLION * (price["price_requests"] + price["price_reads"]),
        "schedules": sum(
            lambda_dollars(name, MONTH_SECONDS / every, LOOK_SECONDS) for name, every in LOOKS.items()
        ),
        "storage": usage.gigabytes * price["price_gb_month"],
        "watching": max(0, alarms - FREE_ALARMS) * ALARM
        + max(0, metrics - FREE_METRICS) * METRIC
        + logs * LOG_GIGABYTE
        + KEY,
    }


def _series() -> int:
    """Metrics of ours that exist where all functions are at work."""
    count = 0
    for job in render({"AWS_REGION": "us-east-1"})["customNamespace"]:
        series = SERIES[tuple(job["dimensionNameRequirements"])]
        of_services = SERIES_OF_SERVICES if job["name"] == "service" else {}
        count += sum(of_services.get(metric["name"], series) for metric in job["metrics"])
    return count


def table() -> str:
    """Return the costs of all usages as a table in Markdown."""
    template = Template.load(ROOT / "template.yaml")
    stacks = (template, template.nested["Monitoring"])
    alarms = sum(len(stack.of_type("AWS::CloudWatch::Alarm")) for stack in stacks)
    costs = {usage: monthly(usage, template.functions, alarms) for usage in USAGES}
    parts = list(next(iter(costs.values())))
    lines = [
        f"| a month of | trainings | requests | hours | stored | {' | '.join(parts)} | together |",
        f"|---|{'---|' * (len(parts) + 5)}",
    ]
    for usage, cost in costs.items():
        trainings = f"{usage.trainings:,} of {usage.budget_seconds} s" if usage.trainings else "0"
        figures = " | ".join(f"{dollars:,.2f}" for dollars in (*cost.values(), sum(cost.values())))
        done = f"{trainings} | {usage.requests:,} | {usage.hours} | {usage.gigabytes:g} GB"
        lines.append(f"| {usage.name} | {done} | {figures} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
