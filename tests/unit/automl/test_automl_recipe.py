"""A recipe is hostile input: every fault of every step is named at once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.cleaning import parse
from automl.cleaning.recipe import MAX_FILE_BYTES, read_file
from automl.errors import RecipeError
from scoring.cleaning.vocabulary import VOCABULARY
from tests.unit.automl.cleaning_samples import TYPES

EVERY_STEP = [
    {"step": "rename", "columns": {"age": "years"}},
    {"step": "mark_missing", "columns": ["years"], "values": [-200], "ignore_case": True},
    {"step": "drop_rows_missing", "columns": ["years"], "max_share": 0.5},
    {"step": "drop_rows_missing", "columns": ["years"]},
    {"step": "drop_duplicates", "columns": ["years", "kind"], "keep": "last"},
    {"step": "filter_rows", "column": "years", "operator": "ge", "value": 18},
    {"step": "filter_rows", "column": "kind", "operator": "in", "values": ["flat", "house"]},
    {"step": "clip", "columns": ["years"], "lower": 0, "upper_quantile": 0.99},
    {"step": "impute", "columns": ["years"], "strategy": "median", "by": "kind"},
    {"step": "impute", "columns": ["kind"], "strategy": "constant", "value": "none"},
    {"step": "trim", "columns": ["kind", "note"], "case": "lower"},
    {"step": "map_values", "columns": ["kind"], "mapping": {"flat": "f", "house": None}, "other": "o"},
    {"step": "change_type", "columns": ["code"], "type": "categorical"},
    {"step": "parse_dates", "columns": ["code"], "format": "%Y%m%d"},
    {"step": "drop_columns", "columns": ["note"]},
]
SENTENCES = [
    "Rename 'age' to 'years'.",
    "Count -200 in 'years' as missing.",
    "Leave out rows where more than 50% of the cells of 'years' are missing.",
    "Leave out rows where 'years' is missing.",
    "Leave out rows that repeat others in 'years', 'kind'; the last of them stays.",
    "Keep rows where 'years' is at least 18.",
    "Keep rows where 'kind' is one of 'flat', 'house'.",
    "Move numbers of 'years' that are below 0 or above their 99.0% quantile to that bound.",
    "Fill missing cells of 'years' with the median of the rows with the same 'kind'.",
    "Fill missing cells of 'kind' with 'none'.",
    "Trim the texts of 'kind', 'note' and write them in lower case.",
    "Map in 'kind' 'flat' to 'f', 'house' to missing, all others to 'o'.",
    "Change the type of 'code' to categorical.",
    "Read 'code' as dates of the form %Y%m%d.",
    "Drop 'note'.",
]


def faults(*steps, types=TYPES, target=None):
    """Return the faults of a recipe as pairs of number and message."""
    with pytest.raises(RecipeError) as caught:
        parse(list(steps), types, target)
    return [(fault["step"], fault["message"]) for fault in caught.value.faults]


def fault(step, **options):
    """Return the only fault of the only step."""
    ((number, message),) = faults(step, **options)
    assert number == 1
    return message


def test_every_step_of_the_vocabulary_is_read_described_and_written_again():
    recipe = parse(EVERY_STEP, TYPES)

    assert {step.name for step in recipe.steps} == set(VOCABULARY)
    assert recipe.describe() == SENTENCES
    assert parse(json.loads(json.dumps(recipe.to_json())), TYPES) == recipe


def test_many_columns_are_not_all_listed():
    (sentence,) = parse([{"step": "drop_columns", "columns": [f"c{i}" for i in range(8)]}]).describe()

    assert sentence == "Drop 'c0', 'c1', 'c2', 'c3', 'c4' and 3 more columns."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"steps": []}, "it must be a list of at most 100 steps"),
        ("drop_columns", "it must be a list of at most 100 steps"),
        (None, "it must be a list of at most 100 steps"),
        ([{"step": "drop_duplicates"}] * 101, "it must be a list of at most 100 steps"),
    ],
)
def test_what_is_no_list_of_steps_is_refused(content, message):
    with pytest.raises(RecipeError) as caught:
        parse(content)

    assert caught.value.faults == [{"step": None, "message": message}]
    assert caught.value.code == "invalid_recipe"


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ("drop_columns", "must be an object"),
        ({}, "not none"),
        ({"step": "eval"}, "not 'eval'"),
        ({"step": ["drop_columns"]}, "not ['drop_columns']"),
        ({"step": "drop_columns"}, "columns is missing"),
        ({"step": "drop_columns", "columns": []}, "columns must be a list of 1 to 2,000 column names"),
        ({"step": "drop_columns", "columns": "age"}, "columns must be a list"),
        ({"step": "drop_columns", "columns": [1]}, "columns must be the name of a column"),
        ({"step": "drop_columns", "columns": ["age", "age"]}, "columns names a column twice"),
        ({"step": "drop_columns", "columns": ["age"], "x" * 100: 1}, "has no field 'xxx"),
        ({"step": "drop_rows_missing"}, "columns or max_share must be given"),
        ({"step": "drop_rows_missing", "max_share": 2}, "max_share must be a number from 0 to 1"),
        ({"step": "drop_rows_missing", "max_share": True}, "max_share must be a number"),
        ({"step": "drop_rows_missing", "max_share": float("nan")}, "max_share must be a finite number"),
        ({"step": "drop_duplicates", "keep": "any"}, "keep must be one of first, last"),
        ({"step": "impute", "columns": ["age"], "strategy": ["mean"]}, "strategy must be one of mean"),
        ({"step": "impute", "columns": ["age"], "strategy": "constant"}, "constant takes value and not by"),
        ({"step": "impute", "columns": ["age"], "strategy": "mean", "value": 1}, "mean takes no value"),
        (
            {"step": "impute", "columns": ["age"], "strategy": "constant", "value": "old"},
            "'age': 'old' is no value of type numeric",
        ),
        (
            {"step": "impute", "columns": ["age"], "strategy": "constant", "value": {}},
            "value must be a number, text, true or false",
        ),
        (
            {"step": "impute", "columns": ["age"], "strategy": "constant", "value": 10**400},
            "value must be a number, text, true or false",
        ),
        (
            {"step": "impute", "columns": ["member"], "strategy": "constant", "value": 1},
            "'member': 1 is no value of type boolean",
        ),
        ({"step": "impute", "columns": ["kind"], "strategy": "mean"}, "'kind' is categorical, which has no"),
        (
            {"step": "impute", "columns": ["age"], "strategy": "mean", "by": "age"},
            "'age' cannot make groups for itself",
        ),
        (
            {"step": "impute", "columns": ["age"], "strategy": "mean", "by": "kin"},
            "there is no column 'kin': did you mean 'kind'?",
        ),
        ({"step": "trim", "columns": ["age"]}, "'age' is numeric, and trim takes columns of type"),
        ({"step": "trim", "columns": ["kind"], "case": "Title"}, "case must be one of keep, lower"),
        (
            {"step": "map_values", "columns": ["age"], "mapping": {}},
            "mapping must be an object of 1 to 1,000",
        ),
        (
            {"step": "map_values", "columns": ["age"], "mapping": {"a": 1}},
            "'age': 'a' is no value of type numeric",
        ),
        (
            {"step": "map_values", "columns": ["age"], "mapping": {"1": "a"}},
            "'age': 'a' is no value of type numeric",
        ),
        (
            {"step": "map_values", "columns": ["age"], "mapping": {"1": 2, "1.0": 3}},
            "'age': a value is mapped twice",
        ),
        (
            {"step": "map_values", "columns": ["kind"], "mapping": {"A": "x", "a": "y"}, "ignore_case": True},
            "'kind': a value is mapped twice",
        ),
        (
            {"step": "map_values", "columns": ["kind"], "mapping": {"a": " "}},
            "'kind': ' ' is no value of type categorical",
        ),
        (
            {"step": "map_values", "columns": ["kind"], "mapping": {"a": "b"}, "other": 7},
            "'kind': 7 is no value of type categorical",
        ),
        (
            {"step": "map_values", "columns": ["kind"], "mapping": {"a": "b"}, "ignore_case": 1},
            "ignore_case must be true or false",
        ),
        (
            {"step": "mark_missing", "columns": ["day"], "values": ["soon"]},
            "'day': 'soon' is no value of type date",
        ),
        ({"step": "mark_missing", "columns": ["age"], "values": []}, "values must be a list of 1 to 1,000"),
        (
            {"step": "mark_missing", "columns": ["kind"], "values": ["\ud800"]},
            "values must be text that UTF-8 can hold",
        ),
        ({"step": "rename", "columns": {"age": "\udfff"}}, "columns must be the name of a column"),
        (
            {"step": "mark_missing", "columns": ["kind"], "values": ["x" * 1001]},
            "values must be text of at most 1,000 characters",
        ),
        ({"step": "clip", "columns": ["age"]}, "a bound or a quantile must be given"),
        ({"step": "clip", "columns": ["age"], "lower": 2, "upper": 1}, "the lower bound is above"),
        (
            {"step": "clip", "columns": ["age"], "lower": 2, "lower_quantile": 0.1},
            "a bound and a quantile at the same end exclude each other",
        ),
        ({"step": "clip", "columns": ["day"], "lower": 2}, "'day' is date, and clip takes columns of type"),
        ({"step": "filter_rows", "column": "age", "operator": "="}, "operator must be one of eq, ne, lt"),
        ({"step": "filter_rows", "column": "age", "operator": "eq"}, "eq takes value"),
        ({"step": "filter_rows", "column": "age", "operator": "in", "value": 1}, "in takes values"),
        (
            {"step": "filter_rows", "column": "age", "operator": "missing", "value": 1},
            "missing takes neither value nor values",
        ),
        (
            {"step": "filter_rows", "column": "kind", "operator": "lt", "value": "b"},
            "'kind' is categorical, and lt compares numbers or dates",
        ),
        (
            {"step": "filter_rows", "column": "age", "operator": "between", "values": [2, 1]},
            "between takes two values, the lower one first",
        ),
        (
            {"step": "filter_rows", "column": "age", "operator": "eq", "value": "22"},
            "'22' is no value of type numeric",
        ),
        ({"step": "change_type", "columns": ["age"], "type": "int"}, "type must be one of numeric"),
        (
            {"step": "change_type", "columns": ["day"], "type": "numeric"},
            "'day' is date, which cannot become numeric",
        ),
        (
            {"step": "change_type", "columns": ["kind"], "type": "numeric", "decimal": ",", "thousands": ","},
            "decimal and thousands must differ",
        ),
        ({"step": "parse_dates", "columns": ["kind"], "format": "%d/%m"}, "format must name the year"),
        ({"step": "parse_dates", "columns": ["kind"], "format": "%Y%Y"}, "format must name each part once"),
        ({"step": "parse_dates", "columns": ["kind"], "format": "%Y %s"}, "format must be made of %Y"),
        ({"step": "parse_dates", "columns": ["kind"], "format": "%Y%"}, "format must be made of %Y"),
        ({"step": "parse_dates", "columns": ["kind"], "format": "%Y" + "-" * 60}, "format must have 1 to 50"),
        ({"step": "parse_dates", "columns": ["member"]}, "'member' is boolean, and parse_dates takes"),
        ({"step": "rename", "columns": {"age": "kind"}}, "there is a column 'kind' already"),
        ({"step": "rename", "columns": {"age": " x"}}, "columns a new name must be printable"),
        ({"step": "rename", "columns": {"age": "a\nb"}}, "columns a new name must be printable"),
        ({"step": "rename", "columns": {"age": "x" * 201}}, "columns a new name must have at most 200"),
        ({"step": "rename", "columns": {"age": "x", "code": "x"}}, "columns gives two columns the same name"),
        ({"step": "drop_columns", "columns": list(TYPES)}, "no column would be left"),
    ],
)
def test_an_invalid_step_is_refused_with_its_reason(step, part):
    assert part in fault(step)


def test_all_faults_are_named_with_the_numbers_of_their_steps():
    found = faults(
        {"step": "drop_columns", "columns": ["nothing"]},
        {"step": "drop_duplicates"},
        {"step": "impute", "columns": ["kind", "gone"], "strategy": "mean"},
        {"step": "trim", "case": "x", "extra": 1},
    )

    assert found == [
        (1, "there is no column 'nothing'"),
        (3, "there is no column 'gone'"),
        (3, "'kind' is categorical, which has no mean: use mode or constant"),
        (4, "trim has no field 'extra'"),
        (4, "columns is missing"),
        (4, "case must be one of keep, lower, upper, title"),
    ]


def test_steps_are_compared_with_the_columns_that_the_steps_before_leave():
    found = faults(
        {"step": "rename", "columns": {"age": "years"}},
        {"step": "drop_columns", "columns": ["code"]},
        {"step": "change_type", "columns": ["kind"], "type": "numeric"},
        {"step": "clip", "columns": ["years", "kind"], "lower": 0},
        {"step": "trim", "columns": ["kind"]},
        {"step": "clip", "columns": ["age", "code"], "lower": 0},
    )

    assert found == [
        (5, "'kind' is numeric, and trim takes columns of type categorical or text"),
        (6, "the column 'age' was renamed to 'years' by step 1"),
        (6, "the column 'code' was dropped by step 2"),
    ]


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ({"step": "drop_columns", "columns": ["age"]}, "the target 'age' cannot be dropped"),
        ({"step": "rename", "columns": {"age": "years"}}, "the target 'age' keeps its name"),
        ({"step": "impute", "columns": ["age"], "strategy": "mean"}, "the target 'age' cannot be filled"),
        ({"step": "clip", "columns": ["age"], "lower": 0}, "the target 'age' cannot be clipped"),
        ({"step": "parse_dates", "columns": ["age"]}, "the target 'age' cannot be a date"),
        (
            {"step": "impute", "columns": ["code"], "strategy": "mean", "by": "age"},
            "'age' is the target, which is not known at prediction",
        ),
    ],
)
def test_steps_that_make_no_sense_on_the_target_are_refused(step, part):
    assert part in fault(step, target="age")
    assert parse([step], TYPES)


@pytest.mark.parametrize(
    "step",
    [
        {"step": "map_values", "columns": ["kind"], "mapping": {"flat": "f"}},
        {"step": "mark_missing", "columns": ["kind"], "values": ["none"]},
        {"step": "trim", "columns": ["kind"], "case": "lower"},
        {"step": "change_type", "columns": ["kind"], "type": "numeric"},
        {"step": "filter_rows", "column": "kind", "operator": "ne", "value": "x"},
        {"step": "drop_rows_missing", "columns": ["kind"]},
    ],
)
def test_steps_that_say_what_the_target_means_are_allowed(step):
    assert parse([step], TYPES, "kind")


def test_faults_of_one_step_are_bounded():
    found = faults({"step": "drop_columns", "columns": [f"x{i}" for i in range(500)]})

    assert len(found) == 21
    assert found[-1] == (1, "and 480 more faults")


def test_a_huge_hostile_recipe_is_refused_without_much_work():
    types = {f"column {i:04d}": "numeric" for i in range(2000)}
    misspelt = [f"colunm {i:04d}" for i in range(2000)]
    values = [str(i) for i in range(1000)]
    steps = [
        {"step": "drop_columns", "columns": misspelt},
        {"step": "mark_missing", "columns": list(types), "values": values},
        {"step": "map_values", "columns": list(types), "mapping": dict.fromkeys(values, "x")},
    ]

    found = faults(*(steps * 33), types=types)

    assert len(found) == 99 * 21


def test_the_message_lists_the_first_faults():
    with pytest.raises(RecipeError) as caught:
        parse([{"step": "drop_columns", "columns": [f"x{i}"]} for i in range(12)], TYPES)

    assert str(caught.value).startswith("The recipe cannot be applied: step 1: there is no column 'x0'; ")
    assert str(caught.value).endswith("; and 2 more.")


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 200_000, b" " * (MAX_FILE_BYTES + 1)])
def test_files_that_are_no_recipes_are_refused(tmp_path, content):
    path = tmp_path / "recipe.json"
    path.write_bytes(content)

    with pytest.raises(RecipeError):
        read_file(path)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([*TYPES, *VOCABULARY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted(
    {
        name
        for step in VOCABULARY.values()
        for name in ("columns", *step.__dataclass_fields__)  # every field that some step has
    }
)
hostile_steps = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5).flatmap(
    lambda fields: st.sampled_from([{"step": name, **fields} for name in VOCABULARY])
)


@given(st.lists(json_values | hostile_steps, max_size=4))
def test_any_json_is_a_recipe_or_refused(content):
    try:
        recipe = parse(content, TYPES, "age")
    except RecipeError:
        return
    assert len(recipe.describe()) == len(content)
