"""What a recipe made of rows to learn from, it makes of them again at prediction, together or one by one."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automl.cleaning import apply, parse
from automl.errors import RecipeError
from automl.features.encoders import raw_columns
from scoring.cleaning.conversions import NUMBERS, WORDS
from scoring.cleaning.recipe import FittedRecipe
from tests.unit.automl.cleaning_samples import TYPES, cleaned, column_of, columns_of, table_of

WORDS_USED = ["flat", "House", "house", "a  b", "1,234.5", "12", "yes", "No", "31/01/2024", "2024-01-31"]
NUMBERS_USED = [0.0, -0.0, 1.0, -200.0, 22.0, 20240131.0, 0.1]
DATES_USED = [0.0, 1706659200.0, -2208988800.0, 1.5]
USED = {
    "numeric": st.sampled_from(NUMBERS_USED) | st.floats(-1e6, 1e6, width=32),
    "boolean": st.sampled_from([0.0, 1.0]),
    "date": st.sampled_from(DATES_USED),
    "categorical": st.sampled_from(WORDS_USED),
    "text": st.sampled_from(WORDS_USED),
}
HOSTILE = {
    "numeric": st.floats() | st.sampled_from(NUMBERS_USED),
    "boolean": st.sampled_from([0.0, 1.0]),
    "date": st.floats() | st.sampled_from(DATES_USED),
    "categorical": st.text(min_size=1, max_size=70) | st.sampled_from(WORDS_USED),
    "text": st.text(min_size=1, max_size=70) | st.sampled_from([*WORDS_USED, "1e400", "9" * 80, "\ud800"]),
}


def rows_of(values, least, most):
    """Return a strategy for raw rows, some cells missing."""
    cells = {
        name: st.just(None if kind in WORDS else np.nan) | values[kind] | values[kind]
        for name, kind in TYPES.items()
    }
    return st.lists(st.fixed_dictionaries(cells), min_size=least, max_size=most).map(
        lambda rows: {name: [row[name] for row in rows] for name in TYPES}
    )


def some(*names):
    return st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)


ANY = some(*TYPES, "renamed")
NUMERIC = some("age", "code")
WORDY = some("kind", "note")
# What fits a column and what goes into it; the others show that misfits are left out.
FITTING = [
    (WORDY, st.sampled_from(WORDS_USED), st.sampled_from(WORDS_USED)),
    (NUMERIC, st.sampled_from(NUMBERS_USED), st.sampled_from(["22", "0", "-200", "1e3"])),
    (st.just(["member"]), st.booleans(), st.sampled_from(["true", "false"])),
    (
        st.just(["day"]),
        st.sampled_from(["1970-01-01", "1900-01-01T00:00:00"]),
        st.sampled_from(["1970-01-01", "2024-01-31"]),
    ),
    (ANY, st.sampled_from([*WORDS_USED, 1.0]), st.sampled_from(["12", "true"])),
]


def step(name, columns=ANY, optional=None, **fields):
    fields = {"step": st.just(name), "columns": columns, **fields}
    return st.fixed_dictionaries(fields, optional=optional)


def steps_with_values(columns, cells, keys):
    """Return the steps that hold values of their columns."""
    return st.one_of(
        step("impute", columns, strategy=st.just("constant"), value=cells),
        step("mark_missing", columns, values=st.lists(cells, min_size=1, max_size=3)),
        step(
            "map_values",
            columns,
            mapping=st.dictionaries(keys, cells | st.none(), min_size=1, max_size=3),
            ignore_case=st.booleans(),
            optional={"other": cells | st.none()},
        ),
    )


column_steps = st.one_of(
    step(
        "impute",
        strategy=st.sampled_from(["mean", "median", "mode"]),
        optional={"by": st.sampled_from(list(TYPES))},
    ),
    *(steps_with_values(*fitting) for fitting in FITTING),
    step("trim", WORDY, case=st.sampled_from(["keep", "lower", "upper", "title"])),
    step("clip", NUMERIC, lower=st.floats(-10, 10), optional={"upper_quantile": st.floats(0, 1)}),
    step(
        "change_type",
        type=st.sampled_from([*NUMBERS, *WORDS]),
        decimal=st.sampled_from([".", ","]),
        optional={"thousands": st.sampled_from([",", ".", " "])},
    ),
    step(
        "parse_dates",
        some("code", "kind", "note"),
        format=st.sampled_from(["ISO8601", "%d/%m/%Y", "%Y%m%d"]),
    ),
    st.fixed_dictionaries(
        {
            "step": st.just("rename"),
            "columns": st.dictionaries(
                st.sampled_from([*TYPES, "renamed"]),
                st.sampled_from([*TYPES, "renamed"]),
                min_size=1,
                max_size=2,
            ),
        }
    ),
)
other_steps = st.one_of(
    step("drop_columns"),
    step("drop_duplicates"),
    step("drop_rows_missing", max_share=st.floats(0, 1)),
    st.fixed_dictionaries(
        {
            "step": st.just("filter_rows"),
            "column": st.sampled_from(list(TYPES)),
            "operator": st.just("present"),
        }
    ),
)
steps = st.one_of(column_steps, column_steps, column_steps, other_steps)


def possible(table, drawn):
    """Return what the drawn steps that are possible one after another make of a table."""
    taken, result = [], cleaned(table=table)
    for entry in drawn:
        try:
            result = apply(table, parse([*taken, entry], TYPES))
        except RecipeError:
            continue
        taken.append(entry)
    return result


def assert_equal(ours, theirs, names):
    for name in names:
        assert ours[name].dtype == theirs[name].dtype, name
        if ours[name].dtype == object:
            assert ours[name].tolist() == theirs[name].tolist(), name
        else:
            np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


def one_by_one(recipe, raw):
    """Return what a recipe makes of each row alone."""
    rows = len(next(iter(raw.values())))
    parts = [
        recipe.apply({name: column[row : row + 1] for name, column in raw.items()}) for row in range(rows)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows_of(USED, 3, 8), rows_of(HOSTILE, 1, 4), st.lists(steps, max_size=10))
def test_replaying_gives_what_was_learned_from(rows, hostile, drawn):
    table = table_of(rows)
    result = possible(table, drawn)
    fitted = FittedRecipe.from_json(json.loads(json.dumps(result.fitted.to_json())), TYPES)
    names = list(result.table.frame)
    learned = raw_columns(result.table.frame, {name: how.type for name, how in result.table.formats.items()})
    raw = raw_columns(table.frame.iloc[result.rows], TYPES)

    assert {name: fitted.types[name] for name in names} == {
        name: how.type for name, how in result.table.formats.items()
    }
    assert_equal(fitted.apply(raw), learned, names)
    assert_equal(one_by_one(fitted, raw), learned, names)
    for needed in (names, names[:1]):
        part = fitted.narrowed(needed)
        assert_equal(part.apply({name: raw[name] for name in part.inputs}), learned, needed)
        assert all(part.origins[name] == fitted.origins[name] for name in needed)

    unseen = columns_of(hostile, TYPES)
    together = fitted.apply(unseen)
    assert_equal(one_by_one(fitted, unseen), together, names)
    for name in names:
        if together[name].dtype == object:
            assert all(value is None or (isinstance(value, str) and value) for value in together[name])


@pytest.mark.parametrize("kind", ["a", "unseen", None])
def test_groups_that_training_did_not_see_are_filled_from_the_whole(kind):
    table = table_of(
        {"age": [1, 3, np.nan, 50], "kind": ["a", "a", "a", "b"]}, {"age": "numeric", "kind": "categorical"}
    )
    fitted = cleaned(
        {"step": "impute", "columns": ["age"], "strategy": "mean", "by": "kind"}, table=table
    ).fitted

    raw = {"age": np.array([np.nan]), "kind": column_of([kind], "categorical")}

    assert fitted.apply(raw)["age"].tolist() == [2.0 if kind == "a" else 18.0]


def test_rows_are_never_left_out_at_prediction():
    steps_ = (
        {"step": "drop_rows_missing", "columns": ["age"]},
        {"step": "drop_duplicates"},
        {"step": "filter_rows", "column": "kind", "operator": "eq", "value": "flat"},
        {"step": "impute", "columns": ["kind"], "strategy": "constant", "value": "none"},
    )
    result = cleaned(*steps_)

    again = result.fitted.apply(raw_columns(table_of().frame, TYPES))

    assert len(result.table.frame) == 2
    assert again["kind"].tolist() == ["flat", "House", "none", "flat", "house", "flat"]
