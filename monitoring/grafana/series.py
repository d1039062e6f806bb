"""Names of series as YACE exports them, and the few ways in which panels ask for them.

YACE exports a statistic of CloudWatch as a gauge: the value of the last whole minute, scraped once a minute.
So a count is summed over time, never passed to ``rate()``.
"""

from typing import Final

from csv_analyzer.metrics import Dimension, Metric

NAMESPACE: Final = "CsvAnalyzer"
SERVICE: Final = f"dimension_{Dimension.SERVICE}"
ROUTE: Final = f"dimension_{Dimension.ROUTE}"
STATUS: Final = f"dimension_{Dimension.STATUS}"
BY_SERVICE: Final = f'{ROUTE}=""'
BY_ROUTE: Final = f'{ROUTE}!=""'

_SEPARATORS: Final = frozenset(" ,\t/\\.-:=@<>()")


def snake(text: str) -> str:
    """Text as YACE spells it: ``PromString`` in its package ``promutil``.

    An underscore stands before an upper-case letter that follows a lower-case letter or a digit.
    """
    spelled: list[str] = []
    previous = ""
    for letter in text:
        if letter in _SEPARATORS:
            spelled.append("_")
        else:
            if letter.isupper() and (previous.islower() or previous.isdigit()):
                spelled.append("_")
            spelled.append(letter.lower())
        previous = letter
    return "".join(spelled)


def exported(namespace: str, metric: str, statistic: str) -> str:
    """Name of a series: ``BuildMetricName`` in YACE's package ``promutil``.

    Parameters
    ----------
    namespace:
        Of CloudWatch, for instance ``AWS/Lambda``.
    metric:
        Name in CloudWatch.
    statistic:
        ``Sum``, ``Average``, ``Maximum`` or a percentile such as ``p95``.
    """
    space = snake(namespace.lower())
    name = snake(metric)
    for part in space.split("_"):
        name = name.removeprefix(part)
    prefix = "" if space.startswith("aws") else "aws_"
    return f"{prefix}{space}_{name.removeprefix('_')}_{snake(statistic)}"


def ours(metric: Metric, statistic: str = "Sum", *labels: str) -> str:
    """Selector of a metric of this project, for instance ``ours(Metric.REQUESTS, "Sum", BY_ROUTE)``."""
    return _selector(exported(NAMESPACE, metric, statistic), labels)


def amazon(service: str, metric: str, statistic: str = "Sum", *labels: str) -> str:
    """Selector of a metric of AWS, for instance ``amazon("Lambda", "Errors")``."""
    return _selector(exported(f"AWS/{service}", metric, statistic), labels)


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
