"""Shape of the report of a version, for the contract: the engine writes it, the API passes it on."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Report(BaseModel):
    """All that was found out about a version; layers/automl/README.md explains each part."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "report_version": "1.0",
                    "created_at": "2025-01-15T10:32:41.870Z",
                    "task": "regression",
                    "target": "price",
                    "metric": "r2",
                    "classes": [],
                    "metrics": {
                        "holdout": {"r2": 0.868, "mae": 17210.4, "rmse": 28871.9},
                        "cross_validation": {"r2": 0.873, "r2_std": 0.021},
                        "baseline": {"r2": -0.001, "mae": 55432.7, "rmse": 79415.3},
                    },
                    "per_class": [],
                    "leaderboard": [
                        {
                            "model": "LightGBM",
                            "metric": "r2",
                            "mean": 0.873,
                            "std": 0.021,
                            "folds": 8,
                            "fit_seconds": 2.3,
                            "chosen": True,
                        }
                    ],
                    "model": {"name": "LightGBM", "members": [{"model": "LightGBM", "weight": 1.0}]},
                    "curves": {"residual_quantiles": {"0.05": -41250.0, "0.5": 310.5, "0.95": 44120.8}},
                    "importance": {
                        "metric": "r2",
                        "baseline": 0.868,
                        "rows": 292,
                        "repeats": 3,
                        "complete": True,
                        "features": [{"feature": "rooms", "importance": 0.41, "std": 0.02, "share": 0.63}],
                    },
                    "dependence": [
                        {
                            "feature": "rooms",
                            "type": "numeric",
                            "rows": 292,
                            "grid": [2.0, 8.0, 14.0],
                            "series": [{"class": None, "mean": [121400.0, 189300.0, 302150.0]}],
                        }
                    ],
                    "decision": None,
                    "interval": {"coverage": 0.9, "half_width": 43600.0, "holdout_coverage": 0.91},
                    "compact": None,
                    "split": {"kind": "random", "column": None, "folds": 8, "seed": 0, "holdout_rows": 292},
                    "rows": {"training": 1168, "holdout": 292, "dropped": 0},
                    "holdout_id": None,
                    "data": {"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
                    "features": [{"name": "rooms", "type": "numeric", "may_be_missing": False}],
                    "dropped_columns": {"id": "id-like"},
                    "recipe": None,
                    "parameters": {"target": "price", "seed": 0, "budget_seconds": 60},
                    "libraries": {"python": "3.13.0", "numpy": "2.5.5", "lightgbm": "4.7.0"},
                    "seconds": {"budget": 60, "used": 47.2, "function": 51.9},
                    "cost": {"estimate": True, "usd": 0.0069, "seconds": 51.9, "memory_gb": 8},
                    "findings": [],
                    "warnings": [],
                    "omitted": [],
                    "exports": {"archive": {"bytes": 181220, "sha256": "9f86d081..."}},
                }
            ]
        },
    )

    report_version: str
    created_at: str
    task: Literal["classification", "regression"]
    target: str
    metric: str
    classes: list[Any]
    metrics: Annotated[
        dict[str, dict[str, Any]], Field(description="By holdout, cross_validation and baseline.")
    ]
    per_class: Annotated[list[dict[str, Any]], Field(description="Precision, recall and F1 of each class.")]
    leaderboard: Annotated[list[dict[str, Any]], Field(description="Each candidate, the best first.")]
    model: Annotated[dict[str, Any], Field(description="What answers, and of what it is made.")]
    curves: Annotated[dict[str, Any], Field(description="ROC, calibration, thresholds; or residuals.")]
    importance: Annotated[
        dict[str, Any] | None, Field(description="Of each column, by shuffling it on the holdout.")
    ]
    dependence: Annotated[
        list[dict[str, Any]] | None, Field(description="Mean answer along the top columns.")
    ]
    decision: Annotated[dict[str, Any] | None, Field(description="Rule that makes labels of probabilities.")]
    interval: Annotated[dict[str, Any] | None, Field(description="Of numbers, with its coverage.")]
    split: Annotated[dict[str, Any], Field(description="Which rows judged: by chance, group or time.")]
    rows: dict[str, int]
    holdout_id: Annotated[str | None, Field(description="Equal where two versions can be compared.")]
    data: Annotated[dict[str, Any], Field(description="Digest of the file.")]
    features: list[dict[str, Any]]
    dropped_columns: Annotated[dict[str, str], Field(description="Why each was left out.")]
    recipe: Annotated[dict[str, Any] | None, Field(description="Cleaning steps and what each did.")]
    parameters: dict[str, Any]
    libraries: dict[str, str]
    seconds: dict[str, float]
    cost: Annotated[dict[str, Any] | None, Field(description="An estimate, and what it is made of.")]
    findings: list[dict[str, Any]]
    warnings: list[str]
    omitted: Annotated[list[dict[str, str]], Field(description="What is missing, and why.")]
    exports: dict[str, dict[str, Any]]
