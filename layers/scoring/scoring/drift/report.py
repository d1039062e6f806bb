"""What the counts of some days say: how far each feature and the answers have moved from the training."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from scoring.drift.divergence import (
    index_by_chance,
    jensen_shannon_distance,
    population_stability_index,
    share_by_chance,
    superiority,
    superiority_by_chance,
)
from scoring.drift.reference import MISSING, Bins, Counts, Reference
from scoring.drift.traffic import no_requests, summary
from scoring.inputs import Feature, shown_end

# The thresholds of practice (Siddiqi 2006): up to the first nothing to do, from the second on act.
WATCH_INDEX = 0.1
DRIFTED_INDEX = 0.25
# From one half: how probable it is that a row is above one of the training. A small effect is 0.06, a medium
# one 0.14 (Vargha and Delaney 2000), which is a mean moved by half a standard deviation: it must make an
# alarm in 200 rows, where chance takes up to 0.05 from it. The index of the same move is 0.23.
WATCH_SUPERIORITY = 0.06
DRIFTED_SUPERIORITY = 0.09
# Of all rows: how much more may be missing, or be what training never saw. A fifth of the rows must make an
# alarm, though some were missing before and chance takes up to 0.08 from a fifth of 200 rows.
WATCH_SHARE = 0.05
DRIFTED_SHARE = 0.1
# Of fewer rows ten bins reach more than the higher threshold by chance, once in 1,000 times.
LEAST_ROWS = 100
# How many days a window has; the first one with enough rows decides.
WINDOWS = (7, 30)
# Of 1,000 reports of a model whose inputs have not moved, one may say otherwise, however many its features.
FALSE_ALARMS = 0.001
# What a feature is looked at by: the index, superiority, missing values, and what training never saw.
TESTS = 4
LISTED_FEATURES = 200
FEATURES_WITH_BINS = 50
SHOWN_VALUE = 100

OK, WATCH, DRIFTED = "ok", "watch", "drifted"
TOO_FEW = "too_few"
_RANK = {OK: 0, WATCH: 1, DRIFTED: 2}

THRESHOLDS = {
    "psi": {"watch": WATCH_INDEX, "drifted": DRIFTED_INDEX},
    "superiority": {"watch": WATCH_SUPERIORITY, "drifted": DRIFTED_SUPERIORITY},
    "share": {"watch": WATCH_SHARE, "drifted": DRIFTED_SHARE},
    "minimum_rows": LEAST_ROWS,
    "false_alarms": FALSE_ALARMS,
}


@dataclass(frozen=True)
class Day:
    """What was counted on one day, in UTC.

    Parameters
    ----------
    date
        The day.
    rows
        How many rows were scored.
    counts
        A vector of counts, see :meth:`Reference.count`.
    requests
        A vector of counts, see :mod:`scoring.drift.traffic`.
    """

    date: date
    rows: int
    counts: Counts
    requests: Counts = field(default_factory=no_requests)


def drift_report(reference: Reference, days: Sequence[Day], today: date) -> dict[str, Any]:
    """Compare what predictions saw with what training saw.

    Parameters
    ----------
    reference
        Of the model.
    days
        What was counted, by day.
    today
        The last day of each window.

    Returns
    -------
    dict
        ``status`` (``ok``, ``watch``, ``drifted`` or ``too_few``) with a ``statement`` for a person,
        ``window_days``, the length of the window that decided, ``thresholds``, and for each of ``windows``
        its ``status``, how many features have which, the features, the worst first, and the ``predictions``;
        ``traffic`` by day.
    """
    windows = [_window(reference, days, today, length) for length in WINDOWS]
    deciding = next((window for window in windows if window["status"] != TOO_FEW), None)
    return {
        "status": TOO_FEW if deciding is None else deciding["status"],
        "window_days": None if deciding is None else deciding["days"],
        "statement": _too_few(windows[-1]) if deciding is None else _statement(deciding),
        "thresholds": THRESHOLDS,
        "windows": windows,
        "traffic": [
            {"date": day.date.isoformat(), "rows": day.rows, **summary(day.requests)}
            for day in sorted(days, key=lambda day: day.date)
        ],
    }


def _window(reference: Reference, days: Sequence[Day], today: date, length: int) -> dict[str, Any]:
    first = today - timedelta(days=length - 1)
    within = [day for day in days if first <= day.date <= today]
    rows = sum(day.rows for day in within)
    window: dict[str, Any] = {
        "days": length,
        "first_day": first.isoformat(),
        "last_day": today.isoformat(),
        "rows": rows,
        "status": TOO_FEW,
        "features_by_status": {},
        "worst": None,
        "features": [],
        "predictions": None,
    }
    if rows < LEAST_ROWS:
        return window
    total = np.sum([day.counts for day in within], axis=0, dtype=np.int64)
    level = 1 - FALSE_ALARMS / (TESTS * (len(reference.features) + 1))
    *of_features, of_answers = reference.split(total)
    features = [
        {"feature": feature.name, "type": feature.type, **_compare(feature, bins, counts, level)}
        for feature, bins, counts in zip(reference.features, reference.bins, of_features, strict=True)
    ]
    features.sort(key=lambda found: (-_RANK[found["status"]], -found["psi"]))
    answers = _compare_answers(reference, of_answers, level)
    statuses = [found["status"] for found in features]
    for found in features[FEATURES_WITH_BINS:]:
        found["bins"] = []
    return window | {
        "status": max([*statuses, answers["status"]], key=_RANK.__getitem__),
        "features_by_status": {status: statuses.count(status) for status in _RANK},
        "worst": {name: features[0][name] for name in ("feature", "psi", "status")} if features else None,
        "features": features[:LISTED_FEATURES],
        "predictions": answers,
    }


def _compare_answers(reference: Reference, observed: Counts, level: float) -> dict[str, Any]:
    """Compare the answers with those to rows that the model had not learned from, and to rows that it had.

    To what it learned from a model answers more boldly, or just what it was told: whoever asks about the
    training's own rows must not be told of drift. The nearer of both counts.
    """
    references = [reference.answers]
    if reference.learned is not None:
        references.append(replace(reference.answers, counts=reference.learned))
    compared = [_compare(None, bins, observed, level) for bins in references]
    return min(compared, key=lambda found: (_RANK[found["status"]], found["psi"]))


def _compare(feature: Feature | None, bins: Bins, observed: Counts, level: float) -> dict[str, Any]:
    """Compare one feature, or the answers where there is none."""
    expected = np.array(bins.counts, dtype=np.int64)
    groups = bins.compared
    e, o = (np.array([counts[group].sum() for group in groups]) for counts in (expected, observed))
    expected_rows, rows = int(e.sum()), int(o.sum())
    comparable = expected_rows > 0 and rows > 0
    index = population_stability_index(e, o) if comparable else 0.0
    used = int(((e > 0) | (o > 0)).sum())
    chance = index_by_chance(used, expected_rows, rows, level) if comparable else 0.0
    shares = [] if feature is None or not comparable else _shares(feature, bins, expected, observed, level)
    move = _move(bins, expected, observed, level)
    moved = _status(index, chance, WATCH_INDEX, DRIFTED_INDEX)
    if move is not None:
        by = _status(abs(move[0] - 0.5), move[1], WATCH_SUPERIORITY, DRIFTED_SUPERIORITY)
        moved = max(moved, by, key=_RANK.__getitem__)
    status = max([moved, *(share["status"] for share in shares)], key=_RANK.__getitem__)
    findings = [
        {"code": share["code"], "message": share["message"]} for share in shares if share["status"] != OK
    ]
    if feature is not None and feature.type == "date" and status == DRIFTED:
        status = max((s["status"] for s in shares if s["code"] == "missing"), key=_RANK.__getitem__)
        if status != DRIFTED:
            status = WATCH
            message = (
                "Dates move on: a date alone makes no drift, but the model has learned nothing of later ones."
            )
            findings.append({"code": "date_moves_on", "message": message})
    found: dict[str, Any] = {
        "status": status,
        "psi": round(index, 4),
        "psi_by_chance": round(chance, 4),
        "js_distance": round(jensen_shannon_distance(e, o), 4) if comparable else 0.0,
        "superiority": None if move is None else round(move[0], 4),
        "superiority_by_chance": None if move is None else round(move[1], 4),
    }
    if feature is not None:
        found |= {
            share["code"]: {"expected": round(share["expected"], 4), "observed": round(share["observed"], 4)}
            for share in shares
        }
        found["findings"] = findings
    labels = _labels(feature, bins)
    found["bins"] = [
        {**label, "training": round(float(a), 4), "observed": round(float(b), 4)}
        for label, a, b in zip(labels, e / max(1, expected_rows), o / max(1, rows), strict=True)
        if label != {"missing": True} or a or b
    ]
    return found


def _move(bins: Bins, expected: Counts, observed: Counts, level: float) -> tuple[float, float] | None:
    """Return superiority, and how far from one half chance takes it; None without an order or rows."""
    e, o = expected[MISSING + 1 :], observed[MISSING + 1 :]
    if bins.edges is None or not e.any() or not o.any():
        return None
    return superiority(e, o), superiority_by_chance(e, o, level)


def _shares(
    feature: Feature, bins: Bins, expected: Counts, observed: Counts, level: float
) -> list[dict[str, Any]]:
    """Return the shares of rows that are missing, and of those that training never saw."""
    expected_rows, rows = int(expected.sum()), int(observed.sum())
    known = expected_rows - int(expected[MISSING])
    missing = expected[MISSING] / expected_rows
    found = [("missing", float(missing), int(observed[MISSING]), "are missing")]
    strange = int(observed[bins.strange].sum())
    if bins.edges is None:
        if feature.known_values is not None:
            # What the next row has a new category with, after so many that occurred once (Good 1953).
            found.append(
                ("unseen", bins.once / max(1, known), strange, "have a category that training never saw")
            )
    elif feature.type in {"numeric", "date"}:
        # What the next row is beyond the least or the largest of so many rows with.
        found.append(("out_of_range", 2 / (known + 1), strange, "are outside what training saw"))
    results = []
    for code, share, count, words in found:
        chance = share_by_chance(share, expected_rows, count, rows, level)
        change = count / rows - share
        status = _status(change, chance, WATCH_SHARE, DRIFTED_SHARE)
        if code == "missing" and status == OK:
            # Values that are no longer missing change the model's answers too.
            status = min(_status(-change, chance, WATCH_SHARE, DRIFTED_SHARE), WATCH, key=_RANK.__getitem__)
        message = f"{count / rows:.1%} of the rows {words}; {share:.1%} were to be expected."
        results.append(
            {"code": code, "expected": share, "observed": count / rows, "status": status, "message": message}
        )
    return results


def _status(figure: float, chance: float, watch: float, drifted: float) -> str:
    if figure <= chance or figure < watch:
        return OK
    return WATCH if figure < drifted else DRIFTED


def _labels(feature: Feature | None, bins: Bins) -> list[dict[str, Any]]:
    """Return what tells the bins of a comparison apart: missing, a value, or from where to where."""
    missing: dict[str, Any] = {"missing": True}
    if bins.edges is None:
        return [missing, *({"value": value[:SHOWN_VALUE]} for value in bins.values or ()), {"others": True}]
    if feature is not None and feature.type == "boolean":
        return [missing, {"value": False}, {"value": True}]
    kind = "numeric" if feature is None else feature.type
    ends = [shown_end(edge, "date") if kind == "date" else edge for edge in bins.edges[1:-1]]
    labels = [_label(low, high) for low, high in pairwise([None, *ends, None])]
    return [missing, *labels]


def _label(low: Any, high: Any) -> dict[str, Any]:
    """Return what names a bin of numbers: one number, or from where to where."""
    if isinstance(low, float) and isinstance(high, float) and high == math.nextafter(low, math.inf):
        return {"value": low}
    return {"from": low, "below": high}


def _too_few(window: Mapping[str, Any]) -> str:
    return (
        f"Too few predictions to tell: {window['rows']:,} rows in {window['days']} days, "
        f"and it takes {LEAST_ROWS:,}."
    )


def _statement(window: Mapping[str, Any]) -> str:
    """Return what a window says, in a sentence or two."""
    of = window["features_by_status"]
    what = f"In {window['days']} days {window['rows']:,} rows were scored."
    if window["status"] == OK:
        return f"{what} Features and predictions are distributed as in training."
    moved = [
        f"{of[status]} {'feature' if of[status] == 1 else 'features'} {words}"
        for status, words in ((DRIFTED, "drifted"), (WATCH, "to watch"))
        if of[status]
    ]
    answers = window["predictions"]["status"]
    if answers != OK:
        moved.append("the predictions drifted" if answers == DRIFTED else "the predictions to watch")
    told = ", ".join(moved)
    return f"{what} {told[0].upper()}{told[1:]}."
