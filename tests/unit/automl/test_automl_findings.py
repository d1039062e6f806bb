"""Findings: each has its evidence and its default action, and the user may decide otherwise."""

import json

import numpy as np
import pytest

from automl import FitConfig
from automl.guards import choose_features, find_all, messages
from automl.target import prepare_target


def judge(table, **config):
    config = FitConfig(**{"target": "y", **config})
    target = prepare_target(table, config)
    features, dropped = choose_features(table, target, config.exclude, config.keep)
    return features, find_all(table, target, features, dropped, config)


def found(findings, code):
    return [finding for finding in findings if finding.code == code]


def csv(**columns):
    rows = zip(*columns.values(), strict=True)
    return ",".join(columns) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def labelled(labels):
    return csv(x=[i % 7 for i in range(len(labels))], y=labels)


def test_spellings_of_a_label_are_one_class_called_by_the_most_frequent(read):
    table = read(labelled(["yes"] * 20 + ["YES "] * 5 + ["Yes"] * 3 + ["No"] * 15 + [" no"]))

    target = prepare_target(table, FitConfig("y"))

    assert target.classes == ["No", "yes"]
    assert np.bincount(target.y).tolist() == [16, 28]
    assert target.positive == "yes"
    assert target.findings[0].evidence == {"merged": {"yes": ["YES", "Yes"], "No": ["no"]}}


def test_spellings_stay_apart_on_request(read):
    table = read(labelled(["a"] * 20 + ["A"] * 20))

    target = prepare_target(table, FitConfig("y", keep=("y",)))

    assert target.classes == ["A", "a"]
    assert target.findings == []


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["yes"] * 30 + ["no"] * 10, "yes"),
        (["1"] * 30 + ["0"] * 10, "1"),
        (["TRUE"] * 30 + ["FALSE"] * 10, "TRUE"),
        (["kept"] * 30 + ["left"] * 10, "left"),
        (["a"] * 10 + ["b"] * 20 + ["c"] * 10, None),
    ],
)
def test_of_two_classes_the_one_that_is_looked_for_is_named(read, labels, positive):
    assert prepare_target(read(labelled(labels)), FitConfig("y")).positive == positive


@pytest.fixture
def suspicious(read):
    rng = np.random.default_rng(1)
    x = rng.normal(size=2000).round(3)
    label = np.where(x + rng.normal(size=2000) > 0, "good", "bad")
    return read(
        csv(
            x=x,
            again=x,
            word=rng.choice(["p", "q"], 2000),
            verdict=np.where(label == "good", "accepted", "refused"),
            days=np.where(label == "good", rng.integers(100, 200, 2000), rng.integers(0, 90, 2000)),
            y=label,
        )
    )


def test_copies_are_dropped_and_leaks_are_reported_with_their_evidence(suspicious):
    features, findings = judge(suspicious)

    assert features == ["x", "word", "verdict", "days"]
    assert found(findings, "dropped_column")[0].evidence == {"reason": "copy of x"}
    leaks = {finding.column: finding for finding in found(findings, "leaking_column")}
    assert set(leaks) == {"verdict", "days"}
    assert all(leak.evidence["explained"] > 0.98 and leak.action == "kept" for leak in leaks.values())
    assert len(messages(findings)) == 2
    json.dumps([finding.to_json() for finding in findings], allow_nan=False)


def test_what_is_kept_on_request_is_recorded(suspicious):
    features, findings = judge(suspicious, keep=("again",), exclude=("verdict", "days"))

    assert features == ["x", "again", "word"]
    assert [(finding.column, finding.opted_out) for finding in findings] == [("again", True)]


def test_a_number_that_is_the_target_in_another_unit_leaks(read):
    rng = np.random.default_rng(0)
    price = np.exp(rng.normal(10, 2, 500))
    noisy = price * np.exp(rng.normal(0, 1, 500))
    table = read(
        csv(size=rng.normal(size=500), euro=price * 1.1, price_guess=noisy, guess=noisy * 2, y_price=price)
    )

    _, findings = judge(table, target="y_price")
    assert [finding.column for finding in found(findings, "leaking_column")] == ["euro"]

    table = read(csv(size=rng.normal(size=500), price_guess=noisy, guess=noisy * 2, price=price))
    _, findings = judge(table, target="price")
    assert [finding.column for finding in found(findings, "leaking_column")] == ["price_guess"]


def test_repeated_rows_are_reported(read):
    once = [(i % 9, i % 4, "ab"[i % 2]) for i in range(36)]
    rows = [*once, *once[:4]]
    table = read("p,q,y\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))

    _, findings = judge(table)

    assert found(findings, "duplicate_rows")[0].evidence == {"rows": 4, "share": 0.1}


def test_columns_that_differ_in_one_row_are_no_copies(read):
    values = [i % 13 for i in range(5000)]
    other = [*values[:777], 99, *values[778:]]

    features, _ = judge(read(csv(a=values, b=other, y=["p", "q"] * 2500)))

    assert features == ["a", "b"]
