"""Splits: alike parts, whole groups, later rows; copies are never on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl import DataError
from automl.searching.folds import split_rows
from automl.splitting.deal import NO_PART
from automl.splitting.groups import grouped_parts, merge_groups, row_copies
from automl.splitting.splits import inner_rows, make_folds, stratified_parts

RNG = np.random.default_rng(0)


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
    inner = inner_rows(y, 4, seed, groups=groups)

    for i in range(folds.count):
        assert not np.intersect1d(groups[folds.judge(i)], groups[folds.learn(i)]).size
        assert np.isin(y[folds.judge(i)], y[folds.learn(i)]).all()
    assert not np.intersect1d(groups[inner], groups[~inner]).size
    assert inner.any()


@pytest.mark.parametrize("limit", [0, 2000])
def test_grouped_parts_are_of_like_size_and_mix(monkeypatch, limit):
    monkeypatch.setattr("automl.splitting.groups.GREEDY_GROUPS", limit)
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
    with pytest.raises(DataError, match="too few parts"):
        split_rows(np.linspace(0, 1, 40), 4, 1, 0, groups=np.zeros(40, dtype=int))


def test_by_time_each_fold_judges_later_rows_than_it_learns_from():
    times = RNG.permutation(np.repeat(np.arange(50.0), 4))
    times[:6] = np.nan
    y = RNG.normal(size=200)

    folds = make_folds(y, 4, 0, times=times)
    inner = inner_rows(y, 5, 0, times=times)

    assert folds.count == 4
    moments = np.nan_to_num(times, nan=-1)
    for i in range(4):
        assert moments[folds.learn(i)].max() < moments[folds.judge(i)].min()
        assert 30 <= len(folds.judge(i)) <= 50
    assert len(folds.learn(0)) >= 30
    assert moments[~inner].max() < moments[inner].min()
    assert 36 <= inner.sum() <= 40


@pytest.mark.parametrize("moments", [2, 3])
def test_few_moments_make_few_folds(moments):
    times = np.repeat(np.arange(float(moments)), 50)

    folds = make_folds(np.zeros(len(times)), 5, 0, times=times)
    inner = inner_rows(np.zeros(len(times)), 5, 0, times=times)

    assert folds.count == moments - 1
    assert inner.sum() == 50


def test_a_class_that_is_yet_to_come_is_not_judged():
    times = np.arange(100.0)
    y = np.where(times < 75, times % 2, 2).astype(int)

    folds = make_folds(y, 4, 0, times=times)
    inner = inner_rows(y, 5, 0, times=times)

    for i in range(folds.count):
        assert np.isin(y[folds.judge(i)], y[folds.learn(i)]).all()
    assert np.isin(y[inner], y[~inner]).all()


def test_where_groups_or_times_leave_nothing_any_rows_judge_within_a_fold():
    y = np.linspace(0, 1, 80)

    for order in ({"groups": np.zeros(80, dtype=int)}, {"times": np.zeros(80)}, {}):
        assert inner_rows(y, 8, 0, **order).sum() == 10


@pytest.mark.parametrize(
    ("y", "order"),
    [
        (np.linspace(0, 1, 60), {"times": np.repeat([0.0, 1.0], 30)}),
        (np.repeat([0, 1, 2, 0], [5, 15, 10, 30]), {"times": np.arange(60.0)}),
    ],
    ids=["two moments", "a block of a new class"],
)
def test_a_split_that_leaves_a_fold_without_rows_to_judge_by_is_refused(y, order):
    with pytest.raises(DataError) as caught:
        split_rows(y, 5, 1, 0, **order)

    assert caught.value.code == "too_few_parts"


def test_all_repeats_have_the_same_holdout_and_deal_the_others_anew():
    y = RNG.integers(0, 2, 200)
    groups = np.arange(200) // 4

    splits = split_rows(y, 5, 3, 0, groups)

    first = splits[0]
    assert len(splits) == 3
    for other in splits[1:]:
        assert np.array_equal(other.judge(other.holdout), first.judge(first.holdout))
        assert not np.array_equal(other.parts, first.parts)
        for fold in range(other.count):
            assert not np.intersect1d(groups[other.judge(fold)], groups[other.learn(fold)]).size
    assert len(split_rows(y, 5, 3, 0, times=np.arange(200.0))) == 1


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
        make_folds(y, 3, 0, groups=np.arange(30), times=np.arange(30.0))

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


@given(st.lists(st.integers(0, 3), min_size=10, max_size=200), st.integers(2, 5), st.integers(0, 99))
def test_every_part_has_the_same_mix_of_targets(values, parts, seed):
    y = np.array(values)

    part = stratified_parts(y, parts, seed)

    dealt = part != NO_PART
    for value in np.unique(y[dealt]):
        members = np.bincount(part[y == value], minlength=parts)
        assert members.max() - members.min() <= 2
    sizes = np.bincount(part[dealt], minlength=parts)
    assert sizes.max() - sizes.min() <= 1 + 2 * len(np.unique(y[~dealt]))
    assert (part == stratified_parts(y, parts, seed)).all()


def test_a_class_is_never_put_aside_as_a_whole():
    for seed in range(30):
        y = np.repeat([0, 1, 2, 3], [40, 1, 2, 3])
        parts = stratified_parts(y, 5, seed)
        for part in range(5):
            assert set(y[parts != part]) == {0, 1, 2, 3}
        assert parts[40] == NO_PART
        assert set(y[~inner_rows(y, 8, seed)]) == {0, 1, 2, 3}
