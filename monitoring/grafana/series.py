"""Series that the exporter gives, and the few ways in which panels ask for them.

YACE exports a statistic of CloudWatch as a gauge: the value of the last whole minute, scraped once a minute.
So a count is summed over time, never passed to ``rate()``.
"""

from typing import Final

from csv_analyzer.metrics import Dimension, Metric
from monitoring.exporter.names import metric_name

NAMESPACE: Final = "CsvAnalyzer"
SERVICE: Final = f"dimension_{Dimension.SERVICE}"
ROUTE: Final = f"dimension_{Dimension.ROUTE}"
STATUS: Final = f"dimension_{Dimension.STATUS}"
BY_SERVICE: Final = f'{ROUTE}=""'
BY_ROUTE: Final = f'{ROUTE}!=""'


def ours(metric: Metric, statistic: str = "Sum", *labels: str) -> str:
    """Selector of a metric of this project, for instance ``ours(Metric.REQUESTS, "Sum", BY_ROUTE)``."""
    return _selector(metric_name(NAMESPACE, metric, statistic), labels)


def amazon(service: str, metric: str, statistic: str = "Sum", *labels: str) -> str:
    """Selector of a metric of AWS, for instance ``amazon("Lambda", "Errors")``."""
    return _selector(metric_name(f"AWS/{service}", metric, statistic), labels)


def per_minute(selector: str, *by: str) -> str:
    """Counts a minute, at every zoom and with minutes missing."""
    return f"{_over('sum', by, f'sum_over_time({selector}[$__interval])')} * 60000 / $__interval_ms"


def in_step(selector: str, *by: str) -> str:
    """Counts in each step of a graph: right where events are rare."""
    return _over("sum", by, f"sum_over_time({selector}[$__interval])")


def in_range(selector: str, *by: str) -> str:
    """Counts in the whole range that the dashboard shows."""
    return _over("sum", by, f"sum_over_time({selector}[$__range])")


def highest(selector: str, *by: str, window: str = "$__interval") -> str:
    """Largest value in each step, or in another window."""
    return _over("max", by, f"max_over_time({selector}[{window}])")


def lowest(selector: str, *by: str, window: str = "$__interval") -> str:
    """Smallest value in each step, or in another window."""
    return _over("min", by, f"min_over_time({selector}[{window}])")


def logical(expression: str, dimension: str, kind: str, label: str) -> str:
    """Expression with the logical id of a resource as a label.

    CloudFormation names a function ``<stack>-TrainFunction-<letters>``; panels show ``Train``.

    Parameters
    ----------
    expression:
        A vector that carries the dimension.
    dimension:
        Name in CloudWatch, for instance ``FunctionName``.
    kind:
        What the logical id ends in, for instance ``Function``.
    label:
        The new label.
    """
    pattern = f"(?:.*-)?([A-Za-z]+){kind}(?:-.*)?"
    return f'label_replace({expression}, "{label}", "$1", "dimension_{dimension}", "{pattern}")'


def or_zero(expression: str) -> str:
    """Expression that answers 0 where nothing was counted, for sums without labels."""
    return f"({expression}) or vector(0)"


def _selector(name: str, labels: tuple[str, ...]) -> str:
    return f"{name}{{{', '.join(labels)}}}" if labels else name


def _over(operator: str, by: tuple[str, ...], inner: str) -> str:
    return f"{operator} by ({', '.join(by)}) ({inner})" if by else f"{operator}({inner})"
