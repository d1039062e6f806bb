"""The report of a version as one document: everything that a user may ask about it, small enough to send."""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from automl.judging.importance import TOP_FEATURES
from automl.preparation import Prepared
from automl.searching.search import Trial
from automl.table import TEXT

REPORT_VERSION = "1.0"
# A function may answer with 6 MB, in which the marks of a JSON document take twice their place.
MAX_BYTES = 2_900_000
# Names and texts of a file can be of any length: those of more bytes are cut, each to a text of its own.
MAX_TEXT = 300
MAX_SENTENCE = 1_200
SENTENCES = frozenset({"warnings", "message", "sentences", "description", "reason"})
# Of a report that is too large: findings with more evidence than this are told without it.
MAX_EVIDENCE = 2_000
# What is left of the lists and mappings that make the document too large: one is cut after the other.
SHORT_LISTS = (
    (("recipe", "steps"), 0),
    (("recipe", "recipe", "steps"), 0),
    (("findings",), 200),
    (("importance", "features"), 200),
    (("features",), 200),
    (("warnings",), 200),
    (("example",), 200),
    (("dropped_columns",), 200),
)
TOLD_AS_IS = (
    "task", "target", "metric", "classes", "positive_class", "class_weights", "metrics", "leaderboard",
    "parameters", "libraries", "findings", "warnings", "dropped_columns", "holdout_id", "example",
)  # fmt: skip


def make_document(
    manifest: Mapping[str, Any],
    figures: Mapping[str, Any],
    *,
    split: Mapping[str, Any],
    seconds: Mapping[str, float],
    omitted: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """Return the report of a version.

    Parameters
    ----------
    manifest
        What the stored model says of itself.
    figures
        From :func:`automl.reporting.figures.make_figures`.
    split
        From :func:`describe_split`.
    seconds
        How long what took.
    omitted
        From :func:`find_omitted`.

    Returns
    -------
    dict
        JSON-able, at most ``MAX_BYTES`` once encoded. What was left out for that is in ``omitted``, too.
    """
    cleaning = manifest["cleaning"]
    document = {
        "report_version": REPORT_VERSION,
        **{name: manifest[name] for name in TOLD_AS_IS},
        "model": {name: manifest["model"][name] for name in ("name", "members")},
        "data": {"sha256": manifest["data_sha256"]},
        "rows": manifest["rows"],
        "features": [
            {"name": feature["name"], "type": feature["type"], "may_be_missing": feature["nullable"]}
            for feature in manifest["features"]
        ],
        "recipe": None
        if cleaning is None
        else {**cleaning, "sentences": [step["description"] for step in cleaning["steps"]]},
        "split": dict(split),
        "per_class": per_class(manifest["metrics"]),
        **figures,
        "seconds": dict(seconds),
        "omitted": [dict(entry) for entry in omitted],
    }
    return bounded(document)


def describe_split(data: Prepared, group: str | None, time: str | None, seed: int) -> dict[str, Any]:
    """Return how rows were split into those to learn from and those to judge by."""
    first = data.splits[0]
    kind = "time" if time is not None else "group" if group is not None else "random"
    return {
        "kind": kind,
        "column": time if time is not None else group,
        "folds": first.count,
        "deals": len(data.splits),
        "seed": seed,
        "holdout_rows": len(data.held_out),
        "holdout_id": data.holdout_id,
    }


def per_class(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return precision, recall and F1 of each class on the holdout, and its rows; of numbers nothing."""
    matrix = metrics["holdout"].get("confusion_matrix")
    if matrix is None:
        return []
    rows: list[list[int]] = matrix["matrix"]
    answered = [sum(column) for column in zip(*rows, strict=True)]
    told = []
    for place, label in enumerate(matrix["labels"]):
        hits, truly, said = rows[place][place], sum(rows[place]), answered[place]
        told.append(
            {
                "class": label,
                "rows": truly,
                "answered": said,
                "precision": _share(hits, said),
                "recall": _share(hits, truly),
                "f1": _share(2 * hits, truly + said),
            }
        )
    return told


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def find_omitted(
    trials: Sequence[Trial],
    folds: int,
    figures: Mapping[str, Any],
    types: Mapping[str, str],
    *,
    in_time: bool,
) -> list[dict[str, str]]:
    """Return what is missing for lack of time, and what it means.

    Parameters
    ----------
    trials, folds
        What was searched.
    figures
        What was made of it.
    types
        Types of the columns that a client sends.
    in_time
        Whether the time bore all figures.
    """
    omitted = []
    untried = [
        trial.candidate.name for trial in trials if trial.fault is None and 0 not in trial.whole(folds)
    ]
    if untried:
        omitted.append(_omitted("candidates", f"Not tried in the time there was: {'; '.join(untried)}."))
    importance = figures["importance"]
    unknown = len(types) - len(importance["features"])
    if unknown:
        omitted.append(
            _omitted("importance", f"The importance of {unknown} of {len(types)} columns is unknown.")
        )
    elif not importance["complete"] or importance["repeats"] < 2:
        omitted.append(
            _omitted("importance", "Importance was measured fewer times than usual: it may be noisy.")
        )
    shown, wanted = len(figures["dependence"]), sum(kind != TEXT for kind in types.values())
    if shown < min(TOP_FEATURES, wanted) and not in_time:
        omitted.append(_omitted("dependence", f"Partial dependence is told of {shown} columns only."))
    return omitted


def _omitted(part: str, reason: str) -> dict[str, str]:
    return {"part": part, "reason": reason}


def encode(document: Mapping[str, Any]) -> bytes:
    """Return a report as it is stored."""
    return json.dumps(document, allow_nan=False, separators=(",", ":")).encode()


def bounded(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document that is small enough, with texts cut and the ends of long lists left out."""
    short: dict[str, Any] = _cut(document)
    if len(encode(short)) > MAX_BYTES:
        long = [entry for entry in short["findings"] if len(json.dumps(entry["evidence"])) > MAX_EVIDENCE]
        for entry in long:
            entry["evidence"] = {}
        if long:
            reason = f"The evidence of {len(long)} findings is left out: the report would be too large."
            short["omitted"].append(_omitted("findings.evidence", reason))
    for path, most in SHORT_LISTS:
        if len(encode(short)) <= MAX_BYTES:
            break
        place: dict[str, Any] = short
        for name in path[:-1]:
            place = place.get(name) or {}
        entries = place.get(path[-1], [])
        if len(entries) > most:
            first = itertools.islice(entries.items() if isinstance(entries, dict) else entries, most)
            place[path[-1]] = type(entries)(first)
            reason = f"The first {most} of {len(entries)} are told: the report would be too large."
            short["omitted"].append(_omitted(".".join(path), reason))
    return short


def _cut(value: Any, most: int = MAX_TEXT) -> Any:
    match value:
        case dict():
            return {
                _cut(key): _cut(entry, MAX_SENTENCE if key in SENTENCES else MAX_TEXT)
                for key, entry in value.items()
            }
        case list():
            return [_cut(entry, most) for entry in value]
        case str() if len(json.dumps(value)) > most:
            # Texts that begin alike stay apart.
            digest, kept = hashlib.sha256(value.encode()).hexdigest()[:8], value[:most]
            while (size := len(json.dumps(kept)) + 12) > most:
                kept = kept[: len(kept) * most // (size + 1)]
            return f"{kept}... {digest}"
        case _:
            return value
