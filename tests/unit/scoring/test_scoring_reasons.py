"""Reasons: Shapley values of raw columns against a background, and what a client is told."""

import json
from itertools import chain, combinations
from math import factorial, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoring
from scoring import reasons
from scoring.inputs import Feature
from scoring.memory import row_keys
from scoring.reader import Reader
from scoring.reasons import Explainer, most_instances, reasons_of
from tests.unit.scoring.test_scoring_model import ARRAYS, MODEL, load, packed


def table(rows, names="abcdefghijklmnop"):
    matrix = np.asarray(rows, dtype=float)
    return {name: matrix[:, position].copy() for position, name in enumerate(names[: matrix.shape[1]])}


def scored(function):
    """Return a model of one output: a function of a matrix of numbers."""
    return lambda columns, rows: np.reshape(function(np.stack(list(columns.values()), axis=1)), (rows, 1))


def explained(function, row, background):
    columns, answer = table([row]), scored(function)
    explainer = Explainer(answer, None, table(background), list(columns))
    bases, contributions = explainer.explain(columns, answer(columns, 1), np.array([0]))
    return bases[0], contributions[0]


def by_definition(function, row, background):
    """Return Shapley values as their definition has them, summed over all coalitions."""
    row, background, count = np.asarray(row), np.asarray(background), len(row)

    def worth(coalition):
        mixed = background.copy()
        mixed[:, list(coalition)] = row[list(coalition)]
        return float(np.mean(function(mixed)))

    values = np.zeros(count)
    for player in range(count):
        others = [other for other in range(count) if other != player]
        for coalition in chain.from_iterable(combinations(others, size) for size in range(count)):
            share = factorial(len(coalition)) * factorial(count - len(coalition) - 1) / factorial(count)
            values[player] += share * (worth((*coalition, player)) - worth(coalition))
    return values


def tangled(X):
    """Return answers in which all columns act together, and with jumps."""
    return np.exp(np.sin(X).prod(axis=1)) + (X.sum(axis=1) > 1) * 3.0


def cells(width):
    return st.lists(st.integers(-3, 3).map(float), min_size=width, max_size=width)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_reasons_of_few_columns_are_the_shapley_values_of_the_definition(data):
    width = data.draw(st.integers(1, reasons.EXACT))
    row = data.draw(cells(width))
    background = data.draw(st.lists(cells(width), min_size=1, max_size=4))

    base, contributions = explained(tangled, row, background)

    assert base == pytest.approx(np.mean(tangled(np.array(background))))
    np.testing.assert_allclose(contributions, by_definition(tangled, row, background), atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_contributions_add_up_to_the_answer_less_the_base_value(data):
    width = data.draw(st.integers(1, 16))
    row = data.draw(cells(width))
    background = data.draw(st.lists(cells(width), min_size=1, max_size=30))

    base, contributions = explained(tangled, row, background)

    assert base + contributions.sum() == pytest.approx(float(tangled(np.array([row]))[0]), abs=1e-9)


def test_a_sum_is_explained_exactly_however_many_columns_it_has():
    generator = np.random.default_rng(0)
    weights, row, background = generator.normal(size=16), generator.normal(size=16), np.zeros((20, 16)) + 0.5
    background += generator.normal(size=background.shape)

    _, contributions = explained(lambda X: X @ weights + 7.0, row, background)

    np.testing.assert_allclose(contributions, weights * (row - background.mean(axis=0)), atol=1e-9)


def test_columns_that_act_in_twos_are_explained_exactly_by_one_pair_of_orders(monkeypatch):
    monkeypatch.setattr(reasons, "ROWS", 1)
    generator = np.random.default_rng(1)
    square, row = generator.normal(size=(8, 8)), generator.normal(size=8)
    background = generator.normal(size=(3, 8))

    def twos(X):
        return np.einsum("ri,ij,rj->r", X, square, X)

    _, contributions = explained(twos, row, background)

    np.testing.assert_allclose(contributions, by_definition(twos, row, background), atol=1e-9)


def test_more_orders_come_nearer_to_the_shapley_values(monkeypatch):
    row, background = np.full(7, 0.5), np.random.default_rng(2).normal(size=(4, 7))
    true = by_definition(tangled, row, background)
    errors = []
    for rows in (1, 20_000):
        monkeypatch.setattr(reasons, "ROWS", rows)
        errors.append(np.abs(explained(tangled, row, background)[1] - true).sum() / np.abs(true).sum())

    assert errors[1] < 0.03 < errors[0]


def test_a_column_without_effect_contributes_nothing():
    generator = np.random.default_rng(3)

    _, contributions = explained(
        lambda X: tangled(X[:, 1:]), generator.normal(size=9), generator.normal(size=(10, 9))
    )

    assert contributions[0] == 0.0
    assert (contributions[1:] != 0.0).all()


def test_columns_that_play_the_same_part_contribute_alike():
    base, contributions = explained(
        lambda X: X[:, 0] * X[:, 1] * X[:, 2] + X[:, 3], [2.0, 2.0, 2.0, 1.0], [[0.0, 0.0, 0.0, 0.0]] * 2
    )

    assert base == 0.0
    np.testing.assert_allclose(contributions, [8 / 3, 8 / 3, 8 / 3, 1.0])


def test_equal_rows_have_equal_reasons_whatever_is_explained_beside_them():
    generator = np.random.default_rng(4)
    columns, background = table(generator.normal(size=(5, 12))), table(generator.normal(size=(6, 12)))
    answer = scored(tangled)
    explainer = Explainer(answer, None, background, list(columns))

    _, together = explainer.explain(columns, answer(columns, 5), np.zeros(5, dtype=int))

    for place in range(5):
        alone = {name: column[[place]] for name, column in columns.items()}
        _, again = explainer.explain(alone, answer(alone, 1), np.array([0]))
        np.testing.assert_array_equal(together[place], again[0])


def test_rows_are_answered_in_bounded_batches_as_at_once(monkeypatch):
    generator = np.random.default_rng(5)
    row, background = generator.normal(size=12), generator.normal(size=(6, 12))
    at_once = explained(tangled, row, background)[1]

    monkeypatch.setattr(reasons, "CELLS", 1000)

    np.testing.assert_array_equal(explained(tangled, row, background)[1], at_once)


def test_a_missing_value_equals_a_missing_value_only():
    def gaps(X):
        return np.isnan(X) @ np.array([1.0, 10.0])

    _, same = explained(gaps, [nan, 1.0], [[nan, 1.0], [nan, 1.0]])
    _, other = explained(gaps, [nan, 1.0], [[0.0, nan], [nan, nan]])

    assert same.tolist() == [0.0, 0.0]
    assert other.tolist() == [0.5, -10.0]


def test_texts_are_columns_like_others():
    def answer(columns, rows):
        long = [0.0 if text is None else float(len(text)) for text in columns["note"]]
        return (np.array(long) * columns["factor"])[:, None]

    background = {"note": np.array(["a", None], dtype=object), "factor": np.array([1.0, 1.0])}
    row = {"note": np.array(["abc"], dtype=object), "factor": np.array([1.0])}
    explainer = Explainer(answer, None, background, ["note", "factor"])

    bases, contributions = explainer.explain(row, answer(row, 1), np.array([0]))

    assert (bases.tolist(), contributions.tolist()) == ([0.5], [[2.5, 0.0]])


@pytest.mark.parametrize("width", [4, 12])
def test_what_a_memory_adds_is_owed_to_all_columns_alike(width):
    generator = np.random.default_rng(6)
    row, background = generator.normal(size=(1, width)), generator.normal(size=(3, width))
    known = {tuple(row[0]): 5.0, tuple(background[1]): -2.0}
    alone = scored(lambda X: X.sum(axis=1))
    recalling = scored(lambda X: X.sum(axis=1) + [known.get(tuple(one), 0.0) for one in X])
    columns = table(row)
    explainer = Explainer(recalling, alone, table(background), list(columns))

    bases, contributions = explainer.explain(columns, recalling(columns, 1), np.array([0]))

    jump = 5.0 + 2.0 / 3
    np.testing.assert_allclose(contributions[0], row[0] - background.mean(axis=0) + jump / width, atol=1e-9)
    assert bases[0] == pytest.approx(background.sum(axis=1).mean() - 2.0 / 3)


@pytest.mark.parametrize(
    ("background", "names", "most"),
    [(24, 4, 10), (24, 10, 10), (1, 3, 10), (12, 20, 10), (8, 79, 8), (8, 2000, 1)],
)
def test_fewer_rows_are_explained_at_once_where_each_takes_more_answers(background, names, most):
    assert most_instances(background, names) == most


def test_a_client_sees_values_as_they_were_read_the_largest_contribution_first():
    features = [
        Feature("age", "numeric", nullable=True),
        Feature("day", "date", nullable=True, date_format="%d/%m/%Y"),
        Feature("city", "categorical", nullable=True, missing_words=("n/a",)),
        Feature("note", "text", nullable=True),
        Feature("member", "boolean", nullable=True),
        Feature("spare", "numeric", nullable=True),
    ]
    sent = [
        {"day": "31/12/2024", "city": " N/A ", "note": " " + "x" * 1000, "member": False, "age": 3},
        dict.fromkeys(("age", "day", "city", "note", "member")) | {"spare": 0.5},
    ]
    columns = Reader(features).read([{"spare": None, **instance} for instance in sent]).columns
    contributions = {"age": 0.1, "day": -0.5, "city": 0.2, "note": 0.3, "member": -0.05}

    told, empty = (reasons_of(columns, place, features, "yes", 0.25, contributions) for place in (0, 1))

    assert told == {
        "class": "yes",
        "base": 0.25,
        "contributions": [
            {"feature": "day", "value": "2024-12-31", "contribution": -0.5},
            {"feature": "note", "value": "x" * 100, "contribution": 0.3},
            {"feature": "city", "value": None, "contribution": 0.2},
            {"feature": "age", "value": 3, "contribution": 0.1},
            {"feature": "member", "value": False, "contribution": -0.05},
            {"feature": "spare", "value": None, "contribution": 0.0},
        ],
    }
    assert [entry["value"] for entry in empty["contributions"]] == [None] * 5 + [0.5]
    assert "class" not in reasons_of(columns, 0, features, None, 0.25, contributions)


AGES = {"age": [20, 40, 90]}


def test_the_probability_of_the_class_that_answers_is_explained():
    model = load(*packed(background=AGES))

    low, high = model.predict([{"age": 30}, {"age": 60}], explain=True)

    for answer, label in ((low, "no"), (high, "yes")):
        told = answer["reasons"]
        assert answer["prediction"] == told["class"] == label
        [entry] = told["contributions"]
        assert told["base"] + entry["contribution"] == pytest.approx(answer["probabilities"][label], abs=1e-9)
    means = model.score({"age": np.array(AGES["age"], dtype=float)}, 3).mean(axis=0)
    assert [low["reasons"]["base"], high["reasons"]["base"]] == pytest.approx(means.tolist())
    assert json.loads(json.dumps(low)) == low


def test_the_class_is_the_one_that_the_rule_of_decision_answers():
    model = load(*packed(background=AGES, model={**MODEL, "decision": [3.0, 1.0]}))

    [answer] = model.predict([{"age": 45}], explain=True)

    assert answer["probabilities"]["yes"] > 0.5
    assert answer["reasons"]["class"] == answer["prediction"] == "no"


def test_numbers_are_explained_in_their_own_unit():
    group = {
        "family": "linear",
        "link": "identity",
        "scale": {"center": 100.0, "spread": 10.0, "log": False, "low": -1e9, "high": 1e9},
    }
    model = load(*packed(background=AGES, task="regression", classes=[], model={**MODEL, "groups": [group]}))

    [answer] = model.predict([{"age": 60}], explain=True)

    assert answer == {
        "prediction": 120.0,
        "reasons": {
            "base": pytest.approx(110.0),
            "contributions": [{"feature": "age", "value": 60, "contribution": pytest.approx(10.0)}],
        },
    }


def test_a_remembered_row_is_explained_as_it_is_answered():
    keys = row_keys({"age": np.array([60.0])}, ["age"], 1)
    arrays = {**ARRAYS, "memory.keys": keys, "memory.answers": np.array([[1.0, 0.0]])}
    model = load(
        *packed(arrays, background=AGES, model={**MODEL, "memory": {"columns": ["age"], "trust": 0.9}})
    )

    [answer] = model.predict([{"age": 60}], explain=True)

    told = answer["reasons"]
    assert answer["prediction"] == told["class"] == "no"
    assert told["base"] + told["contributions"][0]["contribution"] == pytest.approx(
        answer["probabilities"]["no"], abs=1e-9
    )


def test_answers_have_no_reasons_unless_asked():
    assert "reasons" not in load(*packed(background=AGES)).predict([{"age": 30}])[0]
    assert load(*packed(background=AGES)).predict([], explain=True) == []


@pytest.mark.parametrize("changes", [{}, {"background": None}])
def test_a_model_without_background_answers_and_says_why_it_gives_no_reasons(changes):
    model = load(*packed(**changes))

    assert model.explainable == 0
    assert model.predict([{"age": 30}])[0]["prediction"] == "no"
    with pytest.raises(scoring.ExplanationError, match="without background rows"):
        model.predict([{"age": 30}], explain=True)


def test_too_many_instances_to_explain_are_refused_with_the_number_that_can_be():
    model = load(*packed(background=AGES))

    assert len(model.predict([{"age": 30}] * model.explainable, explain=True)) == 10
    with pytest.raises(scoring.ExplanationError, match="at most 10 instances at once; there are 11"):
        model.predict([{"age": 30}] * 11, explain=True)


def test_faults_of_instances_come_before_reasons():
    with pytest.raises(scoring.InputError):
        load(*packed()).predict([{"age": "old"}], explain=True)


@pytest.mark.parametrize(
    "background",
    [
        [],
        "rows",
        {},
        {"age": []},
        {"age": [1] * 65},
        {"age": 3},
        {"age": ["old"]},
        {"age": [None]},
        {"age": [nan]},
        {"age": [1, 2], "y": [1, 2]},
        {"other": [1, 2]},
        {"age": [1, 2], "other": [1]},
    ],
)
def test_background_rows_that_do_not_fit_make_no_model(background):
    with pytest.raises(scoring.ModelError, match="background"):
        load(*packed(background=background))
