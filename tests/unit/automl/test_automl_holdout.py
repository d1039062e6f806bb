"""The holdout is the same rows whenever models are to be compared, and nothing leaks into it."""

import numpy as np
import pytest

from automl import FitConfig, fit
from automl.cleaning import parse
from automl.cleaning.applying import apply
from automl.preparation import Origin, prepare
from automl.searching.workers import InProcess
from automl.splitting.deal import NO_PART
from automl.splitting.holdout import holdout_id, judging_rows, sample_rows
from automl.splitting.splits import Folds, make_folds
from tests.unit.automl.engine_samples import frozen, quick

DIGEST = "ab" * 32


def rows_of(data):
    return data.frame.index[data.held_out].tolist()


def held_out(table, target="price", steps=None, **config):
    """Return the rows of the file that are held out."""
    config = FitConfig(target, **config)
    if steps is None:
        return rows_of(prepare(table, config))
    types = {name: how.type for name, how in table.formats.items()}
    cleaned = apply(table, parse(steps, types, target), target)
    data = prepare(cleaned.table, config, Origin(table, cleaned.rows))
    return cleaned.rows[rows_of(data)].tolist()


@pytest.fixture
def copied(read):
    """Return a table in which every third row repeats another, and more do without the column b."""
    rng = np.random.default_rng(0)
    a, b, c = (rng.integers(0, most, 240) for most in (30, 9, 30))
    rows = [*zip(a, b, c, rng.normal(size=240), strict=True)]
    lines = "".join(f"{a}.5,{b}.5,{c}.5,{y:.4f}\n" for a, b, c, y in rows + rows[:80])
    return read("a,b,c,y\n" + lines)


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
@pytest.mark.parametrize(
    "config",
    [
        {"budget_seconds": 1.0},
        {"budget_seconds": 3600.0},
        {"exclude": ("city", "note")},
        {"keep": ("key",)},
        {"recall": False, "reasons": False, "compact": True},
    ],
)
def test_what_is_held_out_does_not_go_by_the_budget_or_by_columns(mixed_table, target, config):
    assert held_out(mixed_table, target, **config) == held_out(mixed_table, target)


def test_a_recipe_that_leaves_the_rows_leaves_the_holdout(copied):
    steps = [{"step": "drop_columns", "columns": ["b"]}, {"step": "clip", "columns": ["a"], "lower": 3}]

    assert held_out(copied, "y", steps) == held_out(copied, "y")
    fewer = [{"step": "drop_duplicates"}]
    assert held_out(copied, "y", fewer) != held_out(copied, "y")


@pytest.mark.parametrize("config", [{"seed": 1}, {"group": "city"}, {"time": "day"}])
def test_another_split_holds_out_other_rows(mixed_table, config):
    assert held_out(mixed_table, **config) != held_out(mixed_table)


@pytest.mark.parametrize("split", [{}, {"group": "city"}, {"time": "day"}])
def test_a_short_budget_keeps_the_holdout_of_a_long_one(mixed_table, split):
    # 3 classes in 2 seconds get 5 folds instead of 8.
    short, long = (
        prepare(mixed_table, FitConfig("grade", budget_seconds=seconds, **split)) for seconds in (2.0, 60.0)
    )

    assert short.splits[0].count <= 5
    assert short.splits[0].count <= long.splits[0].count
    assert rows_of(short) == rows_of(long)
    for data in (short, long):
        for deal in data.splits:
            assert data.held_out.tolist() == deal.judge(deal.holdout).tolist()


@pytest.mark.parametrize(("split", "folds"), [({}, 8), ({"group": "city"}, 5), ({"time": "day"}, 5)])
def test_a_long_budget_makes_more_folds_beside_the_holdout_of_a_short_one(
    mixed_table, monkeypatch, split, folds
):
    # 240 rows and 3 classes need 5.8 s. There are 5 cities, and in time folds stay as they are.
    monkeypatch.setattr("automl.searching.search.FEW_ROWS", 100)
    short, long = (
        prepare(mixed_table, FitConfig("grade", budget_seconds=seconds, **split)) for seconds in (5.0, 6.0)
    )

    assert (short.splits[0].count, long.splits[0].count) == (5, folds)
    assert rows_of(short) == rows_of(long)
    for deal in long.splits:
        assert deal.count == folds
        assert long.held_out.tolist() == deal.judge(deal.holdout).tolist()


@pytest.mark.parametrize("config", [{}, {"exclude": ("b",)}, {"exclude": ("b",), "budget_seconds": 0.5}])
def test_no_fold_learns_from_a_copy_of_what_it_judges(copied, config):
    data = prepare(copied, FitConfig("y", **config))
    values = np.column_stack([*data.columns.values()])
    copies = np.unique(values, axis=0, return_inverse=True)[1]

    assert rows_of(data) == held_out(copied, "y")
    assert (data.splits[0].copies is not None) == bool(config)
    for split in data.splits:
        for fold in range(split.count):
            assert not np.isin(copies[split.learn(fold)], copies[split.judge(fold)]).any()
            assert len(split.learn(fold)) > 100


def test_a_sample_has_the_holdout_of_all_rows(mixed_table, monkeypatch):
    monkeypatch.setattr("automl.preparation.LEAST_ROWS", 60)
    monkeypatch.setattr("automl.preparation.ROWS_PER_SECOND", 2)
    whole, some, few = (
        prepare(mixed_table, FitConfig("price", budget_seconds=seconds)) for seconds in (200.0, 75.0, 1.0)
    )

    assert [len(data.training.y) for data in (whole, some, few)] == [240, 162, 83]
    assert rows_of(whole) == rows_of(some) == rows_of(few)
    for data in (some, few):
        prices = mixed_table.frame["price"].to_numpy()
        np.testing.assert_array_equal(data.training.y, prices[data.frame.index])


def test_of_many_rows_that_are_put_aside_some_judge(monkeypatch):
    monkeypatch.setattr("automl.splitting.holdout.MAX_HELD_OUT", 20)
    folds = make_folds(np.linspace(0, 1, 300), 3, 0)

    judging = judging_rows(folds, 0)

    assert len(judging) == 20
    assert np.isin(judging, folds.judge(folds.holdout)).all()
    picked = sample_rows(folds, judging, 150, 3, 0)
    sample = folds.take(picked)
    assert len(picked) == 150
    assert np.isin(judging, picked).all()
    assert len(sample.judge(sample.holdout)) == 50
    np.testing.assert_array_equal(judging_rows(folds, 0), judging)


def test_fewer_folds_in_time_judge_the_same_last_rows():
    folds = make_folds(np.arange(120.0), 5, 0, times=np.arange(120.0))

    fewer = folds.fewer(3)

    assert fewer.count == 3
    for fold in range(3):
        assert fewer.judge(fold).tolist() == folds.judge(fold + 2).tolist()
        assert fewer.learn(fold).tolist() == folds.learn(fold + 2).tolist()
    assert Folds(np.array([NO_PART, 0, 1]), 2).fewer(1).count == 2


def test_the_id_goes_by_the_file_the_target_the_task_and_the_rows():
    usual = holdout_id(DIGEST, "y", "regression", np.array([3, 1, 2]))

    assert usual == holdout_id(DIGEST, "y", "regression", np.array([1, 2, 3], dtype=np.int32))
    assert len(usual) == 64
    others = [
        holdout_id("cd" * 32, "y", "regression", np.array([1, 2, 3])),
        holdout_id(DIGEST, "x", "regression", np.array([1, 2, 3])),
        holdout_id(DIGEST, "y", "classification", np.array([1, 2, 3])),
        holdout_id(DIGEST, "y", "regression", np.array([1, 2, 4])),
    ]
    assert len({usual, *others}) == 5
    assert holdout_id(None, "y", "regression", np.array([1])) is None


def test_a_result_its_manifest_and_its_report_name_the_holdout(mixed_table, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", quick)
    ids = set()
    for config in ({"data_sha256": DIGEST}, {"data_sha256": DIGEST, "exclude": ("city",)}, {}):
        result = fit(mixed_table, FitConfig("price", **config), clock=frozen, workers=InProcess)
        assert result.holdout_id == result.manifest["holdout_id"] == result.report["holdout_id"]
        assert result.holdout_rows == result.manifest["rows"]["holdout"] == 30
        ids.add(result.holdout_id)

    rows = np.array(held_out(mixed_table))
    assert ids == {holdout_id(DIGEST, "price", "regression", rows), None}
