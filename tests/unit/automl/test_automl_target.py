"""The target: refused with a sentence, or understood."""

import numpy as np
import pytest

from automl import DataError, FitConfig
from automl.checks.guards import choose_features
from automl.checks.target import prepare_target


def rows(*pairs):
    """Return a CSV with a feature and a target, each value repeated so often."""
    cells = [value for value, times in pairs for _ in range(times)]
    return "x,y\n" + "".join(f"{index % 7},{cell}\n" for index, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("content", "config", "code"),
    [
        (rows(("a", 20), ("b", 20)), {"target": "price"}, "unknown_column"),
        (rows(("a", 40)), {}, "target_constant"),
        (rows(("", 40)), {}, "target_all_missing"),
        (rows(("a", 9), ("b", 10), ("", 50)), {}, "too_few_rows"),
        (rows(("a", 40), ("b", 1)), {}, "too_few_per_class"),
        (rows(*((f"v{i}", 2) for i in range(150))), {}, "too_many_classes"),
        (rows(*((f"v{i}", 3) for i in range(20))), {}, "too_many_classes"),
        (rows(("a", 20), ("b", 20)), {"task": "regression"}, "target_not_numeric"),
        (rows(*((f"2024-01-{i + 1:02}", 2) for i in range(20))), {}, "target_is_date"),
        (rows(*((f"{i}e200", 1) for i in range(1, 50))), {}, "target_too_large"),
        (rows(*((f"long free text number {i}", 1) for i in range(90))), {}, "too_many_classes"),
        (rows(*((i / 8, 1) for i in range(200))), {"task": "classification"}, "too_many_classes"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused_with_advice(read, content, config, code):
    with pytest.raises(DataError) as caught:
        prepare_target(read(content), FitConfig(**{"target": "y", **config}))

    assert caught.value.code == code
    assert caught.value.message.endswith(".")


def test_an_absent_target_names_the_columns_that_exist(read):
    with pytest.raises(DataError, match="'x', 'y'"):
        prepare_target(read(rows(("a", 20), ("b", 20))), FitConfig("z"))


def test_case_and_blanks_of_the_target_are_forgiven(read):
    assert prepare_target(read(rows(("a", 20), ("b", 20))), FitConfig(" Y ")).name == "y"


@pytest.mark.parametrize(
    ("pairs", "task"),
    [
        ([("yes", 20), ("no", 20)], "classification"),
        ([("TRUE", 20), ("FALSE", 20)], "classification"),
        ([(0, 20), (1, 20)], "classification"),
        ([(1.5, 20), (2.5, 20)], "classification"),
        ([(1, 20), (2, 20), (3, 20)], "classification"),
        ([(i, 2) for i in range(10)], "regression"),
        ([(i, 30) for i in range(11)], "regression"),
        ([(i + 0.5, 30) for i in range(4)], "regression"),
    ],
)
def test_the_task_follows_from_the_target(read, pairs, task):
    assert prepare_target(read(rows(*pairs)), FitConfig("y")).task == task


@pytest.mark.parametrize(
    ("pairs", "classes"),
    [
        ([("1.0", 20), ("0.0", 20)], ["0.0", "1.0"]),
        ([("yes", 20), (" no", 20)], ["no", "yes"]),
        ([("TRUE", 20), ("False", 20)], ["False", "TRUE"]),
        ([("007", 20), ("12", 20)], ["007", "12"]),
        ([(10, 20), (9, 20)], ["9", "10"]),
    ],
)
def test_labels_stay_as_the_file_writes_them(read, pairs, classes):
    target = prepare_target(read(rows(*pairs)), FitConfig("y", task="classification"))

    assert target.classes == classes
    assert np.bincount(target.y).tolist() == [20, 20]


def codes(target):
    return [finding.code for finding in target.findings]


@pytest.mark.parametrize(
    ("pairs", "values"),
    [
        ([("TRUE", 20), ("FALSE", 20)], {0, 1}),
        ([(0, 20), (1, 20)], {0, 1}),
        ([("007", 20), ("12", 20), ("090", 20)], {7, 12, 90}),
        ([("$1200.50", 20), ("$900", 20), ("$80", 20)], {1200.5, 900, 80}),
    ],
)
def test_whatever_holds_numbers_can_be_a_regression_on_request(read, pairs, values):
    target = prepare_target(read(rows(*pairs)), FitConfig("y", task="regression"))

    assert set(target.y) == values
    assert target.classes == []


@pytest.mark.parametrize("cells", [("yes", "no"), ("007", "x12"), ("a", "b")])
def test_words_are_no_numbers(read, cells):
    with pytest.raises(DataError, match="choose classification"):
        prepare_target(read(rows(*((cell, 20) for cell in cells))), FitConfig("y", task="regression"))


def test_the_values_of_a_quality_grade_are_classes_and_that_is_said(read):
    target = prepare_target(read(rows(*((grade, 30) for grade in range(3, 10)))), FitConfig("y"))

    assert target.classes == ["3", "4", "5", "6", "7", "8", "9"]
    assert codes(target) == ["numbers_as_classes"]
    asked = prepare_target(
        read(rows(*((grade, 30) for grade in range(3, 10)))), FitConfig("y", task="classification")
    )
    assert codes(asked) == []


def test_an_imbalanced_target_is_reported_with_its_rarest_class(read):
    target = prepare_target(read(rows(("a", 960), ("b", 40))), FitConfig("y"))

    assert codes(target) == ["imbalanced_target"]
    evidence = target.findings[0].evidence
    assert evidence == {"rarest": "b", "rows": 40, "share": 0.04, "classes_with_few_rows": 0}
    assert codes(prepare_target(read(rows(("a", 90), ("b", 10))), FitConfig("y"))) == []


def test_a_skewed_target_is_reported(read):
    values = np.random.default_rng(0).lognormal(0, 1.5, 400)

    target = prepare_target(read(rows(*((value, 1) for value in values))), FitConfig("y"))

    assert codes(target) == ["skewed_target"]
    assert target.findings[0].evidence["skewness"] > 2
    even = prepare_target(read(rows(*((i / 7, 1) for i in range(400)))), FitConfig("y"))
    assert codes(even) == []


@pytest.mark.parametrize(
    ("pairs", "classes", "positive"),
    [
        ([("yes", 20), ("Y", 5), ("n", 20), ("No", 3)], ["n", "yes"], "yes"),
        ([("F", 20), ("T", 30), ("true", 5)], ["F", "T"], "T"),
        ([("y", 20), ("z", 19)], ["y", "z"], "z"),
    ],
)
def test_short_and_full_words_for_yes_and_no_are_one_label(read, pairs, classes, positive):
    target = prepare_target(read(rows(*pairs)), FitConfig("y"))

    assert target.classes == classes
    assert target.classes[target.positive_index] == positive


def test_rows_without_a_target_are_dropped_and_counted(read):
    target = prepare_target(read(rows(("a", 20), ("", 5), ("b", 20))), FitConfig("y"))

    assert target.findings[0].evidence == {"rows": 5, "share": 0.1111}

    assert target.dropped_rows == 5
    assert target.rows.tolist() == [*range(20), *range(25, 45)]


def test_a_class_with_one_row_is_left_out_and_named(read):
    target = prepare_target(read(rows(("a", 20), ("b", 20), ("lonely", 1))), FitConfig("y"))

    assert target.classes == ["a", "b"]
    assert target.dropped_rows == 1
    assert "lonely" in target.findings[0].message


@pytest.mark.parametrize(
    "change", [{"task": "clustering"}, {"budget_seconds": 0.0}, {"budget_seconds": -1.0}]
)
def test_a_senseless_configuration_is_a_value_error(change):
    with pytest.raises(ValueError, match="must be"):
        FitConfig("y", **change)


def test_columns_that_only_pretend_to_help_are_dropped_with_the_reason(read):
    lines = [f"{i},{i % 5},same,,u{i:03},{(i * 37) % 101},{'ab'[i % 2]}" for i in range(60)]
    table = read("row,value,one,empty,code,customer_id,y\n" + "\n".join(lines))
    target = prepare_target(table, FitConfig("y"))

    features, dropped = choose_features(table, target, ())

    assert features == ["value"]
    assert dropped == {
        "row": "id-like",
        "one": "constant",
        "empty": "all missing",
        "code": "id-like",
        "customer_id": "id-like",
    }


def test_excluded_columns_are_dropped_and_must_exist(read):
    table = read("a,b,y\n" + "".join(f"{i % 5},{i % 3},{'ab'[i % 2]}\n" for i in range(60)))
    target = prepare_target(table, FitConfig("y"))

    assert choose_features(table, target, ("a",)) == (["b"], {"a": "excluded"})
    with pytest.raises(DataError, match="no column 'c'"):
        choose_features(table, target, ("c",))
    with pytest.raises(DataError) as caught:
        choose_features(table, target, ("a", "b"))
    assert caught.value.code == "no_features"
