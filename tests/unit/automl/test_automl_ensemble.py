"""The served ensemble: any mix of any families answers as stored, within the limits of size and time."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl.learners import Candidate
from automl.learners.forest import forest_variants
from automl.learners.linear import LinearLearner
from automl.serving import ensemble as module
from automl.serving.ensemble import Ensemble
from automl.serving.export import TOLERANCE, difference, pack_arrays
from scoring.families.ensemble import SCORERS
from tests.unit.automl.engine_samples import choice_of, hostile, quick, searched, served, zoo

TARGETS = ["price", "sold", "grade"]


def assembled(data, trials, weights=None, folds=(0, 1), **options):
    return Ensemble.of(choice_of(data, trials, weights, **options), data.training, data.splits, folds)


def worst(data, ensemble, columns, rows):
    """Return by how much the stored model's answers differ from the fitted one's."""
    ours = served(data.training, ensemble).score(columns, rows)
    theirs = ensemble.predict(data.training.encoders.encode(columns, rows))
    assert np.isfinite(theirs).all()
    return difference(ours, theirs)


@pytest.mark.parametrize("target", TARGETS)
def test_every_family_is_stored_exactly(zoo_trials, target):
    data, trials = zoo_trials[target]
    columns, rows = hostile(data)

    families = set()
    for trial in trials:
        ensemble = assembled(data, [trial])
        families |= {part.block["family"] for part in ensemble.parts}
        assert worst(data, ensemble, columns, rows) <= TOLERANCE, trial.candidate.name
        assert worst(data, ensemble, data.columns, len(data.training.y)) <= TOLERANCE, trial.candidate.name

    # Numbers are not learned by CatBoost's statistics of categories.
    absent = set() if data.training.classes else {"oblivious_tables"}
    assert families == {"trees", *SCORERS} - absent


@pytest.mark.parametrize("target", TARGETS)
def test_every_candidate_gives_a_model_even_without_time(mixed_table, target):
    data, trials = zoo(mixed_table, target, step=10.0, exclude=tuple({*TARGETS} - {target}))

    for trial in trials:
        for model in trial.models.values():
            assert np.isfinite(model.answers).all(), trial.candidate.name
            assert model.answers.shape[1] == max(1, len(data.training.classes))
            assert model.fitted.rounds <= 100


CELLS = {
    "numeric": st.floats(allow_nan=True, allow_infinity=True) | st.floats(-100, 100),
    "boolean": st.sampled_from([np.nan, 0.0, 1.0]),
    "date": st.floats(allow_nan=True, allow_infinity=False) | st.floats(1.5e9, 1.7e9),
    "categorical": st.none() | st.text(max_size=5) | st.sampled_from(["Bonn", "Köln", "street 7"]),
    "text": st.none() | st.text(max_size=30) | st.sampled_from(["good bad late", "parcel today"]),
}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_mix_is_stored_exactly(zoo_trials, data):
    prepared, trials = zoo_trials[data.draw(st.sampled_from(TARGETS))]
    chosen = data.draw(st.lists(st.sampled_from(trials), min_size=1, max_size=6, unique_by=id))
    counts = data.draw(st.lists(st.integers(1, 9), min_size=len(chosen), max_size=len(chosen)))
    classifies = bool(prepared.training.classes)
    sharpness = st.sampled_from([0.4, 1.0, 1.7]) if classifies else st.just(1.0)
    ensemble = assembled(
        prepared,
        chosen,
        [count / sum(counts) for count in counts],
        temperatures=[data.draw(sharpness) for _ in chosen],
        temperature=data.draw(sharpness),
        floor=data.draw(st.sampled_from([0.0, 0.01])) if classifies else 0.0,
    )
    rows = data.draw(st.integers(1, 8))
    columns = {
        name: np.array(
            data.draw(st.lists(CELLS[kind], min_size=rows, max_size=rows)), dtype=prepared.columns[name].dtype
        )
        for name, kind in prepared.types.items()
    }

    assert worst(prepared, ensemble, columns, rows) <= TOLERANCE


@pytest.mark.parametrize("target", TARGETS)
def test_an_ensemble_of_all_there_is_answers_as_its_parts_do(zoo_trials, target):
    data, trials = zoo_trials[target]
    ensemble = assembled(data, trials)

    blocks = data.training.encoders.encode(data.columns, len(data.training.y))
    mean = np.mean([assembled(data, [trial]).predict(blocks) for trial in trials], axis=0)

    assert ensemble.predict(blocks) == pytest.approx(mean)
    assert worst(data, ensemble, *hostile(data)) <= TOLERANCE
    assert sum(part.weight for part in ensemble.parts) == pytest.approx(1.0)
    # Trees of one kind are walked together, and steps that are alike taken at once.
    exported = ensemble.export()
    assert len(exported.block["groups"]) < len(ensemble.parts)
    digests = {step.digest for part in ensemble.parts for step in part.model.plan.steps}
    assert len(ensemble.plan.steps) < len(digests)


def test_equal_ensembles_are_stored_as_equal_bytes(zoo_trials):
    data, trials = zoo_trials["grade"]

    first, second = (pack_arrays(assembled(data, trials).export().arrays) for _ in range(2))

    assert first == second


@pytest.fixture(scope="module")
def repeated(mixed_table):
    """A search with two repeats of a linear model and a forest."""
    forest = forest_variants(240, 5, problem_of(mixed_table))["extra"]
    candidates = [Candidate(LinearLearner()), Candidate(forest)]
    data, search = searched(mixed_table, candidates, "price", 2, exclude=("sold", "grade"))
    for trial in search.trials:
        assert trial.whole(search.folds) == [0, 1]
    return data, search.trials


def problem_of(table):
    from automl import FitConfig
    from automl.preparation import prepare

    return prepare(table, FitConfig("price")).training.problem


def models_of(ensemble, trial):
    own = {id(model): key for key, model in trial.models.items()}
    return [own[id(part.model)] for part in ensemble.parts if id(part.model) in own]


def test_all_folds_of_all_repeats_answer(repeated):
    data, (linear, forest) = repeated
    folds = range(data.splits[0].count)

    ensemble = assembled(data, [linear, forest], [0.25, 0.75], folds)

    assert sorted(models_of(ensemble, linear)) == sorted(linear.models)
    assert sum(part.weight for part in ensemble.parts[: len(linear.models)]) == pytest.approx(0.25)


def members_of(trials):
    return [module._Member([list(trial.models.values())], 1.0, 1.0, None) for trial in trials]


def test_where_a_row_takes_too_long_the_costliest_loses_a_repeat(repeated, monkeypatch):
    data, trials = repeated
    folds = range(data.splits[0].count)
    costs = [member.cost for member in members_of(trials)]
    costliest = int(np.argmax(costs))
    monkeypatch.setattr(module, "MAX_COST", 0.99 * sum(costs))

    ensemble = assembled(data, trials, [0.25, 0.75], folds)

    assert {repeat for repeat, _ in models_of(ensemble, trials[costliest])} == {0}
    assert {repeat for repeat, _ in models_of(ensemble, trials[1 - costliest])} == {0, 1}
    assert sum(part.weight for part in ensemble.parts) == pytest.approx(1.0)


@pytest.mark.parametrize("limit", ["MAX_COST", "MAX_BYTES"])
def test_within_any_limits_one_repeat_of_each_answers(repeated, monkeypatch, limit):
    data, trials = repeated
    folds = range(data.splits[0].count)
    monkeypatch.setattr(module, limit, 0.0)

    ensemble = assembled(data, trials, [0.25, 0.75], folds)

    assert [models_of(ensemble, trial) for trial in trials] == [[(0, fold) for fold in folds]] * 2
    assert sum(part.weight for part in ensemble.parts) == pytest.approx(1.0)


def test_a_file_that_would_be_too_large_loses_repeats_until_it_is_not(repeated, monkeypatch):
    data, trials = repeated
    folds = range(data.splits[0].count)
    sizes = [member.bytes for member in members_of(trials)]
    monkeypatch.setattr(module, "MAX_BYTES", 0.7 * sum(sizes))

    ensemble = assembled(data, trials, [0.25, 0.75], folds)

    stored = sum(array.nbytes for part in ensemble.parts for array in part.exported.arrays.values())
    assert stored <= 0.7 * sum(sizes)
    assert len(ensemble.parts) < 4 * len(folds)


def test_a_model_that_judged_nothing_of_the_holdout_judges_it(mixed_table):
    data, search = searched(mixed_table, quick(), "price", exclude=("sold", "grade"))
    trial = search.trials[0]

    ensemble = assembled(data, [trial], folds=[search.holdout])

    held_out = data.held_out
    answers = ensemble.predict(data.training.blocks.take(held_out))
    assert answers == pytest.approx(trial.models[0, search.holdout].answers)
