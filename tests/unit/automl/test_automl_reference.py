"""The reference for drift: what a training writes of what it saw."""

import hashlib
import json
import math

import numpy as np
import pytest

import scoring
from automl import FitConfig, fit
from automl.features.encoders import raw_columns
from automl.serving.export import input_features
from automl.serving.reference import ALL_BINS, BINS, LEAST_BINS, LONGEST_VALUE, VALUES, reference
from automl.table import ColumnFormat
from scoring import ModelError
from scoring.drift.reference import Reference
from scoring.inputs import Feature


def numbers(*columns, known=None):
    features = [Feature(f"x{place}", "numeric", nullable=True) for place in range(len(columns))]
    raw = {f"x{place}": np.asarray(column, dtype=float) for place, column in enumerate(columns)}
    rows = len(columns[0])
    return reference(features, raw, ["a", "b"], np.zeros(rows, dtype=int) if known is None else known)


def test_numbers_are_cut_into_ten_bins_of_about_as_many_rows():
    values = np.random.default_rng(0).lognormal(size=1_000)
    (bins,) = numbers(values).bins

    assert len(bins.edges) == BINS + 1
    assert (bins.edges[0], bins.edges[-1]) == (values.min(), values.max())
    assert bins.counts[:2] == (0, 0)
    assert bins.counts[-1] == 0
    assert all(90 <= count <= 110 for count in bins.counts[2:-1])


def test_few_numbers_have_a_bin_each():
    (bins,) = numbers([3, 1, 2, 2, 3, 3, np.nan]).bins
    beyond = [math.nextafter(number, math.inf) for number in (1, 2)]

    assert bins.edges == (1, beyond[0], 2, beyond[1], 3, 3)
    assert bins.counts == (1, 0, 1, 0, 2, 0, 3, 0)


def test_a_frequent_number_is_a_bin_alone_and_what_moved_off_it_is_not_in_it():
    found = numbers([0] * 500 + list(range(1, 501)))
    (bins,) = found.bins
    assert bins.edges[:2] == (0, math.nextafter(0, math.inf))
    assert bins.counts[2:4] == (500, 99)

    counts = found.count({"x0": np.array([0, 0, 0.5])}, np.zeros(3, dtype=int))

    assert found.split(counts)[0][2:4].tolist() == [2, 1]


def test_numbers_that_models_repeat_are_no_bins_alone():
    features = [Feature("x", "numeric", nullable=False)]
    answers = np.array([5.0] * 30 + [7.0] * 30)

    assert reference(features, {"x": np.ones(60)}, [], answers).answers.edges == (5, 7, 7)


@pytest.mark.parametrize(
    "values", [[7] * 30, [np.nan] * 30, [0] * 900 + list(range(100)), [1e308, -1e308] * 50]
)
def test_every_column_makes_bins_that_can_be_read_again(values):
    found = numbers(values)
    manifest = json.loads(json.dumps({"reference": found.to_json(), "classes": ["a", "b"]}))

    assert Reference.from_manifest(manifest, found.features) == found
    assert sum(found.bins[0].counts) == len(values)


def test_rows_that_all_models_learned_from_are_no_answers():
    assert numbers(range(5), known=np.array([-1, 0, 1, 1, -1])).answers.counts == (0, 1, 2, 0, 0)
    features = [Feature("x", "numeric", nullable=False)]
    answers = np.array([np.nan, 5.0, 7.0])
    assert reference(features, {"x": np.ones(3)}, [], answers).answers.counts == (0, 0, 1, 1, 0)


def test_what_the_served_model_answers_is_counted_too():
    features = [Feature("x", "numeric", nullable=False)]
    answers, raw = np.array([1.0, 2.0, 3.0, np.nan]), {"x": np.array([0.0, 1.0, 2.0, 5.0])}

    def served(columns, rows):
        assert rows == 4
        return columns["x"]

    found = reference(features, raw, [], answers, served)
    manifest = json.loads(json.dumps({"reference": found.to_json(), "classes": []}))

    assert found.answers.edges == (1, 2, 3, 3)
    assert found.learned == (0, 1, 1, 1, 0, 1)
    assert Reference.from_manifest(manifest, found.features) == found
    manifest["reference"]["predictions_learned"].pop()
    with pytest.raises(ModelError):
        Reference.from_manifest(manifest, found.features)


def test_the_most_frequent_categories_have_a_bin_each(mixed_table):
    cities = np.array([f"city {place}" for place in range(40) for _ in range(place + 1)], dtype=object)
    cities[-1], cities[0] = None, "x" * (LONGEST_VALUE + 1)
    feature = Feature("city", "categorical", nullable=True, known_values=tuple(sorted({*cities} - {None})))
    (bins,) = reference([feature], {"city": cities}, ["a"], np.zeros(len(cities), dtype=int)).bins

    assert set(bins.values[:3]) == {"city 39", "city 38", "city 37"}
    assert len(bins.values) == VALUES
    assert bins.counts[0] == 1
    assert bins.once == 1
    assert bins.counts[-1] == 0
    assert sum(bins.counts) == len(cities)


def test_a_wide_table_has_a_bounded_reference():
    features = 4_000
    found = numbers(*np.random.default_rng(0).normal(size=(features, 50)))

    assert {len(bins.edges) for bins in found.bins} == {LEAST_BINS + 1}
    assert len(json.dumps(found.to_json())) < 200 * features
    assert ALL_BINS // BINS == 1_000


def test_counts_are_of_the_rows_and_types_of_the_table(mixed_table):
    frame = mixed_table.frame.drop(columns=["price", "sold", "grade"])
    formats: dict[str, ColumnFormat] = {name: mixed_table.formats[name] for name in frame}
    features = input_features(frame, formats)
    columns = raw_columns(frame, {name: how.type for name, how in formats.items()})
    found = reference(features, columns, [], np.arange(len(frame), dtype=float))

    for feature, bins in zip(found.features, found.bins, strict=True):
        assert sum(bins.counts) == len(frame), feature.name
        assert bins.counts[0] == frame[feature.name].isna().sum(), feature.name
        assert not any(bins.counts[place] for place in bins.strange), feature.name


@pytest.mark.slow
@pytest.mark.parametrize("target", ["price", "grade"])
def test_a_training_writes_the_reference_that_the_model_counts_by(mixed_table, target):
    exclude = tuple({"price", "sold", "grade"} - {target})
    result = fit(mixed_table, FitConfig(target, budget_seconds=4, seed=1, exclude=exclude))
    digests = [hashlib.sha256(part).hexdigest() for part in (result.npz_bytes, result.manifest_bytes)]
    model = scoring.load(result.npz_bytes, result.manifest_bytes, *digests)

    found = model.reference

    assert found is not None
    assert [feature.name for feature in found.features] == [feature.name for feature in model.features]
    assert {sum(bins.counts) for bins in found.bins} == {result.rows}
    assert sum(found.answers.counts) == result.rows
    rows = model.read([model.example])
    counts = found.count(rows.columns, model.decided(model.score(rows.columns, 1)))
    assert counts.sum() == len(model.features) + 1
