"""The profile: right figures, plain warnings, strict JSON."""

import json
import math

import numpy as np
import pytest

from automl import profile


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
