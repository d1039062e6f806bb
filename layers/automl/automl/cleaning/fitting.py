"""From what a column step asks for to what `scoring` runs: everything that a step estimates from a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from automl.cleaning.statistics import group_statistics, quantile, statistic, told, told_groups
from scoring.cleaning import steps as portable
from scoring.cleaning.conversions import DATE
from scoring.cleaning.steps import CleaningStep, Types, is_missing
from scoring.cleaning.vocabulary.base import ColumnStep
from scoring.cleaning.vocabulary.cell_steps import Clip, Impute, MapValues, MarkMissing, Trim
from scoring.cleaning.vocabulary.fields import KEEP, cell_of, key_of, shown
from scoring.cleaning.vocabulary.schema_steps import ChangeType, ParseDates, Rename
from scoring.columns import Column

type Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Fitted:
    """A column step with what was estimated for it.

    Parameters
    ----------
    steps
        What `scoring` runs.
    estimated
        What was worked out from the table, JSON-able.
    """

    steps: tuple[CleaningStep, ...]
    estimated: tuple[dict[str, Any], ...] = ()


def fit(step: ColumnStep, columns: Columns, types: Types) -> Fitted:  # noqa: PLR0911 - one kind of step a line
    """Estimate what a step needs.

    Parameters
    ----------
    step
        One that fits the columns.
    columns, types
        Raw columns as the steps before leave them, with the type of each.

    Raises
    ------
    ValueError
        When it cannot be estimated.
    """
    match step:
        case Rename():
            return Fitted((portable.Rename(dict(step.columns)),))
        case ChangeType():
            written = {"decimal": step.decimal, "thousands": step.thousands}
            return _conversions(step.columns, types, step.type, **written)
        case ParseDates():
            return _conversions(step.columns, types, DATE, date_format=step.format)
        case Trim():
            return Fitted(tuple(portable.Trim(column, step.case) for column in step.columns))
        case MapValues():
            return Fitted(tuple(_map(step, column, types[column]) for column in step.columns))
        case MarkMissing():
            return Fitted(tuple(_mark(step, column, types[column]) for column in step.columns))
        case Impute():
            return _impute(step, columns, types)
        case Clip():
            return _clip(step, columns)
    raise TypeError(f"there is no fitting for the step {step.name!r}")


def _conversions(names: tuple[str, ...], types: Types, kind: str, **written: str) -> Fitted:
    """Return what changes the type of those columns that are of another one."""
    steps = (portable.Convert(name, types[name], kind, **written) for name in names if types[name] != kind)
    return Fitted(tuple(steps))


def _map(step: MapValues, column: str, kind: str) -> portable.MapValues:
    def cell(value: Any) -> float | str | None:
        return None if value is None else cell_of(value, kind)

    return portable.MapValues(
        column,
        tuple(key_of(key, kind) for key in step.mapping),
        tuple(cell(value) for value in step.mapping.values()),
        step.ignore_case,
        step.other is KEEP,
        None if step.other is KEEP else cell(step.other),
    )


def _mark(step: MarkMissing, column: str, kind: str) -> portable.MapValues:
    values = tuple(cell_of(value, kind) for value in step.values)
    return portable.MapValues(column, values, (None,) * len(values), step.ignore_case)


def _impute(step: Impute, columns: Columns, types: Types) -> Fitted:
    steps, estimated = [], []
    for column in step.columns:
        try:
            fill, found = _fill(step, column, columns, types)
        except ValueError as error:
            raise ValueError(f"{shown(column)} {error}") from error
        steps.append(fill)
        estimated += found
    return Fitted(tuple(steps), tuple(estimated))


def _fill(
    step: Impute, column: str, columns: Columns, types: Types
) -> tuple[portable.Fill, list[dict[str, Any]]]:
    kind, cells = types[column], columns[column]
    if step.strategy == "constant":
        return portable.Fill(column, cell_of(step.value, kind)), []
    value = statistic(cells[~is_missing(cells)], step.strategy, kind)
    found = {"column": column, "statistic": step.strategy, "value": told(value, kind)}
    if step.by is None:
        return portable.Fill(column, value), [found]
    groups, values = group_statistics(cells, columns[step.by], step.strategy, kind)
    found |= {
        "by": step.by,
        "groups": told_groups(groups, values, types[step.by], kind),
        "group_count": len(groups),
    }
    return portable.Fill(column, value, step.by, groups, values), [found]


def _clip(step: Clip, columns: Columns) -> Fitted:
    steps, estimated = [], []
    for column in step.columns:
        values = columns[column][~is_missing(columns[column])]
        bounds: dict[str, float | None] = {"lower": step.lower, "upper": step.upper}
        try:
            for end, part in (("lower", step.lower_quantile), ("upper", step.upper_quantile)):
                bounds[end] = bounds[end] if part is None else quantile(values, part)
        except ValueError as error:
            raise ValueError(f"{shown(column)} {error}") from error
        lower, upper = bounds["lower"], bounds["upper"]
        if lower is not None and upper is not None and lower > upper:
            raise ValueError(f"{shown(column)} has a lower bound {lower:g} above the upper one {upper:g}")
        steps.append(portable.Clip(column, lower, upper))
        if step.lower_quantile is not None or step.upper_quantile is not None:
            estimated.append({"column": column, **bounds})
    return Fitted(tuple(steps), tuple(estimated))
