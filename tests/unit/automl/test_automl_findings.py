"""Findings: each has its evidence and its default action, and the user may decide otherwise."""

import json

import numpy as np
import pytest

from automl import FitConfig
from automl.checks.guards import choose_features, find_all, messages
from automl.checks.target import prepare_target


def judge(table, group=None, time=None, **config):
    config = FitConfig(**{"target": "y", **config})
    target = prepare_target(table, config)
    features, dropped = choose_features(table, target, config.exclude, config.keep, group)
    return features, find_all(table, target, features, dropped, config, group=group, time=time)


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
    dropped = found(findings, "dropped_column")[0]
    assert dropped.evidence == {"reason": "copy of x", "present": 2000, "distinct": 1538}
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

    evidence = {"rows": 4, "share": 0.1, "same_inputs": 4, "contradicting": 0}
    assert found(findings, "duplicate_rows")[0].evidence == evidence


def test_copies_are_kept_together_and_contradictions_counted(read):
    rng = np.random.default_rng(0)
    p, q = rng.normal(size=(2, 200)).round(3)
    label = rng.integers(0, 2, 200)
    again = slice(0, 20)

    _, findings = judge(
        read(
            csv(p=[*p, *p[again], p[50]], q=[*q, *q[again], q[50]], y=[*label, *label[again], 1 - label[50]])
        )
    )

    duplicate = found(findings, "duplicate_rows")[0]
    assert duplicate.action == "kept on one side of each split"
    assert duplicate.evidence == {"rows": 20, "share": 0.0905, "same_inputs": 21, "contradicting": 2}
    assert "2 rows are like others" in duplicate.message


def drifting(rows=600, seed=0):
    """Return a target that changes slowly, and a column that helps a little."""
    rng = np.random.default_rng(seed)
    level = np.cumsum(rng.normal(size=rows))
    return {"x": rng.normal(size=rows).round(3), "y": (5 * rng.normal(size=rows) + level).round(3)}


def test_an_identifier_stays_where_the_target_goes_with_its_order(read):
    table = read(csv(row=range(1, 601), **drifting()))

    features, findings = judge(table)

    assert features == ["row", "x"]
    kept = found(findings, "ordered_key")[0]
    assert (kept.column, kept.action) == ("row", "kept")
    assert kept.evidence["strength"] > kept.evidence["needed"]
    assert kept.evidence["explained"] < 0.9


def test_an_identifier_given_out_after_sorting_by_the_target_is_dropped(read):
    rng = np.random.default_rng(0)
    labels = np.sort(rng.choice(["setosa", "versicolor", "virginica"], 300))

    features, findings = judge(read(csv(id=range(300), x=rng.normal(size=300), y=labels)))

    assert features == ["x"]
    dropped = found(findings, "dropped_column")[0]
    assert dropped.evidence["reason"] == "id-like, the rows are sorted by the target"
    assert dropped.evidence["explained"] > 0.9


def keys(kind, rows=600):
    rng = np.random.default_rng(1)
    return {
        "random": [f"{rng.integers(1000, 9999)}-{i:05X}" for i in rng.permutation(rows)],
        "length": ["k" * (6 + i % 2) + f"{rng.integers(10**6, 10**7)}{i:04}"[::-1] for i in range(rows)],
        "prefix": [f"{'ADMN'[i % 4]}-{i:04}" for i in range(rows)],
        "names": [f"{rng.choice(['Mr', 'Mrs'])} n{i}" for i in range(rows)],
    }[kind]


@pytest.mark.parametrize(
    ("kind", "used"), [("random", False), ("length", True), ("prefix", True), ("names", True)]
)
def test_keys_of_letters_stay_where_their_parts_may_say_something(read, kind, used):
    rng = np.random.default_rng(0)
    label = np.where(rng.random(600) < 0.8, np.arange(600) % 2, rng.integers(0, 2, 600))

    features, findings = judge(read(csv(key=keys(kind), x=rng.normal(size=600), y=label)))

    assert ("key" in features) == used
    assert len(found(findings, "dropped_column")) == (not used)


def test_a_key_whose_beginning_is_the_target_is_dropped(read):
    labels = np.array(["bad", "good"])[np.random.default_rng(0).integers(0, 2, 400)]

    features, _ = judge(
        read(csv(key=[f"{y}-{i}" for i, y in enumerate(labels)], x=range(0, 800, 2), y=labels))
    )

    assert features == ["x"]


def days(rows):
    return [str(day) for day in np.datetime64("2021-01-01") + np.arange(rows).astype("timedelta64[D]")]


def test_a_target_that_changes_with_time_is_a_hint_to_split_by_time(read):
    table = read(csv(day=days(600), **drifting()))

    _, findings = judge(table)

    hint = found(findings, "time_order")[0]
    assert (hint.column, hint.action, hint.opted_out) == ("day", "split at random", False)
    assert hint.evidence["rows_in_order"]
    assert hint.evidence["first_tenth"] != hint.evidence["last_tenth"]
    assert hint.message in messages(findings)


@pytest.mark.parametrize("answer", [{"time": "day"}, {"keep": ("day",)}])
def test_who_knows_of_time_is_not_warned_of_it(read, answer):
    _, findings = judge(read(csv(day=days(600), **drifting())), **answer)

    hint = found(findings, "time_order")[0]
    assert hint.opted_out
    assert hint.message not in messages(findings)


def test_dates_without_order_are_no_hint(read):
    rng = np.random.default_rng(0)
    table = read(csv(day=rng.permutation(days(600)), x=rng.normal(size=600), y=rng.integers(0, 2, 600)))

    _, findings = judge(table)

    assert findings == []


def test_rows_of_one_customer_are_a_hint_to_split_by_group(read):
    rng = np.random.default_rng(0)
    customer = rng.integers(100, 200, 600)
    label = np.where(rng.random(600) < 0.2, rng.integers(0, 2, 600), (customer * 7919) % 13 % 2)
    table = read(csv(customer_id=customer, shop_id=rng.integers(0, 50, 600), x=rng.normal(size=600), y=label))

    features, findings = judge(table)
    hint = found(findings, "row_groups")
    assert [(entry.column, entry.evidence["groups"]) for entry in hint] == [("customer_id", 100)]
    assert features == ["customer_id", "shop_id", "x"]

    features, findings = judge(table, group="Customer_ID")
    assert features == ["shop_id", "x"]
    assert found(findings, "row_groups")[0].opted_out


def test_parts_that_add_up_to_the_target_are_reported(read):
    rng = np.random.default_rng(0)
    casual, registered, wind = rng.integers(0, 300, (3, 400))
    table = read(csv(casual=casual, wind=wind, registered=registered, y=casual + registered))

    _, findings = judge(table)

    assert found(findings, "leaking_sum")[0].evidence["columns"] == ["casual", "registered"]
    noisy = read(csv(casual=casual, registered=registered, y=casual + registered + wind / 50))
    assert found(judge(noisy)[1], "leaking_sum") == []


def test_a_leak_that_the_user_keeps_is_recorded_and_not_warned_of(suspicious):
    _, findings = judge(suspicious, keep=("verdict", "days"))

    leaks = found(findings, "leaking_column")
    assert [(leak.column, leak.opted_out) for leak in leaks] == [("verdict", True), ("days", True)]
    assert messages(findings) == []


def test_columns_that_differ_in_one_row_are_no_copies(read):
    values = [i % 13 for i in range(5000)]
    other = [*values[:777], 99, *values[778:]]

    features, _ = judge(read(csv(a=values, b=other, y=["p", "q"] * 2500)))

    assert features == ["a", "b"]


def test_parts_are_looked_for_beside_numbers_whose_squares_are_no_doubles(read):
    rng = np.random.default_rng(0)
    casual, registered = rng.integers(0, 300, (2, 400))
    huge = np.where(np.arange(400) == 7, 1.4e154, 0.0)
    table = read(csv(casual=casual, registered=registered, huge=huge, y=casual + registered))

    assert found(judge(table)[1], "leaking_sum")[0].evidence["columns"] == ["casual", "registered"]
