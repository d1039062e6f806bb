"""Parity: the exported model answers as the fitted pipeline, family by family, row by row."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scoring
from automl import FitConfig, ParityError
from automl.budget import Budget
from automl.export import (
    TOLERANCE,
    check_parity,
    difference,
    example_instance,
    hostile_instances,
    input_features,
    input_schema,
    instances_of,
    json_safe,
    pack_arrays,
    pack_manifest,
)
from automl.features import fit_plan, raw_columns
from automl.learners import Problem, candidates
from automl.learners.base import Exported
from automl.learners.lightgbm import LightGBMLearner
from automl.target import prepare_target
from scoring.features import FeaturePlan, NumberEncoder
from scoring.model import Model

FEATURES = ["number", "gappy", "city", "day", "note", "member"]


def build(table, learner, target, rounds=None):
    """Fit one learner and return all that a parity check needs."""
    goal = prepare_target(table, FitConfig(target))
    frame = table.frame[FEATURES]
    formats = {name: table.formats[name] for name in FEATURES}
    types = {name: how.type for name, how in formats.items()}
    columns = raw_columns(frame, types)
    plan = fit_plan(columns, types, learner.view)
    budget = Budget(1000.0, lambda: 0.0)
    fitted = learner.fit(
        plan.transform(columns), goal.y, Problem(len(goal.classes)), seed=0, budget=budget, rounds=rounds
    )
    features = input_features(frame, formats)
    exported = fitted.export()
    manifest = {
        "format_version": "1.0",
        "task": goal.task,
        "target": target,
        "classes": goal.classes,
        "model": exported.block,
        "features": [feature.to_json() for feature in features],
        "unused_columns": [],
        "encoders": plan.to_json(),
        "schema": input_schema("t", frame, features),
        "example": example_instance(frame, features),
    }
    parts = {
        "predict": lambda columns: fitted.predict(plan.transform(columns)),
        "features": features,
        "frame": frame,
        "columns": columns,
    }
    return exported, manifest, parts


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
@pytest.mark.parametrize("learner", candidates(100), ids=lambda learner: learner.name)
def test_every_family_is_exported_exactly(mixed_table, learner, target):
    exported, manifest, parts = build(mixed_table, learner, target)

    worst = check_parity(pack_arrays(exported.arrays), pack_manifest(manifest), **parts)

    assert worst <= TOLERANCE


@pytest.mark.parametrize("learner", candidates(100), ids=lambda learner: learner.name)
def test_a_column_without_any_value_in_a_fold_harms_no_family(learner):
    X = np.stack([np.linspace(0, 1, 60), np.full(60, 0.0 if learner.view == "linear" else np.nan)], axis=1)

    fitted = learner.fit(X, X[:, 0], Problem(0), seed=0, budget=Budget(9e9, lambda: 0.0), rounds=10)

    assert np.isfinite(fitted.predict(X)).all()


@pytest.fixture(scope="session")
def gap_free_models(mixed_table):
    """One model per family, fitted without a missing value: the hard case for NaN at serving."""
    frame = mixed_table.frame
    X = frame[["number", "price"]].to_numpy()
    plan = FeaturePlan([NumberEncoder("number"), NumberEncoder("price")])
    models = []
    for learner in candidates(100)[1:]:
        y = np.searchsorted([8.0, 11.0], frame["price"].to_numpy())
        fitted = learner.fit(X, y, Problem(3), seed=1, budget=Budget(1000.0, lambda: 0.0))
        exported = fitted.export()
        manifest = {
            "task": "classification",
            "classes": ["a", "b", "c"],
            "model": exported.block,
            "features": [],
            "unused_columns": [],
            "encoders": plan.to_json(),
            "schema": {},
            "example": {},
        }
        models.append((fitted, plan, Model(manifest, exported.arrays)))
    return models


NUMBERS = st.one_of(st.just(float("nan")), st.floats(allow_infinity=True), st.floats(-100, 100))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_trees_agree_on_any_numbers_gaps_and_extremes(gap_free_models, rows):
    values = np.array(rows)
    columns = {"number": values[:, 0], "price": values[:, 1]}

    for fitted, plan, model in gap_free_models:
        assert (
            difference(model.score(columns, len(rows)), fitted.predict(plan.transform(columns))) <= TOLERANCE
        )


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_parity_holds_for_any_frame_that_can_be_learned_from(data):
    rows = data.draw(st.integers(25, 60))
    cells = {
        "n": st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False)),
        "c": st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["x", "y"])),
        "d": st.one_of(st.none(), st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01"))),
    }
    frame = pd.DataFrame(
        {name: data.draw(st.lists(cell, min_size=rows, max_size=rows)) for name, cell in cells.items()}
    )
    columns = {
        "n": frame["n"].to_numpy(dtype=float, na_value=np.nan),
        "c": np.array(
            [None if not isinstance(v, str) else v.strip() or None for v in frame["c"]], dtype=object
        ),
        "d": np.array([np.nan if pd.isna(v) else pd.Timestamp(v).timestamp() for v in frame["d"]]),
    }
    types = {"n": "numeric", "c": "categorical", "d": "date"}
    learner = data.draw(st.sampled_from(candidates(100)))
    classes = data.draw(st.sampled_from([0, 2, 3]))
    y = np.arange(rows) % classes if classes else np.arange(rows) / 7
    plan = fit_plan(columns, types, learner.view)

    fitted = learner.fit(
        plan.transform(columns), y, Problem(classes), seed=0, budget=Budget(9e9, lambda: 0.0), rounds=10
    )

    exported = fitted.export()
    manifest = {
        "task": "classification" if classes else "regression",
        "classes": [str(label) for label in range(classes)],
        "model": exported.block,
        "features": [],
        "unused_columns": [],
        "encoders": json.loads(json.dumps(plan.to_json())),
        "schema": {},
        "example": {},
    }
    ours = Model(manifest, exported.arrays).score(columns, rows)
    assert difference(ours, fitted.predict(plan.transform(columns))) <= TOLERANCE


def test_a_breach_of_parity_is_an_error(mixed_table):
    exported, manifest, parts = build(mixed_table, LightGBMLearner(), "price", rounds=5)
    wrong = Exported(exported.block, {**exported.arrays, "base": exported.arrays["base"] + 1e-6})

    with pytest.raises(ParityError):
        check_parity(pack_arrays(wrong.arrays), pack_manifest(manifest), **parts)


def test_a_model_that_is_one_leaf_is_exported_too(mixed_table):
    learner = LightGBMLearner(leaves=2)
    X = np.zeros((50, 1))
    fitted = learner.fit(X, np.arange(50) / 7, Problem(0), seed=0, budget=Budget(9e9, lambda: 0.0))

    exported = fitted.export()

    assert len(exported.arrays["roots"]) >= 1
    assert fitted.predict(X[:1]).shape == (1, 1)


def test_instances_are_what_a_client_would_send(mixed_table):
    _, manifest, parts = build(mixed_table, LightGBMLearner(), "price", rounds=2)

    instances = instances_of(parts["frame"].iloc[:6], parts["features"])

    assert json.loads(json.dumps(instances, allow_nan=False)) == instances
    assert instances[5]["day"] is None
    assert isinstance(instances[0]["member"], bool)
    assert set(manifest["example"]) == set(manifest["schema"]["properties"]) == set(FEATURES)
    assert None not in manifest["example"].values()


def test_the_schema_allows_null_exactly_where_training_saw_it(mixed_table):
    _, manifest, _ = build(mixed_table, LightGBMLearner(), "price", rounds=2)

    nullable = {name for name, entry in manifest["schema"]["properties"].items() if "null" in entry["type"]}

    assert nullable == {"gappy", "city", "day"}
    assert manifest["schema"]["required"] == FEATURES
    assert manifest["schema"]["additionalProperties"] is False


def test_hostile_rows_hold_every_hostile_value(mixed_table):
    _, manifest, parts = build(mixed_table, LightGBMLearner(), "price", rounds=2)

    rows = hostile_instances([manifest["example"]], parts["features"])

    assert {"number": 1e300}.items() <= next(row for row in rows if row["number"] == 1e300).items()
    assert any(row["city"] == "an unseen category" for row in rows)
    assert any(all(value is None for value in row.values()) for row in rows)


def test_equal_models_are_equal_bytes(mixed_table):
    first, second = (
        hashlib.sha256(
            pack_arrays(build(mixed_table, LightGBMLearner(), "sold", rounds=5)[0].arrays)
        ).hexdigest()
        for _ in range(2)
    )

    assert first == second


def test_what_json_cannot_say_becomes_none():
    value = {"a": np.float64("nan"), "b": [np.int64(3), float("inf")], "c": (np.bool_(True), "x")}

    assert json_safe(value) == {"a": None, "b": [3, None], "c": [True, "x"]}


def test_scoring_loads_what_is_packed(mixed_table):
    exported, manifest, _ = build(mixed_table, LightGBMLearner(), "sold", rounds=5)
    npz, packed = pack_arrays(exported.arrays), pack_manifest(manifest)

    model = scoring.load(npz, packed, hashlib.sha256(npz).hexdigest(), hashlib.sha256(packed).hexdigest())

    answer = model.predict([model.example])[0]
    assert answer["prediction"] in {"yes", "no"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0)
