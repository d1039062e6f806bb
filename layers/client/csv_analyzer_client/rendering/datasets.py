"""Datasets, profiles, previews and recipes in a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.rendering.problems import faults
from csv_analyzer_client.rendering.text import (
    at,
    bar,
    bars,
    facts,
    moment,
    number,
    objects,
    plain,
    share,
    size,
    status,
    table,
    titled,
)
from csv_analyzer_client.resources import Dataset, Recipe

_SHOWN_PAIRS: Final = 10
_SHOWN_ASSOCIATIONS: Final = 20
_SHOWN_COLUMNS: Final = 30
_SHOWN_TOP: Final = 3
_CELL: Final = 40


def datasets(items: Iterable[Dataset]) -> RenderableType:
    """A list of datasets."""
    right = ("rows", "columns", "warnings", "size")
    made = table("id", "file", "status", *right, "created", right=right)
    for item in items:
        ready = item.status == "READY"
        figures = [number(value) if ready else "" for value in (item.rows, item.columns, item.warnings)]
        made.add_row(
            plain(item.id),
            plain(item.file_name, most=60),
            status(item.status),
            *figures,
            size(item.size_bytes) if item.size_bytes else "",
            moment(item.created_at),
        )
    return made if made.row_count else Text("There are no datasets yet: csv-analyzer upload FILE")


def dataset(item: Dataset) -> RenderableType:
    """One dataset."""
    ready = item.status == "READY"
    return facts(
        {
            "id": item.id,
            "file": item.file_name,
            "status": status(item.status),
            "created": moment(item.created_at),
            "size": size(item.size_bytes) if item.size_bytes else None,
            "rows": item.rows if ready else None,
            "columns": item.columns if ready else None,
            "warnings": item.warnings if ready else None,
            "training": item.job_id,
            "error": None if item.error is None else f"{item.error.message} ({item.error.code})",
        }
    )


def profile(content: Mapping[str, Any], only: str | None = None) -> RenderableType:
    """What the analysis found: in every column, or all about one.

    Raises
    ------
    UsageError
        If there is no such column.
    """
    columns = objects(content, "columns")
    if only is not None:
        return _one_column(_column_named(only, columns), content)
    head = (
        f"{number(content.get('rows'))} rows, {len(columns):,} columns, "
        f"{number(content.get('missing_cells'))} missing cells, "
        f"{number(content.get('duplicate_rows'))} repeated rows"
    )
    parts: list[RenderableType] = [plain(head), Text(), _columns(columns)]
    for made in (_warnings(content), _associations(content), _correlations(content)):
        if made is not None:
            parts += [Text(), made]
    return Group(*parts)


def _column_named(name: str, columns: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    for same in (str, str.casefold):
        for column in columns:
            if same(str(column.get("name"))) == same(name):
                return column
    known = ", ".join(str(column.get("name"))[:_CELL] for column in columns[:_SHOWN_COLUMNS])
    raise UsageError(f"There is no column {name!r}; there are: {known}.")


def _columns(columns: list[Mapping[str, Any]]) -> RenderableType:
    made = table("column", "type", "missing", "distinct", "values", "", right=("missing", "distinct"))
    for column in columns:
        missing = column.get("missing")
        made.add_row(
            plain(column.get("name"), "bold", _CELL),
            plain(column.get("type")),
            f"{number(missing)} ({share(column.get('missing_share'))})" if missing else "",
            number(column.get("distinct")),
            plain(_values(column), most=120),
            bars(at(column, "histogram", "counts")),
        )
    return made


def _values(column: Mapping[str, Any]) -> str:
    """What stands in a column, in a line."""
    if (quantiles := at(column, "quantiles")) is not None:
        middle = at(quantiles, "0.5")
        ends = f"{number(column.get('min'))} … {number(middle)} … {number(column.get('max'))}"
        spread = f"mean {number(column.get('mean'))} ± {number(column.get('std'))}"
        outliers = at(column, "outliers", "count")
        return f"{ends}, {spread}" + (f", {number(outliers)} outliers" if outliers else "")
    if column.get("first") is not None:
        return f"{moment(column['first'])} … {moment(column.get('last'))}"
    top = [
        f"{str(entry.get('value'))[:_CELL]} ({number(entry.get('count'))})"
        for entry in objects(column, "top")
    ]
    return ", ".join(top[:_SHOWN_TOP]) + (", …" if len(top) > _SHOWN_TOP else "")


def _one_column(column: Mapping[str, Any], content: Mapping[str, Any]) -> RenderableType:
    name = column.get("name")
    length = at(column, "length")
    outliers = at(column, "outliers")
    parts: list[RenderableType] = [
        facts(
            {
                "column": plain(name, "bold"),
                "type": column.get("type"),
                "missing": f"{number(column.get('missing'))} ({share(column.get('missing_share'))})",
                "distinct": column.get("distinct"),
                "mean": column.get("mean"),
                "std": column.get("std"),
                "zeros": column.get("zeros"),
                "negative": column.get("negative"),
                "first": column.get("first"),
                "last": column.get("last"),
                "length": length
                and f"{number(at(length, 'min'))} … {number(at(length, 'max'))}, "
                f"mean {number(at(length, 'mean'))}",
                "outliers": outliers
                and f"{number(at(outliers, 'count'))}, beyond "
                f"{number(at(outliers, 'low'))} … {number(at(outliers, 'high'))}",
            }
        )
    ]
    quantiles = at(column, "quantiles")
    if isinstance(quantiles, Mapping):
        made = table(*map(str, quantiles), right=tuple(map(str, quantiles)))
        made.add_row(*(number(value) for value in quantiles.values()))
        parts += [Text(), titled("Quantiles", made)]
    counts, edges = at(column, "histogram", "counts"), at(column, "histogram", "edges")
    if isinstance(counts, list) and isinstance(edges, list) and len(edges) == len(counts) + 1:
        made = table("from", "to", "rows", "", right=("from", "to", "rows"))
        top = max((count for count in counts if isinstance(count, int)), default=0) or 1
        for low, high, count in zip(edges, edges[1:], counts, strict=False):
            length_of = count / top if isinstance(count, int) else 0
            made.add_row(plain(low), plain(high), number(count), bar(length_of, 30))
        parts += [Text(), titled("Histogram", made)]
    if top_values := objects(column, "top"):
        made = table("value", "rows", right=("rows",))
        for entry in top_values:
            made.add_row(plain(entry.get("value")), number(entry.get("count")))
        parts += [Text(), titled("Most frequent", made)]
    if about := [warning for warning in objects(content, "warnings") if warning.get("column") == name]:
        parts += [Text(), faults(about)]
    return Group(*parts)


def _warnings(content: Mapping[str, Any]) -> RenderableType | None:
    found = objects(content, "warnings")
    return titled("Warnings", faults(found)) if found else None


def _associations(content: Mapping[str, Any]) -> RenderableType | None:
    found = objects(content, "target", "associations")
    if not found:
        return None
    made = table("column", "strength", "", "measure", right=("strength",))
    for entry in found[:_SHOWN_ASSOCIATIONS]:
        strength = entry.get("association")
        made.add_row(plain(entry.get("column")), number(strength), bar(strength), plain(entry.get("measure")))
    return titled(f"What goes with {at(content, 'target', 'name')}", made)


def _correlations(content: Mapping[str, Any]) -> RenderableType | None:
    found = objects(content, "correlations")
    if not found:
        return None
    made = table("columns", "", "correlation", right=("correlation",))
    for entry in found[:_SHOWN_PAIRS]:
        pair = entry.get("columns")
        left, right = pair if isinstance(pair, list) and len(pair) == 2 else ("-", "-")
        made.add_row(plain(left), plain(right), number(entry.get("correlation")))
    return titled("Strongest correlations", made)


def preview(content: Mapping[str, Any]) -> RenderableType:
    """Rows of a dataset."""
    columns = objects(content, "columns")
    made = table(
        "row", *(str(column.get("name"))[:_CELL] for column in columns[:_SHOWN_COLUMNS]), right=("row",)
    )
    for row in objects(content, "rows"):
        cells, cut = row.get("cells"), row.get("cut")
        shortened = cut if isinstance(cut, list) else []
        shown = (cells if isinstance(cells, list) else [])[: min(len(columns), _SHOWN_COLUMNS)]
        made.add_row(
            number(row.get("row")),
            *(
                "" if cell is None else plain(f"{cell}…" if i in shortened else cell, most=_CELL)
                for i, cell in enumerate(shown)
            ),
        )
    told = f"{made.row_count} of {number(content.get('total_rows'))} rows"
    hidden = len(columns) - _SHOWN_COLUMNS
    told += f"; {hidden:,} more columns with --json" if hidden > 0 else ""
    return Group(made, Text(told, style="dim"))


def recipe(item: Recipe) -> RenderableType:
    """A version of the cleaning: before and after, and what each step did."""
    parts: list[RenderableType] = [
        facts(
            {
                "recipe": item.version,
                "dataset": item.dataset_id,
                "status": status(item.status),
                "target": item.target,
            }
        )
    ]
    effect = item.effect
    if effect is not None:
        made = table("", "before", "after", right=("before", "after"))
        for name in ("rows", "columns", "missing"):
            before, after = (getattr(effect, f"{name}_{side}") for side in ("before", "after"))
            made.add_row("missing cells" if name == "missing" else name, number(before), number(after))
        parts += [Text(), made]
    parts += [Text(), _steps(item)] if item.sentences or item.steps else []
    if item.error is not None:
        parts.append(plain(f"{item.error.message} ({item.error.code})", "red", 2_000))
        parts += [faults(list(item.error.steps))] if item.error.steps else []
    return Group(*parts)


def _steps(item: Recipe) -> RenderableType:
    done = item.effect.steps if item.effect is not None else ()
    made = table(
        "step",
        "what it does",
        "rows",
        "columns",
        "cells changed",
        right=("step", "rows", "columns", "cells changed"),
    )
    sentences = item.sentences or tuple(str(step.get("step")) for step in item.steps)
    for place, sentence in enumerate(sentences):
        did = done[place] if place < len(done) else {}
        made.add_row(
            str(place + 1),
            plain(sentence, most=500),
            _change(did, "rows"),
            _change(did, "columns"),
            number(did.get("cells_changed")) if did.get("cells_changed") else "",
        )
    return made


def _change(step: Mapping[str, Any], what: str) -> str:
    before, after = step.get(f"{what}_before"), step.get(f"{what}_after")
    return "" if before is None or before == after else f"{number(before)} → {number(after)}"
