"""Documents of the service in a terminal: report, drift, limits, schema."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from csv_analyzer_client.rendering.registry import metrics
from csv_analyzer_client.rendering.text import (
    at,
    bar,
    facts,
    number,
    objects,
    plain,
    share,
    size,
    status,
    table,
    titled,
)
from csv_analyzer_client.rendering.trainings import leaderboard

_SHOWN: Final = 20
_THRESHOLDS: Final = 11


def report(content: Mapping[str, Any]) -> RenderableType:
    """The report of a version: its figures and what its answers depend on; the rest is named."""
    parts: list[RenderableType] = [facts(_heading(content))]
    if isinstance(content.get("metrics"), Mapping):
        parts += [Text(), metrics(content["metrics"])]
    for made in (_per_class(content), _confusion(content), _thresholds(content), _importance(content)):
        parts += [] if made is None else [Text(), made]
    if board := objects(content, "leaderboard"):
        parts += [Text(), leaderboard(board)]
    for name, title in (("warnings", "Warnings"), ("omitted", "Left out")):
        if found := objects(content, name):
            parts += [Text(), titled(title, _reasons(found))]
    return Group(*parts, Text(), Text("--json has all of it, with the curves.", style="dim"))


def _heading(content: Mapping[str, Any]) -> dict[str, Any]:
    rows = content.get("rows")
    return {
        "task": content.get("task"),
        "target": content.get("target"),
        "metric": content.get("metric"),
        "model": at(content, "model", "name"),
        "rows": ", ".join(f"{name} {number(value)}" for name, value in rows.items())
        if isinstance(rows, Mapping)
        else rows,
        "split": at(content, "split", "kind"),
        "data SHA-256": at(content, "data", "sha256"),
        "holdout": content.get("holdout_id"),
    }


def _reasons(found: list[Mapping[str, Any]]) -> RenderableType:
    made = table("", "")
    made.show_header = False
    for entry in found[:_SHOWN]:
        about = entry.get("part", entry.get("column", entry.get("code")))
        made.add_row(plain(about), plain(entry.get("reason", entry.get("message")), most=600))
    return made


def _per_class(content: Mapping[str, Any]) -> RenderableType | None:
    found = objects(content, "per_class")
    if not found:
        return None
    right = ("rows", "answered", "precision", "recall", "f1")
    made = table("class", *right, right=right)
    for entry in found[:_SHOWN]:
        made.add_row(plain(entry.get("class"), most=60), *(number(entry.get(name)) for name in right))
    return titled("Classes (holdout)", made)


def _confusion(content: Mapping[str, Any]) -> RenderableType | None:
    labels = at(content, "curves", "confusion_matrix", "labels")
    rows = at(content, "curves", "confusion_matrix", "matrix")
    if not isinstance(labels, list) or not isinstance(rows, list) or len(labels) != len(rows):
        return None
    names = [plain(label, most=20).plain for label in labels[:_SHOWN]]
    made = table("true \\ predicted", *names, right=tuple(names))
    for name, row in zip(names, rows, strict=False):
        made.add_row(name, *(number(value) for value in (row if isinstance(row, list) else [])[: len(names)]))
    return titled("Confusion matrix (holdout)", made)


def _thresholds(content: Mapping[str, Any]) -> RenderableType | None:
    found = objects(content, "curves", "thresholds", "rows")
    if not found:
        return None
    right = ("threshold", "precision", "recall", "f1", "flagged")
    made = table(*right, right=right)
    step = max(1, len(found) // _THRESHOLDS)
    for entry in found[::step]:
        made.add_row(*(number(entry.get(name)) for name in right[:-1]), share(entry.get("flagged")))
    return titled(f"Thresholds for {at(content, 'curves', 'thresholds', 'class')}", made)


def _importance(content: Mapping[str, Any]) -> RenderableType | None:
    found = objects(content, "importance", "features")
    if not found:
        return None
    made = table("feature", "loss without", "", right=("loss without",))
    values = [entry.get("importance") for entry in found]
    top = max((value for value in values if isinstance(value, int | float)), default=0) or 1
    for entry, value in zip(found[:_SHOWN], values, strict=False):
        length = value / top if isinstance(value, int | float) else 0
        made.add_row(plain(entry.get("feature")), number(value), bar(length))
    return titled("What the answers depend on", made)


def drift(content: Mapping[str, Any]) -> RenderableType:
    """How far what a model is asked has moved from what it was trained on."""
    parts: list[RenderableType] = [
        facts(
            {
                "model": content.get("model"),
                "version": content.get("version"),
                "status": status(content.get("status")),
                "computed": content.get("computed_at"),
            }
        ),
        plain(content.get("statement"), most=2_000),
    ]
    windows = objects(content, "windows")
    if windows:
        right = ("days", "rows")
        made = table(*right, "status", "worst feature", right=right)
        for window in windows:
            made.add_row(
                number(window.get("days")),
                number(window.get("rows")),
                status(window.get("status")),
                plain(at(window, "worst", "feature")),
            )
        parts += [Text(), made]
    decided = next((window for window in windows if window.get("days") == content.get("window_days")), None)
    if decided is not None and (features := objects(decided, "features")):
        shown = ("PSI", "missing", "unseen", "out of range")
        made = table("feature", "status", *shown, "", right=shown)
        for feature in features[:_SHOWN]:
            shares = (share(at(feature, name, "observed")) for name in ("missing", "unseen", "out_of_range"))
            said = " ".join(str(finding.get("message")) for finding in objects(feature, "findings"))
            made.add_row(
                plain(feature.get("feature")),
                status(feature.get("status")),
                number(feature.get("psi")),
                *shares,
                plain(said, most=300),
            )
        parts += [Text(), made]
    return Group(*parts, *_quality(content))


def _quality(content: Mapping[str, Any]) -> list[RenderableType]:
    """How good a version is on what came true, beside its holdout."""
    windows = objects(content, "quality", "windows")
    if not windows or not any(window.get("outcomes") for window in windows):
        return []
    said = plain(at(content, "quality", "statement"), most=2_000)
    decided = at(content, "quality", "window_days")
    shown = next((window for window in windows if window.get("days") == decided), windows[-1])
    right = ("live", "holdout")
    made = table("on outcomes", *right, right=right)
    training = at(content, "quality", "training", "figures")
    figures = at(shown, "figures")
    for metric, value in figures.items() if isinstance(figures, Mapping) else ():
        made.add_row(plain(metric), number(value), number(at(training, metric)))
    return [Text(), said, made]


def limits(content: Mapping[str, Any]) -> RenderableType:
    """Limits and how much of them is used."""
    made = table("", "used", "limit", "", right=("used", "limit"))
    for name, entry in content.items():
        told = size if "bytes" in str(name) else number
        label = plain(str(name).replace("_", " "))
        if not isinstance(entry, Mapping):
            made.add_row(label, "", told(entry), "")
            continue
        used, limit = entry.get("used"), entry.get("limit")
        filled = ""
        if isinstance(used, int) and isinstance(limit, int) and limit > 0:
            filled = bar(used / limit)
        made.add_row(label, told(used), "none" if limit is None else told(limit), filled)
    return made


def schema(content: Mapping[str, Any]) -> RenderableType:
    """What an instance looks like."""
    needed = content.get("required")
    made = table("feature", "type", "required", "example", "description")
    properties = content.get("properties")
    for name, entry in (properties if isinstance(properties, Mapping) else {}).items():
        kinds = at(entry, "type")
        examples = at(entry, "examples")
        made.add_row(
            plain(name, "bold"),
            plain(" or ".join(map(str, kinds)) if isinstance(kinds, list) else kinds),
            "yes" if isinstance(needed, list) and name in needed else "",
            plain(examples[0] if isinstance(examples, list) and examples else "", most=40),
            plain(at(entry, "description") or "", most=300),
        )
    return made
