"""The vocabulary of recipes without any data: its JSON Schema, and what it imports."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scoring.cleaning.vocabulary import MAX_STEPS, VOCABULARY, json_schema, read_recipe
from tests.conftest import ROOT

VALIDATOR = Draft202012Validator(json_schema())
EVERY_FIELD = [
    {"step": "drop_columns", "columns": ["a"]},
    {"step": "rename", "columns": {"a": "b"}},
    {"step": "change_type", "columns": ["a"], "type": "numeric", "decimal": ",", "thousands": "."},
    {"step": "parse_dates", "columns": ["a"], "format": "%d/%m/%Y"},
    {"step": "trim", "columns": ["a"], "case": "lower"},
    {
        "step": "map_values",
        "columns": ["a"],
        "mapping": {"x": "y", "z": None, "1": 2.5, "t": True},
        "ignore_case": True,
        "other": None,
    },
    {"step": "mark_missing", "columns": ["a"], "values": [-200, "none", False], "ignore_case": True},
    {"step": "impute", "columns": ["a"], "strategy": "mean", "by": "b"},
    {"step": "impute", "columns": ["a"], "strategy": "constant", "value": "none"},
    {"step": "clip", "columns": ["a"], "lower": -1, "upper_quantile": 0.99},
    {"step": "clip", "columns": ["a"], "lower_quantile": 0, "upper": 1e9},
    {"step": "filter_rows", "column": "a", "operator": "between", "values": [1, 2]},
    {"step": "filter_rows", "column": "a", "operator": "eq", "value": "x"},
    {"step": "drop_rows_missing", "columns": ["a"], "max_share": 0.5},
    {"step": "drop_duplicates", "columns": ["a"], "keep": "last"},
]


def test_the_schema_is_one_and_names_every_step_and_field() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    kinds = {kind["properties"]["step"]["const"]: kind for kind in schema["items"]["oneOf"]}
    assert kinds.keys() == VOCABULARY.keys() == {step["step"] for step in EVERY_FIELD}
    for name, kind in kinds.items():
        given = {field for step in EVERY_FIELD if step["step"] == name for field in step}
        assert kind["properties"].keys() == given
        assert kind["description"].endswith(".")


@pytest.mark.parametrize("step", EVERY_FIELD)
def test_a_step_that_is_read_fits_the_schema(step: dict[str, object]) -> None:
    recipe, faults = read_recipe([step])
    assert (recipe is None, faults) == (False, [])
    VALIDATOR.validate([step])


@pytest.mark.parametrize(
    "content",
    [
        {"steps": []},
        [{"step": "drop_duplicates"}] * (MAX_STEPS + 1),
        ["drop_columns"],
        [{}],
        [{"step": "eval"}],
        [{"step": "drop_columns"}],
        [{"step": "drop_columns", "columns": []}],
        [{"step": "drop_columns", "columns": ["a", "a"]}],
        [{"step": "drop_columns", "columns": ["a"], "more": 1}],
        [{"step": "trim", "columns": ["a"], "case": "Title"}],
        [{"step": "impute", "columns": ["a"], "strategy": "constant", "value": {}}],
        [{"step": "drop_rows_missing", "max_share": 2}],
        [{"step": "drop_rows_missing", "max_share": True}],
    ],
)
def test_what_the_schema_refuses_is_refused(content: object) -> None:
    assert not VALIDATOR.is_valid(content)
    recipe, faults = read_recipe(content)
    assert recipe is None
    assert faults


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def altered_steps(draw: st.DrawFn) -> dict[str, object]:
    step = dict(draw(st.sampled_from(EVERY_FIELD)))
    for name in draw(st.lists(st.sampled_from(sorted(step)), max_size=2, unique=True)):
        if draw(st.booleans()):
            del step[name]
        else:
            step[name] = draw(json_values)
    return step


@given(st.lists(altered_steps(), max_size=3))
def test_whatever_is_read_fits_the_schema(content: list[dict[str, object]]) -> None:
    recipe, _ = read_recipe(content)
    if recipe is not None:
        VALIDATOR.validate(content)
        VALIDATOR.validate(json.loads(json.dumps(recipe.to_json())))


def test_reading_recipes_needs_numpy_and_no_pandas_and_models_do_not_need_it() -> None:
    code = (
        "import json, sys\n"
        "import scoring\n"
        "before = [name for name in sys.modules if 'vocabulary' in name]\n"
        "import scoring.cleaning.vocabulary\n"
        "print(json.dumps([before, sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers/scoring")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    before, after = json.loads(done.stdout)
    assert before == []
    assert "scoring.cleaning.vocabulary.recipe" in after
    assert not {"pandas", "scipy", "sklearn", "automl"} & set(after)
