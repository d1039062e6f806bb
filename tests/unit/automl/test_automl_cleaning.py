"""What each step of a recipe does to a table, and what it tells of it."""

import numpy as np
import pandas as pd
import pytest

from automl import profile
from automl.errors import RecipeError
from tests.unit.automl.cleaning_samples import NAN, cleaned, table_of, values_of


def only(result):
    """Return the report of the only step."""
    (entry,) = result.report
    return entry


def test_drop_columns_takes_them_out_of_the_table_and_its_report():
    result = cleaned({"step": "drop_columns", "columns": ["code", "note"]})

    assert list(result.table.frame) == ["age", "kind", "member", "day"]
    assert [entry["name"] for entry in result.table.report["columns"]] == list(result.table.frame)
    assert only(result)["columns_before"] == 6
    assert only(result)["columns_after"] == 4
    assert not result.fitted.steps


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({"columns": ["age"]}, [0, 2, 3, 4, 5]),
        ({"columns": ["age", "kind"]}, [0, 3, 4, 5]),
        ({"max_share": 0.0}, [0, 4, 5]),
        ({"max_share": 0.4}, [0, 1, 2, 4, 5]),
        ({"max_share": 0.5, "columns": ["age", "kind"]}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_rows_that_lack_values_are_left_out(options, rows):
    result = cleaned({"step": "drop_rows_missing", **options})

    assert result.rows.tolist() == rows
    assert only(result)["rows_after"] == len(rows) == len(result.table.frame)
    assert result.table.frame.index.tolist() == list(range(len(rows)))
    assert not result.fitted.steps


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"columns": ["age", "kind", "note"]}, [0, 1, 2, 3, 4]),
        ({"columns": ["age", "kind", "note"], "keep": "last"}, [1, 2, 3, 4, 5]),
        ({"columns": ["member"]}, [0, 1, 2]),
    ],
)
def test_rows_that_repeat_others_are_left_out(options, rows):
    assert cleaned({"step": "drop_duplicates", **options}).rows.tolist() == rows


def test_missing_cells_are_equal_among_duplicates():
    table = table_of({"a": [NAN, NAN, 1], "b": [None, None, None]}, {"a": "numeric", "b": "categorical"})

    assert cleaned({"step": "drop_duplicates"}, table=table).rows.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({"column": "age", "operator": "eq", "value": 22}, [0, 5]),
        ({"column": "age", "operator": "ne", "value": 22}, [1, 2, 3, 4]),
        ({"column": "age", "operator": "lt", "value": 31}, [0, 3, 5]),
        ({"column": "age", "operator": "le", "value": 31}, [0, 3, 4, 5]),
        ({"column": "age", "operator": "gt", "value": 31}, [2]),
        ({"column": "age", "operator": "ge", "value": 31}, [2, 4]),
        ({"column": "age", "operator": "between", "values": [22, 31]}, [0, 4, 5]),
        ({"column": "age", "operator": "missing"}, [1]),
        ({"column": "age", "operator": "present"}, [0, 2, 3, 4, 5]),
        ({"column": "kind", "operator": "in", "values": ["flat", "house"]}, [0, 3, 4, 5]),
        ({"column": "kind", "operator": "not_in", "values": ["flat", "house"]}, [1, 2]),
        ({"column": "kind", "operator": "eq", "value": " flat "}, [0, 3, 5]),
        ({"column": "member", "operator": "eq", "value": True}, [0, 3, 4, 5]),
        ({"column": "member", "operator": "eq", "value": False}, [1]),
        ({"column": "day", "operator": "ge", "value": "2024-02-01"}, [1]),
        ({"column": "day", "operator": "between", "values": ["1970-01-01", "2024-01-31"]}, [0, 4, 5]),
    ],
)
def test_rows_are_filtered_by_a_comparison(options, rows):
    assert cleaned({"step": "filter_rows", **options}).rows.tolist() == rows


def test_categories_of_rows_that_are_gone_are_gone():
    result = cleaned({"step": "filter_rows", "column": "kind", "operator": "eq", "value": "flat"})

    assert result.table.frame["kind"].cat.categories.tolist() == ["flat"]


@pytest.mark.parametrize(
    ("strategy", "filled", "estimated"),
    [("mean", -17.0, -17), ("median", 22.0, 22), ("mode", 22.0, 22)],
)
def test_missing_numbers_are_filled_with_a_statistic(strategy, filled, estimated):
    result = cleaned({"step": "impute", "columns": ["age"], "strategy": strategy})

    assert values_of(result, "age") == [22, filled, 40, -200, 31, 22]
    assert only(result)["cells_changed"] == 1
    assert only(result)["estimated"] == [{"column": "age", "statistic": strategy, "value": estimated}]
    assert result.table.frame["age"].dtype == np.int64


def test_the_smallest_of_several_modes_is_taken():
    table = table_of({"a": [3, 2, NAN], "b": ["y", "x", None]}, {"a": "numeric", "b": "categorical"})
    result = cleaned({"step": "impute", "columns": ["a", "b"], "strategy": "mode"}, table=table)

    assert values_of(result, "a") == [3, 2, 2]
    assert values_of(result, "b") == ["y", "x", "x"]


def test_dates_booleans_and_words_are_filled():
    result = cleaned(
        {"step": "impute", "columns": ["day"], "strategy": "median"},
        {"step": "impute", "columns": ["member", "kind"], "strategy": "mode"},
        {"step": "impute", "columns": ["note"], "strategy": "constant", "value": "nothing"},
    )

    assert values_of(result, "day")[3] == pd.Timestamp("2024-01-31")
    assert result.report[0]["estimated"][0]["value"] == "2024-01-31"
    assert values_of(result, "member")[2] is True
    assert values_of(result, "kind")[2] == "flat"
    assert values_of(result, "note")[3] == "nothing"
    assert result.report[1]["estimated"][0] == {"column": "member", "statistic": "mode", "value": "true"}


def test_groups_have_their_own_statistic_and_the_whole_answers_for_the_rest():
    table = table_of(
        {"age": [1, 3, NAN, 50, NAN, NAN, NAN], "kind": ["a", "a", "a", "b", "b", "c", None]},
        {"age": "numeric", "kind": "categorical"},
    )
    result = cleaned({"step": "impute", "columns": ["age"], "strategy": "mean", "by": "kind"}, table=table)

    assert values_of(result, "age") == [1, 3, 2, 50, 50, 18, 18]
    assert only(result)["estimated"] == [
        {
            "column": "age",
            "statistic": "mean",
            "value": 18,
            "by": "kind",
            "groups": [{"group": "a", "value": 2}, {"group": "b", "value": 50}],
            "group_count": 2,
        }
    ]


def test_numbers_can_make_groups_for_words():
    table = table_of(
        {"kind": ["a", None, "b", None], "code": [1, 1, 2, 3]}, {"kind": "categorical", "code": "numeric"}
    )
    result = cleaned({"step": "impute", "columns": ["kind"], "strategy": "mode", "by": "code"}, table=table)

    assert values_of(result, "kind") == ["a", "a", "b", "a"]


def test_too_many_groups_are_refused():
    count = 1001
    table = table_of(
        {"age": list(range(count)), "code": list(range(count))}, {"age": "numeric", "code": "numeric"}
    )

    with pytest.raises(RecipeError, match="step 1: 'age' makes 1,001 groups, at most 1,000"):
        cleaned({"step": "impute", "columns": ["age"], "strategy": "mean", "by": "code"}, table=table)


def test_a_recipe_that_would_hold_too_many_values_is_refused():
    columns = [f"c{i}" for i in range(60)]
    table = table_of({name: [1, 2] for name in columns}, dict.fromkeys(columns, "numeric"))
    step = {"step": "mark_missing", "columns": columns, "values": list(range(10, 1010))}

    with pytest.raises(RecipeError, match="step 1: the recipe holds more than 50,000 values"):
        cleaned(step, table=table)


def test_numbers_too_large_for_a_mean_are_refused():
    table = table_of({"age": [1.7e308, 1.7e308, NAN]}, {"age": "numeric"})

    with pytest.raises(RecipeError, match="too large for a mean"):
        cleaned({"step": "impute", "columns": ["age"], "strategy": "mean"}, table=table)


def test_what_has_no_values_cannot_be_estimated():
    steps = (
        {"step": "filter_rows", "column": "age", "operator": "missing"},
        {"step": "impute", "columns": ["age"], "strategy": "mean"},
    )
    with pytest.raises(RecipeError) as caught:
        cleaned(*steps)

    assert caught.value.faults == [{"step": 2, "message": "'age' has no values to estimate from"}]


def test_texts_are_trimmed_and_their_case_changed():
    result = cleaned(
        {"step": "trim", "columns": ["note"]}, {"step": "trim", "columns": ["kind"], "case": "title"}
    )

    assert values_of(result, "note")[0] == "a good one"
    assert values_of(result, "kind") == ["Flat", "House", None, "Flat", "House", "Flat"]
    assert [entry["cells_changed"] for entry in result.report] == [2, 4]


@pytest.mark.parametrize(("case", "kind"), [("lower", "house"), ("upper", "HOUSE"), ("keep", "House")])
def test_each_case(case, kind):
    assert (
        values_of(cleaned({"step": "trim", "columns": ["kind"], "case": case}, table=table_of()), "kind")[1]
        == kind
    )


@pytest.mark.parametrize(
    ("options", "column", "expected"),
    [
        ({"mapping": {"flat": "F"}}, "kind", ["F", "House", None, "F", "house", "F"]),
        ({"mapping": {"HOUSE": "H"}, "ignore_case": True}, "kind", ["flat", "H", None, "flat", "H", "flat"]),
        ({"mapping": {"flat": "F"}, "other": "rest"}, "kind", ["F", "rest", None, "F", "rest", "F"]),
        ({"mapping": {"flat": "F"}, "other": None}, "kind", ["F", None, None, "F", None, "F"]),
        ({"mapping": {"flat": None}}, "kind", [None, "House", None, None, "house", None]),
        ({"mapping": {"22": 23, "-200": None}}, "age", [23, None, 40, None, 31, 23]),
        ({"mapping": {"22": 23}, "other": 0}, "age", [23, None, 0, 0, 0, 23]),
        ({"mapping": {"true": False}}, "member", [False, False, None, False, False, False]),
        (
            {"mapping": {"1900-01-01": None}, "other": "2000-01-01"},
            "day",
            [*[pd.Timestamp("2000-01-01")] * 2, None, None, *[pd.Timestamp("2000-01-01")] * 2],
        ),
    ],
)
def test_values_are_mapped(options, column, expected):
    assert values_of(cleaned({"step": "map_values", "columns": [column], **options}), column) == expected


def test_values_that_mean_missing_are_missing():
    result = cleaned(
        {"step": "mark_missing", "columns": ["age"], "values": [-200, 40]},
        {"step": "mark_missing", "columns": ["kind"], "values": ["HOUSE"], "ignore_case": True},
        {"step": "mark_missing", "columns": ["day"], "values": ["1900-01-01"]},
    )

    assert values_of(result, "age") == [22, None, None, None, 31, 22]
    assert values_of(result, "kind") == ["flat", None, None, "flat", None, "flat"]
    assert values_of(result, "day")[2] is None
    assert [entry["cells_made_missing"] for entry in result.report] == [2, 2, 1]


def test_numbers_are_clipped_to_bounds_and_to_quantiles():
    fixed = cleaned({"step": "clip", "columns": ["age"], "lower": 0, "upper": 35})
    estimated = cleaned({"step": "clip", "columns": ["age"], "lower_quantile": 0.25, "upper": 35})

    assert values_of(fixed, "age") == [22, None, 35, 0, 31, 22]
    assert only(fixed)["estimated"] == []
    assert values_of(estimated, "age") == [22, None, 35, 22, 31, 22]
    assert only(estimated)["estimated"] == [{"column": "age", "lower": 22, "upper": 35}]


def test_bounds_that_turn_out_of_order_are_refused():
    with pytest.raises(RecipeError, match="step 1: 'age' has a lower bound 22 above the upper one 0"):
        cleaned({"step": "clip", "columns": ["age"], "lower_quantile": 0.5, "upper": 0})


@pytest.mark.parametrize(
    ("column", "options", "expected"),
    [
        ("age", {"type": "categorical"}, ["22", None, "40", "-200", "31", "22"]),
        ("code", {"type": "boolean"}, [None, True, False, None, True, None]),
        ("code", {"type": "date"}, [pd.Timestamp("2024-01-31"), *[None] * 4, pd.Timestamp("2024-01-31")]),
        ("member", {"type": "numeric"}, [1, 0, None, 1, 1, 1]),
        ("member", {"type": "categorical"}, ["true", "false", None, "true", "true", "true"]),
        ("note", {"type": "boolean"}, [None, None, True, None, None, None]),
        ("note", {"type": "numeric", "thousands": ","}, [None, 1234.5, None, None, None, None]),
        ("note", {"type": "numeric"}, [None] * 6),
        (
            "day",
            {"type": "categorical"},
            ["2024-01-31", "2024-02-01T12:30:00", "1900-01-01", None, "1970-01-01", "2024-01-31"],
        ),
    ],
)
def test_types_are_changed(column, options, expected):
    result = cleaned({"step": "change_type", "columns": [column], **options})

    assert values_of(result, column) == expected
    assert result.table.formats[column].type == options["type"]
    assert only(result)["cells_made_missing"] == sum(
        new is None and old is not None
        for new, old in zip(expected, values_of(cleaned(), column), strict=True)
    )


def test_words_become_text_without_a_change_of_cells():
    result = cleaned({"step": "change_type", "columns": ["kind", "note"], "type": "text"})

    assert result.table.formats["kind"].type == "text"
    assert only(result)["cells_changed"] == 0


def test_decimal_commas_are_read():
    table = table_of({"price": ["1.234,5", "7", ",5", "1.5", "x"]}, {"price": "categorical"})
    step = {"step": "change_type", "columns": ["price"], "type": "numeric", "decimal": ","}

    assert values_of(cleaned({**step, "thousands": "."}, table=table), "price") == [1234.5, 7, 0.5, 15, None]
    assert values_of(cleaned(step, table=table), "price") == [None, 7, 0.5, None, None]


@pytest.mark.parametrize(
    ("column", "date_format", "place", "expected"),
    [
        ("note", "%d/%m/%Y", 4, "2024-01-31"),
        ("code", "%Y%m%d", 0, "2024-01-31"),
        ("note", "ISO8601", 4, None),
    ],
)
def test_dates_are_parsed(column, date_format, place, expected):
    result = cleaned({"step": "parse_dates", "columns": [column], "format": date_format})

    found = values_of(result, column)[place]
    assert found == (None if expected is None else pd.Timestamp(expected))
    assert result.table.formats[column].type == "date"


def test_columns_swap_their_names_in_their_places():
    table = table_of(labels={"age": {22.0: "22"}})
    result = cleaned({"step": "rename", "columns": {"age": "code", "code": "age"}}, table=table)

    assert list(result.table.frame)[:2] == ["code", "age"]
    assert values_of(result, "code") == [22, None, 40, -200, 31, 22]
    assert result.table.labels == {"code": {22.0: "22"}}
    assert result.fitted.origins["code"] == "age"


def test_a_dropped_name_can_be_given_again():
    result = cleaned(
        {"step": "impute", "columns": ["age"], "strategy": "median", "by": "kind"},
        {"step": "drop_columns", "columns": ["kind"]},
        {"step": "rename", "columns": {"note": "kind"}},
    )

    assert values_of(result, "kind") == values_of(cleaned(), "note")
    assert result.fitted.origins["kind"] == "note"


def test_untouched_columns_are_those_of_the_table():
    table = table_of()
    result = cleaned({"step": "trim", "columns": ["kind"], "case": "upper"}, table=table)

    pd.testing.assert_series_equal(result.table.frame["age"], table.frame["age"])
    assert result.table.formats["day"] == table.formats["day"]


def test_the_table_that_was_cleaned_stays_as_it_was():
    table = table_of()
    before = table.frame.copy(deep=True)

    cleaned({"step": "impute", "columns": ["age"], "strategy": "constant", "value": 0}, table=table)

    pd.testing.assert_frame_equal(table.frame, before)


def test_a_cleaned_table_can_be_profiled_and_its_sentinels_are_gone(read):
    rows = "".join(f"{i % 37},{i % 5}\n" for i in range(200)) + "-200,1\n" * 12
    table = read("age,kind\n" + rows)
    assert "disguised_missing" in {entry["code"] for entry in profile(table)["warnings"]}
    steps = (
        {"step": "mark_missing", "columns": ["age"], "values": [-200]},
        {"step": "change_type", "columns": ["kind"], "type": "categorical"},
    )

    report = profile(cleaned(*steps, table=table).table)

    assert "disguised_missing" not in {entry["code"] for entry in report["warnings"]}
    assert [entry["type"] for entry in report["columns"]] == ["numeric", "categorical"]
    assert report["columns"][0]["missing"] == 12


def test_a_recipe_that_leaves_no_row_is_refused():
    with pytest.raises(RecipeError, match="step 2: no row would be left"):
        cleaned(
            {"step": "drop_duplicates"},
            {"step": "filter_rows", "column": "age", "operator": "gt", "value": 1000},
        )


def test_estimates_are_of_what_the_steps_before_left():
    result = cleaned(
        {"step": "mark_missing", "columns": ["age"], "values": [-200]},
        {"step": "filter_rows", "column": "age", "operator": "ne", "value": 40},
        {"step": "impute", "columns": ["age"], "strategy": "mean"},
    )

    assert values_of(result, "age") == [22, 25, 25, 31, 22]
