"""Runs one peer as its users do. Executed in the peer's own environment, so it imports nothing of ours.

``peer_runner.py fit TOOL TRAIN.csv --target T --task TASK --budget S --out FOLDER``
``peer_runner.py predict TOOL FOLDER TEST.csv --out PREDICTIONS.csv``

Files are read with plain ``pandas.read_csv``: a peer that stops at an encoding has stopped. Each peer is told
the task, two cores and, where it takes them, the seconds; those that search are told to search for log-loss
or RMSE, as ours does. What needs numbers gets text columns as ordinal codes or as categories, as its own
documentation shows.
"""

import argparse
import csv
import json
import pickle
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

CORES = 2
REGRESSION = "regression"
MODEL_FILE = "model.pkl"
FACTS_FILE = "facts.json"


class Peer(ABC):
    """A peer.

    Parameters
    ----------
    task
        ``binary``, ``multiclass`` or ``regression``.
    target
        The column to predict.
    """

    def __init__(self, task: str, target: str) -> None:
        self.task = task
        self.target = target

    @abstractmethod
    def fit(self, data: pd.DataFrame, budget: float, folder: Path) -> None:
        """Fit and save."""

    @abstractmethod
    def predict(self, data: pd.DataFrame, folder: Path) -> tuple[Any, Any, list[Any]]:
        """Load; return predictions, probabilities and labels (none and empty for regression)."""


class Estimator(Peer):
    """A peer with scikit-learn's interface, pickled as its documentation shows."""

    def fit(self, data: pd.DataFrame, budget: float, folder: Path) -> None:
        model = self.make(budget)
        model.fit(self.prepare(data.drop(columns=self.target)), data[self.target], **self.arguments(budget))
        with (folder / MODEL_FILE).open("wb") as file:
            pickle.dump(model, file)

    def predict(self, data: pd.DataFrame, folder: Path) -> tuple[Any, Any, list[Any]]:
        with (folder / MODEL_FILE).open("rb") as file:
            model = pickle.load(file)  # noqa: S301 - written by the fit of the same run
        X = self.prepare(data.drop(columns=self.target, errors="ignore"))
        if self.task == REGRESSION:
            return model.predict(X), None, []
        return model.predict(X), model.predict_proba(X), list(model.classes_)

    def prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the inputs as the peer takes them; cells of mixed types become text."""
        words = _words(X)
        return X.assign(**{name: X[name].astype(str).where(X[name].notna()) for name in words})

    def arguments(self, budget: float) -> dict[str, Any]:
        """Return what ``fit`` takes beside the data."""
        return {}

    @abstractmethod
    def make(self, budget: float) -> Any:
        """Return the unfitted model."""


class LightGBM(Estimator):
    """LightGBM with its defaults; text columns as pandas categories."""

    def make(self, budget: float) -> Any:
        import lightgbm

        kind = lightgbm.LGBMRegressor if self.task == REGRESSION else lightgbm.LGBMClassifier
        return kind(n_jobs=CORES, verbosity=-1)

    def prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        X = super().prepare(X)
        return X.astype(dict.fromkeys(_words(X), "category"))


class CatBoost(Estimator):
    """CatBoost with its defaults; text columns as its categories, in which a gap must be a word."""

    def make(self, budget: float) -> Any:
        import catboost

        kind = catboost.CatBoostRegressor if self.task == REGRESSION else catboost.CatBoostClassifier
        return _TextCategories(kind(thread_count=CORES, verbose=False, allow_writing_files=False))

    def prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        X = super().prepare(X)
        return X.assign(**{name: X[name].astype(object).fillna("missing") for name in _words(X)})


class _TextCategories:
    """Tells CatBoost which columns are categories, and flattens its column of predicted labels."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, X: pd.DataFrame, y: Any) -> None:
        self.model.fit(X, y, cat_features=_words(X))
        self.classes_ = getattr(self.model, "classes_", None)

    def predict(self, X: pd.DataFrame) -> Any:
        return np.ravel(self.model.predict(X))

    def predict_proba(self, X: pd.DataFrame) -> Any:
        return self.model.predict_proba(X)


class Forest(Estimator):
    """scikit-learn's random forest with its defaults; text columns as ordinal codes."""

    def make(self, budget: float) -> Any:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestRegressor if self.task == REGRESSION else RandomForestClassifier
        return _coded(kind(n_jobs=CORES, random_state=0))


class Boosting(Estimator):
    """scikit-learn's histogram boosting with its defaults; text columns as ordinal codes."""

    def make(self, budget: float) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingRegressor if self.task == REGRESSION else HistGradientBoostingClassifier
        return _coded(kind(random_state=0))


class Flaml(Estimator):
    """FLAML: its search for the seconds given."""

    def make(self, budget: float) -> Any:
        from flaml import AutoML

        return AutoML()

    def prepare(self, X: pd.DataFrame) -> pd.DataFrame:
        return X

    def arguments(self, budget: float) -> dict[str, Any]:
        regression = self.task == REGRESSION
        return {
            "task": REGRESSION if regression else "classification",
            "metric": "rmse" if regression else "log_loss",
            "time_budget": budget,
            "n_jobs": CORES,
            "seed": 0,
            "verbose": 0,
        }


class Mljar(Peer):
    """mljar-supervised, mode Perform."""

    def fit(self, data: pd.DataFrame, budget: float, folder: Path) -> None:
        from supervised import AutoML

        kind = self.task if self.task == REGRESSION else f"{self.task}_classification"
        model = AutoML(
            mode="Perform",
            results_path=str(folder / "mljar"),
            total_time_limit=int(budget),
            ml_task=kind,
            eval_metric="rmse" if self.task == REGRESSION else "logloss",
            n_jobs=CORES,
            random_state=0,
            verbose=0,
        )
        model.fit(data.drop(columns=self.target), data[self.target])

    def predict(self, data: pd.DataFrame, folder: Path) -> tuple[Any, Any, list[Any]]:
        from supervised import AutoML

        model = AutoML(results_path=str(folder / "mljar"))
        X = data.drop(columns=self.target, errors="ignore")
        if self.task == REGRESSION:
            return model.predict(X), None, []
        table = model.predict_all(X)
        names = [name for name in table.columns if name.startswith("prediction_")]
        return table["label"], table[names].to_numpy(), [name.removeprefix("prediction_") for name in names]


class AutoGluon(Peer):
    """AutoGluon with one of its presets."""

    preset: ClassVar[str]

    def fit(self, data: pd.DataFrame, budget: float, folder: Path) -> None:
        from autogluon.tabular import TabularPredictor

        predictor = TabularPredictor(
            self.target,
            problem_type=self.task,
            eval_metric="root_mean_squared_error" if self.task == REGRESSION else "log_loss",
            path=str(folder / "autogluon"),
            verbosity=1,
        )
        predictor.fit(data, time_limit=budget, presets=self.preset, num_cpus=CORES, num_gpus=0)

    def predict(self, data: pd.DataFrame, folder: Path) -> tuple[Any, Any, list[Any]]:
        from autogluon.tabular import TabularPredictor

        predictor = TabularPredictor.load(str(folder / "autogluon"))
        X = data.drop(columns=self.target, errors="ignore")
        if self.task == REGRESSION:
            return predictor.predict(X), None, []
        shares = predictor.predict_proba(X)
        return predictor.predict(X), shares.to_numpy(), list(shares.columns)


class AutoGluonMedium(AutoGluon):
    """Its default preset."""

    preset = "medium_quality"


class AutoGluonGood(AutoGluon):
    """The preset it advises for real use."""

    preset = "good_quality"


PEERS: dict[str, type[Peer]] = {
    "autogluon_good": AutoGluonGood,
    "autogluon_medium": AutoGluonMedium,
    "catboost_default": CatBoost,
    "flaml": Flaml,
    "lightgbm_default": LightGBM,
    "mljar_perform": Mljar,
    "sklearn_hgb": Boosting,
    "sklearn_rf": Forest,
}


def _words(X: pd.DataFrame) -> list[str]:
    """Return the names of the columns that hold neither numbers nor booleans."""
    kinds = pd.api.types
    return [n for n in X.columns if not (kinds.is_numeric_dtype(X[n]) or kinds.is_bool_dtype(X[n]))]


def _coded(model: Any) -> Any:
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    return make_pipeline(make_column_transformer((codes, _words), remainder="passthrough"), model)


def main() -> None:
    """Fit or predict."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    fit = commands.add_parser("fit")
    fit.add_argument("tool", choices=PEERS)
    fit.add_argument("data", type=Path)
    fit.add_argument("--target", required=True)
    fit.add_argument("--task", required=True)
    fit.add_argument("--budget", type=float, required=True)
    fit.add_argument("--out", type=Path, required=True)
    predict = commands.add_parser("predict")
    predict.add_argument("tool", choices=PEERS)
    predict.add_argument("model", type=Path)
    predict.add_argument("data", type=Path)
    predict.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    data = pd.read_csv(options.data)
    if options.command == "fit":
        options.out.mkdir()
        facts = {"task": options.task, "target": options.target}
        (options.out / FACTS_FILE).write_text(json.dumps(facts))
        PEERS[options.tool](**facts).fit(data, options.budget, options.out)
        return
    facts = json.loads((options.model / FACTS_FILE).read_text())
    _write(options.out, *PEERS[options.tool](**facts).predict(data, options.model))


def _write(path: Path, predictions: Any, probabilities: Any, labels: list[Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "prediction", *(f"p_{label}" for label in labels)])
        for row, prediction in enumerate(np.asarray(predictions)):
            writer.writerow([row, prediction, *(probabilities[row] if labels else ())])


if __name__ == "__main__":
    main()
