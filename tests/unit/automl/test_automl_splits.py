"""Splits: alike parts, whole groups, later rows; copies are never on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl import DataError
from automl.deal import NO_PART
from automl.groups import grouped_parts, merge_groups, row_copies
from automl.splits import holdout, make_folds

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("rows", "held_out"), [(30, 10), (60, 20), (100, 20), (900, 180), (1000, 100), (500_000, 25_000)]
)
def test_the_holdout_is_a_tenth_or_of_few_rows_a_fifth_and_never_more_than_is_needed(rows, held_out):
    assert holdout(np.linspace(0, 1, rows), 0).sum() == held_out


def test_every_row_judges_once_and_is_learned_from_in_all_other_folds():
    y = RNG.integers(0, 3, 100)

    folds = make_folds(y, 5, seed=1)

    assert sorted(np.concatenate([folds.judge(i) for i in range(5)])) == list(range(100))
    for i in range(folds.count):
        assert np.array_equal(np.sort(np.append(folds.judge(i), folds.learn(i))), np.arange(100))
    assert not np.array_equal(folds.parts, make_folds(y, 5, seed=2).parts)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=40, max_size=200),
    st.integers(0, 9),
)
def test_a_group_is_never_on_both_sides(pairs, seed):
    # Every class stands in three groups at least, so that there is something to split.
    y = np.append([label for label, _ in pairs], np.repeat([0, 1, 2], 3))
    groups = np.append([group for _, group in pairs], np.arange(100, 109))

    folds = make_folds(y, 4, seed, groups=groups)
    held_out = holdout(y, seed, groups=groups)

    for i in range(folds.count):
        assert not np.intersect1d(groups[folds.judge(i)], groups[folds.learn(i)]).size
        assert np.isin(y[folds.judge(i)], y[folds.learn(i)]).all()
    assert not np.intersect1d(groups[held_out], groups[~held_out]).size


@pytest.mark.parametrize("limit", [0, 2000])
def test_grouped_parts_are_of_like_size_and_mix(monkeypatch, limit):
    monkeypatch.setattr("automl.groups.GREEDY_GROUPS", limit)
    groups = np.sort(np.append(RNG.integers(0, 300, 3000), np.arange(1000, 2000)))
    y = (groups % 3 == 0).astype(int)

    part = grouped_parts(y, groups, 5, seed=0)

    sizes = np.bincount(part, minlength=5)
    assert sizes.max() - sizes.min() < 0.02 * len(y)
    shares = np.bincount(part, weights=y) / sizes
    assert np.ptp(shares) < 0.02


def test_grouped_parts_of_numbers_are_alike():
    groups = RNG.integers(0, 200, 4000)
    y = groups / 200 + RNG.normal(0, 0.1, 4000)

    part = grouped_parts(y, groups, 5, seed=0)

    assert np.ptp([y[part == i].mean() for i in range(5)]) < 0.05


def test_classes_that_are_groups_cannot_be_split_by_group():
    y = np.repeat([0, 1, 2, 3], 10)

    with pytest.raises(DataError, match="one group only"):
        make_folds(y, 4, 0, groups=y)
    with pytest.raises(DataError, match="three or more"):
        holdout(y, 0, groups=y // 2)


def test_by_time_each_fold_judges_later_rows_than_it_learns_from():
    times = RNG.permutation(np.repeat(np.arange(50.0), 4))
    times[:6] = np.nan
    y = RNG.normal(size=200)

    folds = make_folds(y, 4, 0, times=times)
    held_out = holdout(y, 0, times=times)

    assert folds.count == 4
    moments = np.nan_to_num(times, nan=-1)
    for i in range(4):
        assert moments[folds.learn(i)].max() < moments[folds.judge(i)].min()
        assert 30 <= len(folds.judge(i)) <= 50
    assert len(folds.learn(0)) >= 30
    assert moments[~held_out].max() < moments[held_out].min()
    assert 36 <= held_out.sum() <= 40


@pytest.mark.parametrize("moments", [2, 3])
def test_few_moments_make_few_folds(moments):
    times = np.repeat(np.arange(float(moments)), 50)

    folds = make_folds(np.zeros(len(times)), 5, 0, times=times)
    held_out = holdout(np.zeros(len(times)), 0, times=times)

    assert folds.count == moments - 1
    assert held_out.sum() == 50


def test_a_class_that_is_yet_to_come_is_not_judged():
    times = np.arange(100.0)
    y = np.where(times < 75, times % 2, 2).astype(int)

    folds = make_folds(y, 4, 0, times=times)
    held_out = holdout(y, 0, times=times)

    for i in range(folds.count):
        assert np.isin(y[folds.judge(i)], y[folds.learn(i)]).all()
    assert np.isin(y[held_out], y[~held_out]).all()


def test_a_fold_by_time_has_two_classes_to_learn_from():
    y = np.repeat([0, 1], [60, 40])

    folds = make_folds(y, 4, 0, times=np.arange(100.0))

    assert folds.count == 1
    assert set(y[folds.learn(0)]) == {0, 1}
    with pytest.raises(DataError, match="follow one another"):
        make_folds(np.repeat([0, 1], [90, 10]), 4, 0, times=np.arange(100.0))


def test_time_that_stands_still_and_two_ways_to_split_are_refused():
    y = np.zeros(30)

    with pytest.raises(DataError) as still:
        make_folds(y, 3, 0, times=np.ones(30))
    with pytest.raises(DataError) as both:
        holdout(y, 0, groups=np.arange(30), times=np.arange(30.0))

    assert (still.value.code, both.value.code) == ("time_constant", "group_and_time")


def test_equal_rows_are_copies_whatever_their_types_and_gaps():
    number = np.append(RNG.normal(size=98), [0.0, -0.0])
    word = np.array([*map(str, range(98)), None, None], dtype=object)
    gap = np.append(np.arange(98.0), [np.nan, -np.nan])

    copies = row_copies({"number": number, "word": word, "gap": gap})

    assert copies[98] == copies[99]
    assert len(np.unique(copies)) == 99


def test_rows_that_differ_in_one_value_or_in_the_order_of_values_are_no_copies():
    a = np.arange(100.0)

    copies = row_copies({"a": a, "b": np.append(a[:99], 5), "c": a[::-1]})

    assert len(np.unique(copies)) == 100


def test_rows_that_are_bound_to_repeat_are_no_copies():
    columns = {"a": np.arange(400.0) % 5, "b": np.arange(400.0) % 7}

    assert len(np.unique(row_copies(columns))) == 400


def test_repeated_texts_are_copies():
    text = np.array([f"some text {i % 90}" for i in range(100)], dtype=object)

    assert len(np.unique(row_copies({"text": text}))) == 90


def test_a_case_that_fills_much_of_the_table_is_no_copy():
    columns = {
        "a": np.append(np.zeros(100), np.arange(300.0) // 2),
        "b": np.append(np.zeros(100), np.arange(300.0) // 2),
    }

    copies = row_copies(columns)

    # The 102 zeros stand alone, 149 pairs together.
    assert len(np.unique(copies)) == 102 + 149


def test_merged_groups_keep_together_what_either_grouping_does():
    merged = merge_groups(np.array([0, 0, 1, 1, 2, 3]), np.array([5, 6, 6, 7, 8, 8]))

    assert len(np.unique(merged[:4])) == 1
    assert merged[4] == merged[5] != merged[0]


def test_a_class_that_would_be_put_aside_whole_stays_to_learn_from():
    y = np.array([0] * 10 + [1] * 10 + [2])
    groups = np.append(np.arange(20), 0)

    folds = make_folds(y, 3, 0, groups=groups)

    assert folds.parts[20] == folds.parts[0] == NO_PART
