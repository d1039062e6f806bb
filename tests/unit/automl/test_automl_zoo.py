"""What the search tries: CatBoost's statistics of categories only where they were worth their time."""

from dataclasses import replace

import numpy as np
import pytest

from automl.features.encoders import choose_encoders
from automl.searching.folds import Training
from automl.searching.zoo import candidates

STATISTICS = "CatBoost, categories"


def training(categories, numbers, levels=5, classes=2, rows=400):
    """Return rows with so many columns of each kind."""
    rng = np.random.default_rng(0)
    columns = {f"n{place}": rng.normal(size=rows) for place in range(numbers)}
    for place in range(categories):
        columns[f"c{place}"] = np.array([f"level {code}" for code in rng.integers(0, levels, rows)], object)
    types = {name: "numeric" if name[0] == "n" else "categorical" for name in columns}
    encoders = choose_encoders(columns, types)
    blocks = encoders.encode(columns, rows)
    return Training(
        encoders, blocks, np.arange(rows) % classes, "classification", list("abcdefghi"[:classes])
    )


def statistics(*args, **options):
    return [each.learner for each in candidates(training(*args, **options)) if each.name == STATISTICS]


def test_few_rows_with_categories_are_learned_by_their_statistics():
    (learner,) = statistics(categories=1, numbers=9)

    assert learner.view == "native"
    assert learner.one_hot == 2


@pytest.mark.parametrize(("categories", "levels"), [(0, 5), (3, 2)])
def test_numbers_and_pairs_of_levels_have_none(categories, levels):
    assert not statistics(categories=categories, numbers=2, levels=levels)


def test_many_rows_have_them_where_most_columns_are_categories():
    (learner,) = statistics(categories=3, numbers=3, rows=6_000)

    assert learner.one_hot == 10
    assert not statistics(categories=2, numbers=3, rows=6_000)


def test_many_classes_make_them_too_dear():
    assert not statistics(categories=5, numbers=0, classes=9)


def test_numbers_are_not_told_by_statistics_of_one_border():
    sample = training(categories=3, numbers=0)
    number = replace(sample, y=np.linspace(0.0, 1.0, len(sample.y)), task="regression", classes=[])

    assert STATISTICS not in [candidate.name for candidate in candidates(number)]


def test_numbers_that_may_be_codes_are_no_categories():
    sample = training(categories=0, numbers=1)
    columns = {"rating": np.arange(400.0) % 5}
    encoders = choose_encoders(columns, {"rating": "numeric"})
    rated = Training(encoders, encoders.encode(columns, 400), sample.y, sample.task, sample.classes)

    assert STATISTICS not in [candidate.name for candidate in candidates(rated)]
