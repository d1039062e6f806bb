"""Noise makes no alarm and a shift makes one: whole tables that scikit-learn ships, all features together."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from tests.benchmarks.drift_tables import (
    SHIPPED,
    Table,
    pages,
    read,
    report,
    shifted,
    shifts,
    shipped,
)

WINDOWS = 100
SIZES = (200, 1_000, 5_000)
WIDE = ("breast_cancer", "digits")


@cache
def tables() -> dict[str, Table]:
    return {table.name: table for table in [*shipped(), mixed()]}


def mixed() -> Table:
    """Numbers, categories and booleans, missing here and there, as no table of scikit-learn has them."""
    frame = load_breast_cancer(as_frame=True).frame
    generator = np.random.default_rng(3)
    sizes = pd.qcut(frame["mean area"], [0, 0.4, 0.7, 1], labels=["small", "medium", "large"]).astype(object)
    sizes[generator.random(len(frame)) < 0.1] = None
    frame = frame[["mean texture", "mean smoothness", "worst symmetry", "target"]].assign(
        size=sizes,
        ward=generator.choice(["north", "south", "east", "west"], len(frame), p=[0.5, 0.3, 0.15, 0.05]),
        rough=frame["mean smoothness"] > 0.1,
        visits=generator.poisson(2, len(frame)),
    )
    return read("mixed", frame, "target", classes=True)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.long] * (name in WIDE)) for name in (*SHIPPED, "mixed")],
)
def test_windows_resampled_from_the_training_are_silent_99_times_of_100(name):
    table = tables()[name]
    seen = table.reference()
    generator = np.random.default_rng(0)
    rows = len(table.sample.answers)

    for size in SIZES:
        alarms = sum(
            pages(report(seen, table.sample.rows(generator.integers(0, rows, size)))) for _ in range(WINDOWS)
        )
        assert alarms <= WINDOWS // 100, size


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "mixed"])
def test_rows_that_training_did_not_see_are_silent_99_times_of_100(name):
    table = tables()[name]
    generator = np.random.default_rng(1)

    def alarms() -> bool:
        order = generator.permutation(len(table.sample.answers))
        return pages(report(table.reference(order[200:]), table.sample.rows(order[:200])))

    assert sum(alarms() for _ in range(WINDOWS)) <= WINDOWS // 100


@pytest.mark.parametrize(
    "name", ["diabetes", "mixed", *(pytest.param(name, marks=pytest.mark.long) for name in WIDE)]
)
def test_one_window_tells_a_feature_that_moved(name):
    """Of 200 rows chance hides one shift or another, of 1,000 none."""
    table = tables()[name]
    seen = table.reference()
    generator = np.random.default_rng(2)
    rows = len(table.sample.answers)
    told = {}

    for size in SIZES[:2]:
        for kind, moved in shifts(table):
            still = table.sample.rows(generator.integers(0, rows, size))
            found = report(seen, shifted(kind, moved, table, still, generator))
            drifted = [
                one["feature"] for one in found["windows"][0]["features"] if one["status"] == "drifted"
            ]
            told[size, kind, moved] = pages(found) and drifted == [moved]

    assert np.mean([found for (size, *_), found in told.items() if size == SIZES[0]]) >= 0.95
    assert [shift for shift, found in told.items() if shift[0] == SIZES[1] and not found] == []
    if name == "mixed":
        kinds = {"mean": 4, "category": 3, "nulls": 7}
        assert {kind: sum(shift[:2] == (200, kind) for shift in told) for kind in kinds} == kinds
