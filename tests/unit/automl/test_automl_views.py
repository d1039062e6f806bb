"""Views: estimated on the rows to learn from, with no row's own target in its columns."""

import numpy as np
import pytest
from sklearn.preprocessing import TargetEncoder

from automl.features.encoders import choose_encoders, take
from automl.features.views import NORMAL_LIMIT, ViewFitter
from automl.learners import Problem
from automl.learners.base import Sample
from scoring.steps import MissingStep, OneHotStep, TableStep, TextStep

ROWS = 400
VIEWS = ["tree", "native", "dense", "wide", "text"]
TYPES = {
    "number": "numeric",
    "gappy": "numeric",
    "level": "numeric",
    "few": "categorical",
    "many": "categorical",
    "day": "date",
    "note": "text",
}


def raw(rows=ROWS, seed=0):
    """Return a raw column of each type."""
    rng = np.random.default_rng(seed)
    words = np.array(["good", "bad", "late", "soon", "never", "again", "fine", "broken", "parcel", "today"])
    return {
        "number": rng.normal(50, 10, rows),
        "gappy": np.where(rng.random(rows) < 0.2, np.nan, rng.exponential(3, rows)),
        "level": rng.integers(0, 5, rows).astype(float),
        "few": np.array([["x", "y", "z", None][i] for i in rng.integers(0, 4, rows)], dtype=object),
        "many": np.array([f"c{i}" for i in rng.integers(0, 120, rows)], dtype=object),
        "day": rng.integers(0, 700, rows) * 86_400.0 + 1.6e9,
        "note": np.array([" ".join(rng.choice(words, 6)) for _ in range(rows)], dtype=object),
    }


def target(classes, rows=ROWS, seed=1):
    """Return a target that has nothing to do with any column."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, rows) if classes else rng.normal(size=rows)


def fitter(columns, y, classes, types=TYPES):
    encoders = choose_encoders(columns, types, Problem(classes).outputs)
    blocks = encoders.encode(columns, len(y))
    return ViewFitter(encoders, blocks, y, Problem(classes), 0)


def same(left, right):
    return [step.digest for step in left.steps] == [step.digest for step in right.steps]


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_what_its_plan_makes_of_any_rows(view, classes):
    columns, y = raw(), target(classes)
    made = fitter(columns, y, classes)
    fitted = made.fit(view)

    assert fitted.learn.X.shape == (ROWS, fitted.plan.width)
    assert fitted.learn.X.flags.c_contiguous
    unseen = made.encoders.encode(raw(seed=9), ROWS)
    sample = fitted.sample(unseen, y)
    assert np.array_equal(sample.X, fitted.plan.transform(unseen), equal_nan=True)
    assert np.isfinite(sample.X).all() == (view in {"dense", "wide", "text"})
    # Only columns that know the target, or count rows, differ from what is served.
    plain = fitted.plan.transform(made.blocks)
    crossed = [np.full(step.width, isinstance(step, TableStep | TextStep)) for step in fitted.plan.steps]
    kept = ~np.concatenate(crossed)
    assert np.array_equal(fitted.learn.X[:, kept], plain[:, kept], equal_nan=True)


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("view", VIEWS)
def test_no_column_to_learn_from_knows_a_rows_own_target(view, classes):
    rng = np.random.default_rng(5)
    # A level for every other row, and words that nearly name the row: what sees its own target here knows it.
    many = np.array([f"c{i}" for i in rng.permutation(np.arange(ROWS) // 2)], dtype=object)
    note = np.array([" ".join(f"w{i}" for i in rng.integers(0, 150, 8)) for _ in range(ROWS)], dtype=object)
    columns = {"many": many, "note": note}
    y = target(classes)
    made = fitter(columns, y, classes, {"many": "categorical", "note": "text"})
    fitted = made.fit(view)
    goal = y if classes != 3 else y == 1
    # Codes are no figures.
    figures = slice(1 if view == "native" else 0, None)

    def strongest(X):
        return max(abs(np.corrcoef(column, goal)[0, 1]) for column in X[:, figures].T if np.ptp(column) > 0)

    assert fitted.learn.categorical == ((0,) if view == "native" else ())
    assert strongest(fitted.learn.X) < 0.3
    # What is served has seen all rows: that of their own would tell the target.
    assert strongest(fitted.plan.transform(made.blocks)) > 0.4


@pytest.mark.parametrize("view", VIEWS)
def test_a_plan_does_not_depend_on_rows_that_it_is_not_given(view):
    columns, y = raw(), target(2)
    encoders = choose_encoders(columns, TYPES, 1)
    other = {**raw(seed=7), "many": columns["many"][::-1].copy()}
    judged = np.arange(ROWS) % 5 == 0
    changed = {
        name: np.where(judged, other[name], column).astype(column.dtype) for name, column in columns.items()
    }

    first, second = (
        ViewFitter(
            encoders,
            encoders.encode(whole, ROWS).take(np.flatnonzero(~judged)),
            y[~judged],
            Problem(2),
            0,
        ).fit(view)
        for whole in (columns, changed)
    )

    assert same(first.plan, second.plan)
    assert np.array_equal(first.learn.X, second.learn.X, equal_nan=True)
    everything = ViewFitter(encoders, encoders.encode(changed, ROWS), y, Problem(2), 0).fit(view)
    assert not same(first.plan, everything.plan) or view == "native"


def test_encoders_are_chosen_without_the_holdout():
    columns = raw()
    columns["few"][:2] = "only here"

    seen = choose_encoders(take(columns, np.arange(2, ROWS)), TYPES)

    assert "only here" not in str(seen.to_json())
    assert "only here" in str(choose_encoders(columns, TYPES).to_json())


@pytest.mark.parametrize(("classes", "kind"), [(0, "continuous"), (2, "binary"), (3, "multiclass")])
def test_mean_targets_are_those_of_scikit_learn(classes, kind):
    columns, y = {"many": raw()["many"]}, target(classes)
    made = fitter(columns, y, classes, {"many": "categorical"})
    fitted = made.fit("tree")
    theirs = TargetEncoder(target_type=kind).fit(made.blocks.codes, y)

    outputs = 3 if classes == 3 else 1
    assert fitted.plan.transform(made.blocks)[:, -outputs:] == pytest.approx(
        theirs.transform(made.blocks.codes)
    )


def test_frequencies_count_the_other_rows_of_a_level():
    column = np.array([f"c{i // 4}" for i in range(48)] + ["alone"], dtype=object)
    made = fitter({"many": column}, target(2, 49), 2, {"many": "categorical"})
    fitted = made.fit("tree")
    (step, _) = fitted.plan.steps

    assert isinstance(step, TableStep)
    assert fitted.learn.X[:, 0].tolist() == [3.0] * 48 + [0.0]
    unseen = made.encoders.encode({"many": np.array(["c1", "new"], dtype=object)}, 2)
    assert step.apply(unseen)[:, 0].tolist() == [4.0, 0.0]


@pytest.mark.parametrize("view", ["tree", "native", "dense", "wide"])
def test_what_is_constant_or_always_missing_makes_no_column(view):
    columns = {
        "number": raw()["number"],
        "constant": np.full(ROWS, 7.0),
        "empty": np.full(ROWS, np.nan),
        "word": np.array(["same"] * ROWS, dtype=object),
        "none": np.array([None] * ROWS, dtype=object),
    }
    kinds = ["numeric", "numeric", "numeric", "categorical", "categorical"]

    fitted = fitter(columns, target(0), 0, dict(zip(columns, kinds, strict=True))).fit(view)

    assert fitted.plan.width == (2 if view == "wide" else 1)


@pytest.mark.parametrize("view", ["tree", "native", "dense", "wide"])
def test_rows_without_any_usable_column_make_an_empty_matrix(view):
    fitted = fitter({"constant": np.full(ROWS, 7.0)}, target(0), 0, {"constant": "numeric"}).fit(view)

    assert fitted.learn.X.shape == (ROWS, 0)
    assert fitted.plan.transform(fitter(raw(), target(0), 0).blocks).shape == (ROWS, 0)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("y", [np.repeat([0, 1, 2], [200, 199, 1]), np.zeros(ROWS, dtype=int)])
def test_classes_of_one_row_or_a_single_class_harm_no_view(view, y):
    fitted = fitter(raw(), y, 3).fit(view)

    assert len(fitted.learn.X) == ROWS
    assert np.isfinite(fitted.learn.X).any()


def test_normal_numbers_have_normal_scores_and_standard_ones_a_spread_of_one():
    columns = {"skewed": np.random.default_rng(0).exponential(size=2000) ** 3, "gappy": raw(2000)["gappy"]}
    made = fitter(columns, target(0, 2000), 0, {"skewed": "numeric", "gappy": "numeric"})

    X = made.fit("wide").learn.X

    assert np.abs(X[:, 0]).max() <= NORMAL_LIMIT
    assert (X[:, 0].mean(), X[:, 0].std()) == pytest.approx((0, 1), abs=0.03)
    gaps = np.isnan(columns["gappy"])
    assert X[~gaps, 3].mean() == pytest.approx(0, abs=0.05)
    assert X[gaps, 3] == pytest.approx(0)
    assert np.array_equal(X[:, 4], gaps)


def test_gaps_and_rare_levels_are_marked_where_columns_are_filled():
    plan = fitter(raw(), target(0), 0).fit("dense").plan

    assert [len(step.columns) for step in plan.steps if isinstance(step, MissingStep)] == [1]
    assert any(isinstance(step, OneHotStep) for step in plan.steps)


def test_relabelled_rows_keep_their_matrix():
    fitted = fitter(raw(), target(0), 0).fit("dense")

    again = fitted.relabelled(np.zeros(ROWS))

    assert isinstance(again, Sample)
    assert again.X is fitted.learn.X
    assert not again.y.any()
