"""The rows that reasons compare with: few, like all in their answers, stored as a client would send them."""

import hashlib
import json

import numpy as np
import pytest

import scoring
from automl import FitConfig, fit
from automl.preparation import prepare
from automl.searching.workers import InProcess
from automl.serving.background import background, representatives
from automl.serving.export import instances_of
from automl.serving.inputs import find_inputs
from tests.unit.automl.engine_samples import frozen, quick

TARGETS = ("price", "sold", "grade")
FITTED = ("price", "grade")


@pytest.fixture(scope="module")
def fitted(mixed_table):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automl.training.candidates", quick)
        return {
            target: fit(
                mixed_table,
                FitConfig(target, exclude=tuple({*TARGETS} - {target})),
                clock=frozen,
                workers=InProcess,
            )
            for target in FITTED
        }


def model_of(result):
    digests = (hashlib.sha256(part).hexdigest() for part in (result.npz_bytes, result.manifest_bytes))
    return scoring.load(result.npz_bytes, result.manifest_bytes, *digests)


@pytest.mark.parametrize("target", FITTED)
@pytest.mark.long
def test_a_trained_model_explains_texts_dates_gaps_and_new_categories(fitted, mixed_table, target):
    model = model_of(fitted[target])
    instances = instances_of(mixed_table.frame.iloc[:6], model.features)
    instances.append({**instances[0], "city": "an unseen one", "note": "words never seen", "gappy": None})

    answers = model.predict(instances, explain=True)

    for answer, instance in zip(answers, instances, strict=True):
        told = answer["reasons"]
        explained = (
            answer["prediction"] if target == "price" else answer["probabilities"][answer["prediction"]]
        )
        total = told["base"] + sum(entry["contribution"] for entry in told["contributions"])
        assert total == pytest.approx(explained, rel=1e-12, abs=1e-9)
        assert {entry["feature"] for entry in told["contributions"]} == set(instance)
        sizes = [abs(entry["contribution"]) for entry in told["contributions"]]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] > 0
    assert json.dumps(answers, allow_nan=False)


@pytest.mark.parametrize("target", FITTED)
@pytest.mark.long
def test_the_base_value_is_near_the_mean_answer(fitted, mixed_table, target):
    model = model_of(fitted[target])
    rows = instances_of(mixed_table.frame, model.features)

    told = model.predict(rows[:10], explain=True)

    if target == "price":
        everyone = np.array([answer["prediction"] for answer in model.predict(rows)])
        assert abs(told[0]["reasons"]["base"] - everyone.mean()) < 0.1 * everyone.std()
    else:
        everyone = [answer["probabilities"] for answer in model.predict(rows)]
        for answer in told:
            mean = np.mean([each[answer["prediction"]] for each in everyone])
            assert answer["reasons"]["base"] == pytest.approx(mean, abs=0.04)


def test_a_model_can_be_trained_without_training_rows_in_it(mixed_table, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", quick)
    config = FitConfig("price", exclude=("sold", "grade"), reasons=False)

    result = fit(mixed_table, config, clock=frozen, workers=InProcess)

    assert result.manifest["background"] is None
    assert model_of(result).explainable == 0


@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_rows_are_picked_whose_mean_answer_is_that_of_all(outputs):
    generator = np.random.default_rng(0)
    answers = generator.exponential(size=(3000, outputs)) ** 2
    if outputs > 1:
        answers /= answers.sum(axis=1, keepdims=True)

    picked = representatives(answers, 16)

    assert len(set(picked.tolist())) == 16
    at_random = answers[generator.integers(3000, size=(500, 16))].mean(axis=1) - answers.mean(axis=0)
    off = np.abs(answers[picked].mean(axis=0) - answers.mean(axis=0)).sum()
    assert off < 0.3 * np.median(np.abs(at_random).sum(axis=1))


def test_of_fewer_rows_all_are_picked():
    assert sorted(representatives(np.arange(5.0)[:, None], 16).tolist()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("numbers", "rows"), [(2, 24), (20, 12), (60, 8)])
def test_wide_tables_store_fewer_rows_and_long_texts_are_cut(read, numbers, rows):
    names = [f"n{number}" for number in range(numbers)]
    lines = [
        ",".join([*(f"{row * 7 % (11 + number)}.5" for number in range(numbers)), f"{row} " + "long " * 200])
        for row in range(60)
    ]
    content = "\n".join([",".join([*names, "text", "y"]), *(f"{line},{len(line)}.5" for line in lines)])
    table = read(content)
    data = prepare(table, FitConfig("y", task="regression"))

    stored = background(find_inputs(table, data, "y", None), lambda raw, rows: raw["n0"][:, None])

    assert list(stored) == [*names, "text"]
    assert {len(values) for values in stored.values()} == {rows}
    assert {len(text) for text in stored["text"]} == {500}
