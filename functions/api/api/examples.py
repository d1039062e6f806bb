"""What the fields of the contract look like: one model of house prices, told field by field."""

from typing import Any, Final

Json = dict[str, Any]

_CREATED: Final = "2025-01-15T10:31:52.104Z"
_FINISHED: Final = "2025-01-15T10:32:41.870Z"
_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_LEADER: Final = {
    "model": "ensemble",
    "metric": "r2",
    "mean": 0.873,
    "std": 0.021,
    "folds": 5,
    "fit_seconds": 14.2,
    "chosen": True,
    "members": {"lightgbm": 0.6, "ridge": 0.4},
}
_METRICS: Final = {
    "holdout": {"r2": 0.868, "mae": 17210.4, "rmse": 28871.9},
    "cross_validation": {"r2": 0.873, "r2_std": 0.021},
    "baseline": {"r2": -0.001, "mae": 55432.7, "rmse": 79415.3},
}
REFUSED: Final = {
    "decision": "refused",
    "statement": "On the same holdout, r2 is 0.801 and that of version 1 in production is 0.868.",
    "metric": "r2",
    "candidate": 0.801,
    "production": 0.868,
    "baseline": -0.001,
    "tolerance": 0.009,
}
_PROMOTION: Final = {
    "revision": 3,
    "at": _CREATED,
    "actor": "user:3f0c1a52-9d4e-4b7a-8c61-5e2d7f90ab13",
    "action": "promoted",
    "version": 2,
    "from_stage": "staging",
    "to_stage": "production",
    "production_version": 2,
    "forced": True,
    "reason": "It knows the new district.",
    "gate": REFUSED,
}
_INSTANCE: Final = {"rooms": 3, "age": 12, "kind": "house"}
_STEPS: Final = [
    {"step": "drop_columns", "columns": ["id"]},
    {"step": "impute", "columns": ["age"], "strategy": "median"},
]
_SENTENCES: Final = ["Drop 'id'.", "Fill missing cells of 'age' with the median of the column."]

# What a field of this name looks like in whatever shape it stands.
FIELDS: Final[Json] = {
    "at": _CREATED,
    "after": "0mdw6xk3b8r1q7ta",
    "associations": [{"column": "rooms", "measure": "rank correlation", "association": 0.79}],
    "base": 182400.0,
    "batch_id": "0mdw6z9c4f2h8n5s",
    "budget_seconds": 60,
    "code": "empty_file",
    "columns": 3,
    "contribution": 24310.5,
    "correlations": [{"columns": ["rooms", "price"], "correlation": 0.79}],
    "cells_changed": 0,
    "cells_made_missing": 0,
    "columns_after": 80,
    "columns_before": 81,
    "coverage": 0.9,
    "created_at": _CREATED,
    "dataset_id": "0mdw6xk3b8r1q7ta",
    "distinct": 12,
    "duplicate_rows": 0,
    "error": None,
    "estimated": [],
    "estimated_total": 0,
    "evidence": {"distinct": 120, "rows": 120},
    "exclude": ["id"],
    "expires_in_seconds": 300,
    "feature": "rooms",
    "fields": {
        "key": "uploads/3f0c1a52/0mdw6xk3b8r1q7ta/houses.csv",
        "policy": "eyJ...",
        "x-amz-date": "...",
    },
    "file": {"encoding": "utf-8", "delimiter": ",", "decimal": ".", "header": True, "rows": 1460},
    "file_name": "houses.csv",
    "finished_at": _FINISHED,
    "high": 231900.0,
    "id": "0mdw6xk3b8r1q7ta",
    "instance": 0,
    "instances": [_INSTANCE],
    "job_id": "0mdw6y2v9k4d7m1p",
    "latest_version": 2,
    "lineage": [1],
    "leaderboard": [_LEADER],
    "limit": 20,
    "low": 188300.0,
    "manifest_sha256": _SHA256,
    "missing_after": 0,
    "missing_before": 7,
    "message": "model 14 of 40",
    "metric": "r2",
    "metrics": _METRICS,
    "missing": 0,
    "missing_cells": 7,
    "missing_share": 0.0,
    "mlflow_run_id": "5d2f8e7164a04c1b9f3d0a7b6c8d9e01",
    "model": "houses",
    "name": "houses",
    "newest_recipe": 1,
    "next": None,
    "offset": 0,
    "npz_sha256": _SHA256,
    "parity": 2.3e-13,
    "production_version": 1,
    "progress": 1.0,
    "reason": None,
    "recipe": 1,
    "region": "eu-central-1",
    "revision": 3,
    "rows": 1460,
    "rows_after": 1459,
    "rows_before": 1460,
    "rows_with_errors": 0,
    "sentences": _SENTENCES,
    "sha256": _SHA256,
    "size_bytes": 460676,
    "step": 1,
    "steps": _STEPS,
    "stage": "production",
    "started_at": "2025-01-15T10:31:54.020Z",
    "target": "price",
    "url": "https://csv-analyzer-data-123456789012-eu-central-1.s3.eu-central-1.amazonaws.com/",
    "value": 3,
    "version": 1,
    "warnings": 1,
}

# Where a shape tells it otherwise. Of a request: which of its options are shown together.
SHAPES: Final[dict[str, Json]] = {
    "BatchFile": {"file_name": "rows-predictions.csv"},
    "BatchInFull": {"status": "SUCCEEDED"},
    "BatchRequest": {"file_name": "rows.csv", "stage": "production", "safe": True},
    "BatchView": {"id": "0mdw6z9c4f2h8n5s", "file_name": "rows.csv", "status": "SUCCEEDED"},
    "ClientConfig": {
        "user_pool_client_id": "4k2m9q7h1c8s6v0t3x5z",
        "cognito_url": "https://cognito-idp.eu-central-1.amazonaws.com",
        "version": "0.1.0",
    },
    "CreatedBatch": {
        "id": "0mdw6z9c4f2h8n5s",
        "file_name": "rows.csv",
        "status": "UPLOADING",
        "step": 1,
        "steps": _STEPS,
        "stage": "production",
        "started_at": None,
        "finished_at": None,
        "progress": 0.0,
        "rows": 0,
    },
    "CreatedDataset": {
        "job_id": None,
        "status": "UPLOADING",
        "size_bytes": 0,
        "rows": 0,
        "columns": 0,
        "warnings": 0,
        "newest_recipe": None,
    },
    "DatasetView": {"status": "READY", "job_id": None},
    "Download": {
        "file_name": "houses-1.zip",
        "url": "https://s3.example/models/1/model.zip?X-Amz-Signature=...",
    },
    "JobView": {"id": "0mdw6y2v9k4d7m1p", "status": "SUCCEEDED"},
    "PredictResponse": {"stage": "production", "warnings_total": 0, "warnings": []},
    "PredictRequest": {"strict": False, "explain": False},
    "Prediction": {"prediction": 210100.0, "probabilities": None, "reasons": None},
    "Profile": {
        "warnings": [
            {
                "column": "id",
                "code": "id_like",
                "message": "'id' looks like an identifier: it is not used unless the target goes with "
                "its order.",
                "estimated": [],
                "estimated_total": 0,
                "evidence": {"distinct": 1460, "rows": 1460},
            }
        ],
        "target": None,
        "columns": [
            {
                "name": "rooms",
                "type": "numeric",
                "missing": 0,
                "missing_share": 0.0,
                "distinct": 12,
                "confidence": 1.0,
                "mean": 6.52,
                "std": 1.63,
                "min": 2.0,
                "max": 14.0,
                "zeros": 0,
                "negative": 0,
                "quantiles": {"0": 2.0, "0.25": 5.0, "0.5": 6.0, "0.75": 7.0, "1": 14.0},
                "outliers": {"count": 12, "low": 2.0, "high": 10.0},
                "histogram": {"edges": [2.0, 8.0, 14.0], "counts": [1310, 150]},
            }
        ],
    },
    "InstanceSchema": {
        "type": "object",
        "properties": {
            "rooms": {"type": "number"},
            "age": {"type": "number"},
            "kind": {"enum": ["flat", "house"]},
        },
        "required": ["rooms", "age", "kind"],
        "examples": [_INSTANCE],
    },
    "Effect": {
        "steps": [
            {
                "step": 1,
                "name": "drop_columns",
                "description": _SENTENCES[0],
                "rows_before": 1460,
                "rows_after": 1460,
                "columns_before": 81,
                "columns_after": 80,
                "cells_changed": 0,
                "cells_made_missing": 0,
                "estimated": [],
                "estimated_total": 0,
            }
        ]
    },
    "Preview": {
        "total_rows": 1460,
        "preview_rows": 1000,
        "columns": [{"name": "rooms", "type": "numeric"}, {"name": "kind", "type": "categorical"}],
        "rows": [{"row": 0, "cells": [3, "house"], "cut": []}, {"row": 1, "cells": [4, None], "cut": []}],
    },
    "RecipeRequest": {"target": "price", "steps": _STEPS},
    "RecipeSummary": {"status": "READY"},
    "RecipeView": {"status": "READY"},
    "HistoryEntry": _PROMOTION,
    "ModelHistory": {"production_version": 2, "put_there_by": _PROMOTION, "items": [_PROMOTION]},
    "RollbackRequest": {"from_version": 2, "reason": "Its predictions are too high."},
    "StageChange": {"version": 2, "stage": "production", "production_version": 2, "changed": True},
    "StageRequest": {"version": 2, "force": True, "reason": "It knows the new district."},
    "TrainRequest": {
        "task": "regression",
        "budget_seconds": 60,
        "exclude": ["id"],
        "model": "houses",
        "seed": 0,
    },
    "UploadRequest": {"file_name": "houses.csv"},
    "VersionSummary": {"stage": "production", "task": "regression"},
    "VersionView": {"stage": "production", "task": "regression"},
    "ModelSummary": {"task": "regression"},
    "ModelView": {"task": "regression", "production_version": 2},
}

# Answers and bodies whose schema says too little to make one up, by operation and media type.
WHOLE: Final[dict[tuple[str, str], Any]] = {
    ("getCard", "text/markdown"): "# Model card: houses, version 1\n\nPredicts `price` from 3 columns.\n",
    ("createDataset", "text/csv"): "rooms,age,price\n3,12,210100\n4,3,288000\n",
}

PARAMETERS: Final = {
    "batch_id": "Id of the batch job.",
    "dataset_id": "Id of the dataset.",
    "format": "Form of the download: an archive for NumPy, or an ONNX file.",
    "job_id": "Id of the training.",
    "name": "Name of the model.",
    "stage": "Where the version is to be.",
    "version": "Number of the version.",
}
