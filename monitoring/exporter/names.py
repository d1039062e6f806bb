"""Names that YACE gives to metrics, so that rules and dashboards can be held against its configuration."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitoring.exporter.render import jobs

_TO_UNDERSCORE = frozenset(" ,\t/\\.-:=@<>()“")


def snake_case(text: str) -> str:
    """Return text as YACE writes it: ``_`` before a capital after a small letter or a digit."""
    written = ""
    before = ""
    for letter in text:
        if letter in _TO_UNDERSCORE:
            written += "_"
        elif letter == "%":
            written += "_percent"
        else:
            parted = letter.isupper() and (before.islower() or before.isdigit())
            written += ("_" if parted else "") + letter.lower()
        before = letter
    return written


def metric_name(namespace: str, metric: str, statistic: str) -> str:
    """Return the name of a metric in Prometheus, after ``BuildMetricName`` in YACE's migrate.go."""
    prefix = snake_case(namespace.lower()).removeprefix("_")
    name = snake_case(metric)
    for part in prefix.split("_"):
        name = name.removeprefix(part)
    start = "" if prefix.startswith("aws") else "aws_"
    return f"{start}{prefix}_{name.removeprefix('_')}_{snake_case(statistic)}"


def metric_names(config: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and the labels of dimensions of all that a configuration exports."""
    for job in jobs(config):
        labels = tuple(f"dimension_{name}" for name in job["dimensionNameRequirements"])
        namespace = job.get("namespace") or job["type"]
        for metric in job["metrics"]:
            for statistic in metric.get("statistics", job["statistics"]):
                yield metric_name(namespace, metric["name"], statistic), labels
