"""What answers depend on: found for columns as they are in the file, within the time there is."""

import json

import numpy as np
import pytest

from automl.budget import Budget
from automl.judging.importance import partial_dependence, permutation_importance

ROWS = 2000


class CountedModel:
    """Answers by a rule, notes how many rows it was asked, and takes time for each call."""

    def __init__(self, rule, clock=None, seconds=0.0):
        self.rule, self.clock, self.seconds = rule, clock, seconds
        self.calls = []

    def __call__(self, columns):
        self.calls.append(len(next(iter(columns.values()))))
        if self.clock is not None:
            self.clock.now += self.seconds
        return self.rule(columns)


@pytest.fixture
def columns():
    rng = np.random.default_rng(0)
    day = 86_400.0
    return {
        "strong": np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(size=ROWS)),
        "weak": rng.normal(size=ROWS),
        "noise": rng.normal(size=ROWS),
        "city": rng.choice(np.array(["Bonn", "Ulm", "Trier", None], dtype=object), ROWS),
        "open": rng.choice([0.0, 1.0, np.nan], ROWS),
        "when": day * rng.integers(-5000, 18_000, ROWS),
        "note": np.array([f"word {i}" for i in range(ROWS)], dtype=object),
    }


TYPES = {
    "strong": "numeric",
    "weak": "numeric",
    "noise": "numeric",
    "city": "categorical",
    "open": "boolean",
    "when": "date",
    "note": "text",
}


def price(columns):
    city = (columns["city"] == "Bonn").astype(float)
    return (3 * np.nan_to_num(columns["strong"]) + columns["weak"] + 2 * city)[:, None]


def chance(columns):
    p = 1 / (1 + np.exp(-price(columns)[:, 0]))
    return np.column_stack([1 - p, p])


def test_columns_are_ranked_by_what_their_loss_would_cost(columns, make_clock):
    y = price(columns)[:, 0] + np.random.default_rng(1).normal(0, 0.1, ROWS)

    found = permutation_importance(price, columns, y, "regression", budget=Budget(60, make_clock()))

    assert [entry["feature"] for entry in found["features"][:3]] == ["strong", "weak", "city"]
    assert all(entry["importance"] == 0 for entry in found["features"][3:])
    assert sum(entry["share"] for entry in found["features"]) == pytest.approx(1)
    assert found["baseline"] == pytest.approx(0.1, rel=0.1)
    assert (found["metric"], found["rows"], found["repeats"], found["complete"]) == ("rmse", 1000, 3, True)
    # RMSE with the column replaced by an independent draw: sqrt(2) standard deviations of its part.
    assert found["features"][0]["importance"] == pytest.approx(3 * np.sqrt(2 * 0.9) - 0.1, rel=0.1)
    assert 0 < found["features"][0]["std"] < 0.5
    json.dumps(found, allow_nan=False)


def test_importance_is_a_loss_also_where_more_is_better(columns, make_clock):
    y = (chance(columns)[:, 1] > np.random.default_rng(1).random(ROWS)).astype(np.int64)

    found = permutation_importance(
        chance, columns, y, "classification", "roc_auc", budget=Budget(60, make_clock())
    )

    assert found["metric"] == "roc_auc"
    assert found["baseline"] > 0.9
    assert found["features"][0]["feature"] == "strong"
    assert found["features"][0]["importance"] > 0.1


def test_where_the_metric_is_undefined_the_log_loss_is_used(columns, make_clock):
    y = np.ones(ROWS, dtype=np.int64)

    found = permutation_importance(
        chance, columns, y, "classification", "roc_auc", budget=Budget(60, make_clock())
    )

    assert found["metric"] == "log_loss"


def test_columns_are_asked_together_in_few_calls(columns, make_clock):
    model = CountedModel(price)

    permutation_importance(
        model, columns, price(columns)[:, 0], "regression", budget=Budget(60, make_clock())
    )

    # One call to take the time, one for the baseline, and one for each repeat of all seven columns.
    assert model.calls == [100, 1000, 7000, 7000, 7000]


def test_little_time_means_fewer_rows_and_repeats(columns, make_clock):
    clock = make_clock()
    model = CountedModel(price, clock, seconds=0.1)

    found = permutation_importance(
        model, columns, price(columns)[:, 0], "regression", budget=Budget(6, clock)
    )

    assert (found["rows"], found["repeats"]) == (500, 1)
    assert found["features"][0]["std"] is None


def test_when_time_ends_what_is_known_is_returned(columns, make_clock, monkeypatch):
    monkeypatch.setattr("automl.judging.importance.CALL_ROWS", 400)
    clock = make_clock()
    model = CountedModel(price, clock, seconds=1.0)

    found = permutation_importance(
        model, columns, price(columns)[:, 0], "regression", budget=Budget(4.5, clock)
    )

    assert not found["complete"]
    assert found["repeats"] == 0
    assert {entry["feature"] for entry in found["features"]} == {"strong", "weak", "noise", "city"}
    assert clock.now <= 4.5


def test_equal_seeds_give_equal_figures(columns, make_clock):
    y = price(columns)[:, 0]

    first, second = (
        permutation_importance(price, columns, y, "regression", budget=Budget(9, make_clock()), seed=4)
        for _ in range(2)
    )

    assert first == second


def test_dependence_follows_the_rule_of_each_type(columns, make_clock):
    found = partial_dependence(
        price, columns, TYPES, ["note", "city", "strong", "open", "when"], [], budget=Budget(60, make_clock())
    )

    shown = {entry["feature"]: entry for entry in found}
    assert list(shown) == ["city", "strong", "open", "when"]
    city = dict(zip(shown["city"]["grid"], shown["city"]["series"][0]["mean"], strict=True))
    assert city["Bonn"] - city["Ulm"] == pytest.approx(2)
    strong = shown["strong"]
    assert len(strong["grid"]) == 20
    slopes = np.diff(strong["series"][0]["mean"]) / np.diff(strong["grid"])
    assert slopes == pytest.approx(3)
    assert shown["open"]["grid"] == [False, True]
    assert shown["when"]["grid"][0].startswith("195")
    assert shown["when"]["series"][0]["class"] is None
    json.dumps(found, allow_nan=False)


def test_dependence_shows_five_columns_and_the_second_of_two_classes(columns, make_clock):
    found = partial_dependence(
        chance, columns, TYPES, list(TYPES), ["no", "yes"], budget=Budget(60, make_clock())
    )

    assert [entry["feature"] for entry in found] == ["strong", "weak", "noise", "city", "open"]
    assert {series["class"] for entry in found for series in entry["series"]} == {"yes"}
    assert np.ptp(found[0]["series"][0]["mean"]) > 0.5


def test_dependence_of_many_classes_shows_the_ten_likeliest(columns, make_clock):
    def shares(asked):
        return np.tile(np.arange(12) / 66, (len(asked["weak"]), 1))

    found = partial_dependence(
        shares, columns, TYPES, ["weak"], [f"c{i}" for i in range(12)], budget=Budget(60, make_clock())
    )

    assert [series["class"] for series in found[0]["series"]] == [f"c{i}" for i in range(11, 1, -1)]


def test_dependence_keeps_to_its_time_and_to_its_memory(columns, make_clock, monkeypatch):
    monkeypatch.setattr("automl.judging.importance.CALL_CELLS", 30 * 7 * 8)
    clock = make_clock()
    model = CountedModel(price, clock, seconds=1.0)

    found = partial_dependence(
        model, columns, TYPES, ["strong", "weak", "noise"], [], budget=Budget(5.0, clock)
    )

    assert [entry["feature"] for entry in found] == ["strong", "weak"]
    assert found[0]["rows"] == 30
    assert max(model.calls[1:]) == 30 * 8


def test_a_column_with_one_value_has_no_dependence(columns, make_clock):
    columns["weak"] = np.full(ROWS, 2.0)
    model = CountedModel(price)

    assert partial_dependence(model, columns, TYPES, ["weak"], [], budget=Budget(9, make_clock())) == []
    assert model.calls == []
