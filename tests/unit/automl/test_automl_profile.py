"""The profile: right figures, plain warnings, strict JSON."""

import json
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl import profile
from automl.profiling.figures import repeated_values
from automl.table import ColumnFormat, Table


def column(report, name):
    return next(entry for entry in report["columns"] if entry["name"] == name)


def codes(report):
    return {(warning["column"], warning["code"]) for warning in report["warnings"]}


def test_numbers_are_described_as_numpy_does(read):
    values = np.arange(1, 101) / 4
    report = profile(read("a,b\n" + "".join(f"x{i % 3},{value}\n" for i, value in enumerate(values))))

    entry = column(report, "b")

    assert entry["type"] == "numeric"
    assert entry["mean"] == pytest.approx(values.mean())
    assert entry["std"] == pytest.approx(values.std())
    assert entry["quantiles"]["0.25"] == pytest.approx(np.quantile(values, 0.25))
    assert sum(entry["histogram"]["counts"]) == 100
    assert len(entry["histogram"]["edges"]) == 21
    assert (entry["missing"], entry["distinct"], entry["negative"]) == (0, 100, 0)


def test_every_type_has_its_figures(mixed_table):
    report = profile(mixed_table)

    assert report["rows"] == 240
    assert column(report, "city")["top"][0]["count"] > 10
    assert column(report, "city")["missing"] > 0
    assert column(report, "day")["first"] < column(report, "day")["last"]
    assert sum(column(report, "day")["histogram"]["counts"]) == 239
    assert column(report, "note")["length"]["max"] >= column(report, "note")["length"]["mean"]
    assert {top["value"] for top in column(report, "member")["top"]} == {True, False}
    assert report["missing_cells"] == sum(entry["missing"] for entry in report["columns"])
    assert report["file"]["delimiter"] == ","


def test_what_a_user_should_know_is_a_warning(read):
    lines = [f"{i},same,,{'v' if i < 10 else ''},c{i % 60},{i % 3}" for i in range(180)]

    report = profile(read("row,one,empty,rare,many,y\n" + "\n".join(lines)))

    assert codes(report) == {
        ("row", "id_like"),
        ("one", "constant"),
        ("empty", "all_missing"),
        ("rare", "constant"),
        ("many", "high_cardinality"),
    }


def test_mostly_missing_columns_and_unreadable_cells_are_warnings(read):
    lines = [f"{i % 9 if i < 30 else ''},{i % 7 if i else 'seven'}" for i in range(100)]

    assert codes(profile(read("rare,number\n" + "\n".join(lines)))) >= {
        ("rare", "mostly_missing"),
        ("number", "unread_cells"),
    }


def test_repeated_rows_are_counted(read):
    report = profile(read("a,b,c\n" + "1,x,\n" * 3 + "2,y,0.5\n" + "2,z,0.5\n"))

    assert report["duplicate_rows"] == 2
    assert (None, "duplicate_rows") in codes(report)


@pytest.mark.parametrize(
    "cells", [["1e308", "-1e308", "1.7e308"], ["5", "5", "5"], ["0", "1e-300", "0"], ["", "", "1"]]
)
def test_extreme_columns_still_give_strict_json(read, cells):
    report = profile(read("a,b\n" + "".join(f"x,{cell}\n" for cell in cells)))

    json.dumps(report, allow_nan=False)
    assert all(math.isfinite(edge) for edge in column(report, "b")["histogram"]["edges"])


@pytest.mark.parametrize(
    "values",
    [[3.5, -1, 3.5, 0, 0, 7, 100], [5, 5], [1e300, -1e300, 2e300], [0.1] * 9 + [1e9], [2, -0.0, 0.0]],
)
def test_figures_from_one_sort_are_those_of_numpy(read, values):
    entry = column(profile(read("a,b\n" + "".join(f"x,{value}\n" for value in values))), "b")
    values = np.array(values)

    for share, value in entry["quantiles"].items():
        assert value == pytest.approx(np.quantile(values, float(share)))
    assert entry["histogram"]["counts"] == np.histogram(values / abs(values).max(), bins=20)[0].tolist()
    assert entry["distinct"] == len(np.unique(values))
    assert (entry["zeros"], entry["negative"]) == ((values == 0).sum(), (values < 0).sum())


def test_top_categories_are_the_most_frequent_in_the_order_of_appearance(read):
    cells = [word for times, word in enumerate("abcdefghijkl", start=1) for _ in range(times)] + ["z"] * 12

    entry = column(profile(read("n,w\n" + "".join(f"1,{cell}\n" for cell in cells))), "w")

    assert [top["value"] for top in entry["top"]] == [*"lzkjihgfed"]
    assert entry["top"][0]["count"] == 12


def test_copied_columns_and_rows_in_the_order_of_time_are_warnings(read):
    lines = [f"{i % 7},{i % 7},2024-01-{1 + i // 2:02},2024-01-{1 + i * 7 % 30:02}" for i in range(60)]

    found = codes(profile(read("a,b,day,other\n" + "\n".join(lines))))

    assert ("b", "duplicate_column") in found
    assert ("day", "rows_in_time_order") in found
    assert ("other", "rows_in_time_order") not in found


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_a_column_that_tells_the_target_is_a_warning(read, share):
    rng = np.random.default_rng(0)
    goal = (rng.random(400) < share).astype(int)
    lines = [
        f"{100 + 50 * y + n:.3f},{y + n / 2:.3f},{y * 7 + 1},c{y},{y}\n"
        for y, n in zip(goal, rng.normal(size=400), strict=True)
    ]

    report = profile(read("late,close,code,word,goal\n" + "".join(lines)), "goal")

    leaks = {column for column, code in codes(report) if code == "leaking_column"}
    assert leaks == {"late", "code", "word"}


def test_categories_that_differ_by_case_only_are_a_warning(read):
    report = profile(read("a,b\n" + "1,Yes\n2,yes\n3,YES \n4,no\n" * 5))

    warning = next(warning for warning in report["warnings"] if warning["code"] == "spelling_variants")
    assert warning["column"] == "b"
    assert warning["evidence"] == {"groups": 1, "example": ["Yes", "yes", "YES"]}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["$5", "€6"], "mixed_currencies"),
        (["13/01/2024", "01/14/2024"], "mixed_date_orders"),
        ([f"{i} {unit}" for i in range(10) for unit in ("kg", "lb")], "mixed_units"),
    ],
)
def test_mixtures_are_warnings_with_their_evidence(read, cells, code):
    report = profile(read("a,b\n" + "".join(f"x,{cell}\n" for cell in cells * 10)))

    assert ("b", code) in codes(report)


def test_values_that_repeat_are_listed_for_numbers_and_dates_too(read):
    cells = [(i % 20 if i % 3 else 7, f"2024-01-{1 + (i % 28 if i % 2 else 4):02}") for i in range(60)]

    report = profile(read("a,day\n" + "".join(f"{a},{day}\n" for a, day in cells)))

    numbers = [a for a, _ in cells]
    top = column(report, "a")["top"]
    assert top[0] == {"value": 7, "count": numbers.count(7)}
    assert [entry["count"] for entry in top] == sorted((e["count"] for e in top), reverse=True)
    assert column(report, "day")["top"][0] == {
        "value": "2024-01-05T00:00:00",
        "count": [day for _, day in cells].count("2024-01-05"),
    }


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200))
def test_repeated_values_are_the_most_frequent_ones_the_smallest_first_among_equals(values):
    counts = Counter(values)
    wanted = sorted((v for v in counts if counts[v] > 1), key=lambda v: (-counts[v], v))[:10]

    found = repeated_values(np.sort(np.array(values, dtype=np.float64)))

    assert found == [{"value": value, "count": counts[value]} for value in wanted]


def test_values_that_never_repeat_have_no_top(read):
    report = profile(read("a,b\n" + "".join(f"{i + 0.5},{i % 2}\n" for i in range(40))))

    assert column(report, "a")["top"] == []


def test_words_that_may_mean_missing_are_a_warning_with_their_evidence(read):
    report = profile(read("a,b\n" + "1,flat\n2,house\n3,unknown\n4,None\n5,shed\n" * 6))

    found = [entry for entry in report["warnings"] if entry["code"] == "disguised_missing"]
    assert [entry["evidence"] for entry in found] == [
        {"value": "unknown", "count": 6},
        {"value": "None", "count": 6},
    ]


def test_signs_are_not_missing(read):
    report = profile(read("a,b\n" + "1,+\n2,-\n3,+\n" * 6))

    assert ("b", "disguised_missing") not in codes(report)


def test_numbers_among_long_texts_are_mixed_types_too(read):
    lines = [f"{i},{i * 1001 if i % 2 else f'a longer remark on case {i} of many'}" for i in range(300)]

    report = profile(read("a,b\n" + "\n".join(lines)))

    assert column(report, "b")["type"] == "text"
    assert ("b", "mixed_types") in codes(report)


@pytest.mark.parametrize("day", ["1900-01-01", "9999-12-31"])
def test_days_that_may_mean_missing_are_a_warning(read, day):
    lines = [f"{i},{day if i % 10 == 0 else f'20{15 + i % 9}-03-{1 + i % 28:02}'}" for i in range(200)]

    report = profile(read("a,day\n" + "\n".join(lines)))

    (found,) = [entry for entry in report["warnings"] if entry["code"] == "disguised_missing"]
    assert found["evidence"] == {"value": day, "count": 20}


def test_the_first_day_of_a_range_is_a_date_like_others(read):
    lines = [f"{i},{1970 + i % 20}-01-01" for i in range(200)]

    report = profile(read("a,day\n" + "\n".join(lines)))

    assert ("day", "disguised_missing") not in codes(report)


@pytest.mark.long
def test_the_profile_of_the_widest_table_fits_an_answer():
    series = pd.Series(pd.Categorical(["Ж" * 90 + str(i % 12) for i in range(60)]))
    frame = pd.DataFrame({f"column {i}": series for i in range(2000)}, copy=False)
    formats = {name: ColumnFormat("categorical") for name in frame.columns}

    assert len(json.dumps(profile(Table(frame, formats, {})))) < 5_000_000
