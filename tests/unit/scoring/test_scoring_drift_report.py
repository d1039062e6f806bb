"""The report of drift: what is said of counts that stayed, moved, or are too few."""

import json
import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from scoring.drift.reference import Bins, Reference
from scoring.drift.report import LEAST_ROWS, LISTED_FEATURES, Day, drift_report
from scoring.inputs import Feature

TODAY = date(2026, 3, 31)
SIZE = Feature("size", "numeric", nullable=True, training_range=(1.0, 8.0))
KIND = Feature("kind", "categorical", nullable=True, known_values=("flat", "house", "barn"))
SOLD = Feature("sold", "date", nullable=False, training_range=(0.0, 86_400.0 * 300))
MEMBER = Feature("member", "boolean", nullable=False, known_values=(False, True))
SIZES = Bins((0, 0, 1000, 1000, 1000, 0), edges=(1.0, 2.0, 4.0, 8.0))
KINDS = Bins((100, 1800, 900, 200, 0), values=("flat", "house"), once=0)
DATES = Bins((0, 0, 1000, 1000, 1000, 0), edges=tuple(86_400.0 * day for day in (0, 100, 200, 300)))
FLAGS = Bins((0, 0, 1500, 1500, 0), edges=(0.0, 0.5, 1.0))
CLASSES = Bins((0, 1500, 1500, 0, 0), values=("no", "yes"))
REFERENCE = Reference((SIZE, KIND, SOLD, MEMBER), (SIZES, KINDS, DATES, FLAGS), CLASSES)
USUAL = {
    "size": [0, 0, 100, 100, 100, 0],
    "kind": [10, 180, 90, 20, 0],
    "sold": [0, 0, 100, 100, 100, 0],
    "member": [0, 0, 150, 150, 0],
    "answers": [0, 150, 150, 0, 0],
}


def day(ago=0, times=1, **changes):
    counts = np.concatenate([changes.get(name, usual) for name, usual in USUAL.items()]) * times
    return Day(TODAY - timedelta(days=ago), 300 * times, counts.astype(np.int64))


def report(*days, reference=REFERENCE):
    found = drift_report(reference, days, TODAY)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def of(found, name, window=0):
    (feature,) = [one for one in found["windows"][window]["features"] if one["feature"] == name]
    return feature


def test_what_did_not_move_is_ok():
    found = report(day())

    assert found["status"] == "ok"
    assert found["statement"].startswith("In 7 days 300 rows were scored. Features and predictions are")
    for feature in found["windows"][0]["features"]:
        assert (feature["status"], feature["findings"]) == ("ok", [])
        assert feature["psi"] < feature["psi_by_chance"]
    assert found["windows"][0]["predictions"]["psi"] < 0.001
    assert found["windows"][0]["features_by_status"] == {"ok": 4, "watch": 0, "drifted": 0}


def test_a_number_that_moved_has_drifted_and_stands_first():
    found = report(day(size=[0, 0, 0, 50, 250, 0]))

    assert found["status"] == "drifted"
    assert found["statement"] == "In 7 days 300 rows were scored. 1 feature drifted."
    first = found["windows"][0]["features"][0]
    assert (first["feature"], first["status"]) == ("size", "drifted")
    assert first["psi"] > 0.25
    assert first["bins"] == [
        {"from": None, "below": 2.0, "training": 0.3333, "observed": 0.0},
        {"from": 2.0, "below": 4.0, "training": 0.3333, "observed": 0.1667},
        {"from": 4.0, "below": None, "training": 0.3333, "observed": 0.8333},
    ]
    assert found["windows"][0]["worst"] == {"feature": "size", "psi": first["psi"], "status": "drifted"}


def test_a_number_that_moved_a_little_is_to_watch():
    found = report(day(size=[0, 0, 70, 95, 135, 0], times=5))

    assert 0.56 <= of(found, "size")["superiority"] < 0.59
    assert found["status"] == of(found, "size")["status"] == "watch"


@pytest.mark.parametrize("size", [[0, 0, 60, 95, 145, 0], [0, 0, 145, 95, 60, 0]])
def test_a_number_that_moved_up_or_down_has_drifted_though_its_index_is_to_watch(size):
    found = report(day(size=size, times=5))

    assert 0.1 <= of(found, "size")["psi"] < 0.25
    assert abs(of(found, "size")["superiority"] - 0.5) > 0.09
    assert found["status"] == of(found, "size")["status"] == "drifted"


def test_categories_have_no_order_and_a_bin_of_one_number_is_that_number():
    one = math.nextafter(3.0, math.inf)
    sizes = Bins((0, 0, 90, 90, 0, 120, 0), edges=(2.0, 3.0, one, 4.0, 4.0))
    found = report(
        day(size=[0, 0, 90, 90, 0, 120, 0]), reference=replace(REFERENCE, bins=(sizes, KINDS, DATES, FLAGS))
    )

    assert of(found, "kind")["superiority"] is of(found, "kind")["superiority_by_chance"] is None
    assert [label.get("value", "between") for label in of(found, "size")["bins"]] == [
        "between",
        3.0,
        "between",
        "between",
    ]


def test_dates_that_are_missing_make_drift():
    found = report(day(sold=[90, 0, 70, 70, 70, 0]))

    assert found["status"] == of(found, "sold")["status"] == "drifted"
    assert [finding["code"] for finding in of(found, "sold")["findings"]] == ["missing"]


def test_what_chance_explains_is_no_drift():
    """The same shares as a watch of 1,500 rows, of 100 rows: ten bins move as far by themselves."""
    ten = Bins((0, 0, *[300] * 10, 0), edges=tuple(map(float, range(11))))
    reference = Reference((SIZE,), (ten,), CLASSES)
    shares = [12, 8, 13, 7, 14, 6, 12, 8, 11, 9]

    def moved(times):
        counts = np.array([0, 0, *shares, 0, 0, 50, 50, 0, 0]) * times
        return report(Day(TODAY, 100 * times, counts), reference=reference)["windows"][0]["features"][0]

    few, many = moved(1), moved(200)
    assert few["status"] == "ok"
    assert few["psi"] < few["psi_by_chance"]
    assert many["psi"] > many["psi_by_chance"]


@pytest.mark.parametrize(("missing", "status"), [(12, "ok"), (60, "watch"), (150, "drifted")])
def test_more_missing_values_are_told(missing, status):
    rest = (300 - missing) // 3
    found = report(day(size=[missing, 0, rest, rest, 300 - missing - 2 * rest, 0]))

    size = of(found, "size")
    assert size["missing"] == {"expected": 0.0, "observed": missing / 300}
    assert ("missing" in [finding["code"] for finding in size["findings"]]) == (status != "ok")
    if status == "drifted":
        assert size["status"] == "drifted"


def test_missing_values_that_come_no_more_are_to_watch():
    kinds = replace(KINDS, counts=(900, 1300, 600, 200, 0))
    found = report(
        day(kind=[0, 180, 90, 30, 0]), reference=replace(REFERENCE, bins=(SIZES, kinds, DATES, FLAGS))
    )

    assert [finding["code"] for finding in of(found, "kind")["findings"]] == ["missing"]


def test_unseen_categories_are_told():
    found = report(day(kind=[10, 140, 70, 20, 60]))

    kind = of(found, "kind")
    assert kind["unseen"] == {"expected": 0.0, "observed": 0.2}
    assert kind["status"] == "drifted"
    assert kind["findings"] == [
        {
            "code": "unseen",
            "message": "20.0% of the rows have a category that training never saw; 0.0% were to be expected.",
        }
    ]


def test_new_categories_are_expected_where_many_occurred_once():
    names = replace(KINDS, once=600)
    found = report(
        day(kind=[10, 160, 70, 0, 60]), reference=replace(REFERENCE, bins=(SIZES, names, DATES, FLAGS))
    )

    assert of(found, "kind")["unseen"] == {"expected": 0.2069, "observed": 0.2}
    assert of(found, "kind")["findings"] == []


def test_numbers_outside_the_training_range_are_told():
    found = report(day(size=[0, 10, 100, 100, 75, 15]))

    size = of(found, "size")
    assert size["out_of_range"] == {"expected": 0.0007, "observed": 0.0833}
    assert [finding["code"] for finding in size["findings"]] == ["out_of_range"]
    assert size["status"] == "watch"


def test_a_date_that_moved_on_alone_makes_no_drift():
    found = report(day(sold=[0, 0, 0, 0, 0, 300]))

    sold = of(found, "sold")
    assert sold["psi"] > 0.25
    assert found["status"] == sold["status"] == "watch"
    assert [finding["code"] for finding in sold["findings"]] == ["out_of_range", "date_moves_on"]
    assert sold["bins"][0] == {"from": None, "below": "1970-04-11", "training": 0.3333, "observed": 0.0}


def test_predictions_that_moved_have_drifted():
    found = report(day(answers=[0, 280, 20, 0, 0]))

    assert found["status"] == found["windows"][0]["predictions"]["status"] == "drifted"
    assert found["statement"] == "In 7 days 300 rows were scored. The predictions drifted."


def test_answers_as_those_to_rows_that_were_learned_from_have_not_drifted():
    bold = replace(REFERENCE, learned=(0, 2800, 200, 0, 0))

    for answers, status in (
        ([0, 280, 20, 0, 0], "ok"),
        (USUAL["answers"], "ok"),
        ([0, 20, 280, 0, 0], "drifted"),
    ):
        assert report(day(answers=answers), reference=bold)["windows"][0]["predictions"]["status"] == status


def test_too_few_rows_say_nothing():
    few = Day(TODAY, LEAST_ROWS - 1, np.zeros(REFERENCE.size, dtype=np.int64))
    for days, rows in (([], 0), ([few], 99)):
        found = report(*days)
        assert found["status"] == "too_few"
        assert found["statement"] == (
            f"Too few predictions to tell: {rows} rows in 30 days, and it takes {LEAST_ROWS}."
        )
        assert [window["status"] for window in found["windows"]] == ["too_few"] * 2


def test_a_day_counts_in_the_windows_that_it_is_in():
    found = report(day(0), day(6), day(7), day(29), day(30), day(-1))

    assert [window["rows"] for window in found["windows"]] == [600, 1200]
    assert [(window["first_day"], window["last_day"]) for window in found["windows"]] == [
        ("2026-03-25", "2026-03-31"),
        ("2026-03-02", "2026-03-31"),
    ]


def test_the_longer_window_decides_where_the_shorter_has_too_few():
    found = report(day(20, size=[0, 0, 0, 0, 300, 0]))

    assert [window["status"] for window in found["windows"]] == ["too_few", "drifted"]
    assert found["status"] == "drifted"


def test_a_wide_table_makes_no_endless_report():
    many = 300
    reference = Reference(tuple([SIZE] * many), tuple([SIZES] * many), CLASSES)
    counts = np.array([*USUAL["size"] * many, *USUAL["answers"]])
    window = report(Day(TODAY, 300, counts), reference=reference)["windows"][0]

    assert len(window["features"]) == LISTED_FEATURES
    assert window["features_by_status"]["ok"] == many
    assert sum(bool(feature["bins"]) for feature in window["features"]) == 50
