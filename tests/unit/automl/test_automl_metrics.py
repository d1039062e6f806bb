"""The metrics equal scikit-learn's, and undefined ones are None."""

import numpy as np
import pytest
from sklearn import metrics as sk

from automl import DataError
from automl.judging.metrics import (
    CLASSIFICATION_METRICS,
    REGRESSION_METRICS,
    classification_metrics,
    evaluate,
    measure,
    regression_metrics,
    resolve_metric,
    summarise,
)


@pytest.mark.parametrize("classes", [2, 3])
def test_classification_metrics_equal_those_of_scikit_learn(classes):
    rng = np.random.default_rng(classes)
    y = rng.integers(0, classes, 200)
    # Rounded, so that scores are tied.
    probabilities = rng.dirichlet(np.ones(classes), 200).round(2) + 0.001
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    chosen = probabilities.argmax(axis=1)

    ours = classification_metrics(y, probabilities, [str(label) for label in range(classes)])

    scores = probabilities[:, 1] if classes == 2 else probabilities
    assert ours["accuracy"] == pytest.approx(sk.accuracy_score(y, chosen))
    assert ours["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(y, chosen))
    assert ours["precision_macro"] == pytest.approx(sk.precision_score(y, chosen, average="macro"))
    assert ours["recall_weighted"] == pytest.approx(sk.recall_score(y, chosen, average="weighted"))
    assert ours["f1_macro"] == pytest.approx(sk.f1_score(y, chosen, average="macro"))
    assert ours["roc_auc"] == pytest.approx(sk.roc_auc_score(y, scores, multi_class="ovr"))
    assert ours["log_loss"] == pytest.approx(sk.log_loss(y, probabilities))
    assert ours["mcc"] == pytest.approx(sk.matthews_corrcoef(y, chosen))
    assert ours["average_precision"] == pytest.approx(sk.average_precision_score(y, scores))
    assert ours["precision_weighted"] == pytest.approx(sk.precision_score(y, chosen, average="weighted"))
    truth = np.eye(classes)[y]
    halved = 2 if classes == 2 else 1
    assert ours["brier"] == pytest.approx(((probabilities - truth) ** 2).sum(axis=1).mean() / halved)
    assert ours["confusion_matrix"]["matrix"] == sk.confusion_matrix(y, chosen).tolist()


@pytest.mark.parametrize("metric", CLASSIFICATION_METRICS)
@pytest.mark.parametrize("classes", [2, 3])
def test_one_metric_alone_is_the_same_as_among_all_also_for_decided_labels(metric, classes):
    rng = np.random.default_rng(classes)
    y = rng.integers(0, classes, 90)
    probabilities = rng.dirichlet(np.ones(classes), 90)
    labels = rng.integers(0, classes, 90)
    names = [str(label) for label in range(classes)]

    for decided in (None, labels):
        ours = evaluate("classification", y, probabilities, names, decided, positive=0)
        assert measure(metric, "classification", y, probabilities, decided, positive=0) == ours[metric]


@pytest.mark.parametrize("metric", REGRESSION_METRICS)
def test_one_metric_of_numbers_alone_is_the_same_as_among_all(metric):
    y, predicted = np.array([1.0, 2.0, 4.0]), np.array([[1.5], [2.0], [3.0]])

    assert measure(metric, "regression", y, predicted) == evaluate("regression", y, predicted, [])[metric]


def test_average_precision_is_of_the_positive_class():
    y = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]])

    ours = classification_metrics(y, probabilities, ["a", "b"], positive=0)

    assert ours["average_precision"] == pytest.approx(sk.average_precision_score(1 - y, probabilities[:, 0]))


def test_decided_labels_change_the_metrics_of_labels_only():
    y = np.array([0, 1])
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]])

    plain = classification_metrics(y, probabilities, ["a", "b"])
    decided = classification_metrics(y, probabilities, ["a", "b"], np.array([0, 1]))

    assert (plain["accuracy"], decided["accuracy"]) == (0.5, 1.0)
    assert plain["log_loss"] == decided["log_loss"]
    assert decided["confusion_matrix"]["matrix"] == [[1, 0], [0, 1]]


def test_a_fold_without_a_class_still_has_metrics():
    ours = classification_metrics(
        np.array([1, 1]), np.array([[0.1, 0.9, 0.0], [0.6, 0.4, 0.0]]), ["a", "b", "c"]
    )

    assert ours["accuracy"] == 0.5
    assert ours["roc_auc"] is None
    assert ours["confusion_matrix"]["matrix"] == [[0, 0, 0], [1, 1, 0], [0, 0, 0]]


def test_one_class_in_truth_and_answers_is_no_correlation():
    ours = classification_metrics(np.array([0, 0]), np.array([[0.9, 0.1], [0.8, 0.2]]), ["a", "b"])

    assert (ours["mcc"], ours["accuracy"], ours["roc_auc"]) == (0.0, 1.0, None)


def test_regression_metrics_equal_those_of_scikit_learn_and_mape_needs_no_zero():
    y, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])

    ours = regression_metrics(y, predicted)

    assert ours["rmse"] == pytest.approx(sk.root_mean_squared_error(y, predicted))
    assert ours["r2"] == pytest.approx(sk.r2_score(y, predicted))
    assert ours["median_ae"] == pytest.approx(sk.median_absolute_error(y, predicted))
    assert ours["max_error"] == 1.0
    assert ours["residual_mean"] == pytest.approx(0.5 / 3)
    assert ours["residual_std"] == pytest.approx(np.std(y - predicted))
    assert ours["mape"] == pytest.approx(sk.mean_absolute_percentage_error(y, predicted))
    assert regression_metrics(np.array([0.0, 1.0]), predicted[:2])["mape"] is None
    assert regression_metrics(np.array([1.0, 1.0]), predicted[:2])["r2"] is None


def test_folds_are_summed_up_with_their_spread():
    folds = [
        {"accuracy": 0.5, "roc_auc": None, "confusion_matrix": {"labels": ["a"], "matrix": [[1]]}},
        {"accuracy": 1.0, "roc_auc": 0.7, "confusion_matrix": {"labels": ["a"], "matrix": [[2]]}},
    ]

    assert summarise(folds) == {
        "accuracy": 0.75,
        "accuracy_std": 0.25,
        "roc_auc": 0.7,
        "roc_auc_std": 0.0,
        "confusion_matrix": {"labels": ["a"], "matrix": [[3]]},
    }


def test_a_metric_of_the_other_task_is_refused():
    assert resolve_metric("auto", "classification") == ("log_loss", False)
    assert resolve_metric("auto", "regression") == ("rmse", False)
    assert resolve_metric("r2", "regression") == ("r2", True)
    with pytest.raises(DataError, match="choose one of"):
        resolve_metric("rmse", "classification")


def test_a_metric_that_divides_by_the_target_needs_one_without_zeros():
    assert resolve_metric("mape", "regression", np.array([1.0, 2.0])) == ("mape", False)
    with pytest.raises(DataError, match="choose mae"):
        resolve_metric("mape", "regression", np.array([0, 2]))
