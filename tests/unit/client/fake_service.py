"""A service that answers what a test says, over httpx's mock transport."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from csv_analyzer_client import Client
from csv_analyzer_client.settings import Service
from csv_analyzer_client.tokens import Tokens
from csv_analyzer_client.wire import Wire

URL = "https://api.example.com/v1"
COGNITO = "https://cognito.example.com"
S3 = "https://bucket.example.com"
SERVICE = Service(url=URL, region="eu-west-1", user_pool_client_id="app", cognito_url=COGNITO)

type Reply = httpx.Response | Callable[[httpx.Request], httpx.Response] | Exception


def answer(content: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    """An answer of JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=content, headers=named)


def problem(status: int, code: str = "x", detail: str = "No.", **more: Any) -> httpx.Response:
    """A problem document."""
    retry = {"Retry-After": str(more["retry_after"])} if "retry_after" in more else {}
    document = {"type": "about:blank", "title": "T", "status": status, "code": code, "detail": detail, **more}
    return httpx.Response(status, json=document, headers=retry)


def id_token(name: str = "one", **claims: Any) -> str:
    """A token whose claims can be read; nobody verifies it here."""
    body = {"sub": "abc", "email": "a@example.com", "cognito:groups": ["editor"], "jti": name, **claims}
    payload = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"


def tokens(name: str = "one", seconds: float = 3600, refresh: str = "refresh") -> Tokens:
    """Tokens that end in so many seconds."""
    return Tokens(id_token(name), refresh, time.time() + seconds, URL, COGNITO, "app")


class FakeService:
    """Answers by method and path; the last answer of a list is given again and again."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], list[Reply]] = {}
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.wire = Wire(httpx.MockTransport(self._handle), self.pauses.append)

    def on(self, method: str, path: str, *replies: Reply) -> None:
        """Answer `path` below the API, or a whole address, with these in turn."""
        self.routes[method, path if path.startswith("https:") else URL + path] = list(replies)

    def client(self, token: str | None = "token") -> Client:  # noqa: S107  # nobody verifies it
        """A client of this service."""
        return Client(service=SERVICE, token=token, wire=self.wire)

    @property
    def calls(self) -> list[str]:
        """Method and path of what was asked, in order."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def body(self, number: int = -1) -> Any:
        """JSON body of a request."""
        return json.loads(self.requests[number].content)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        address = str(request.url).partition("?")[0]
        replies = self.routes.get((request.method, address))
        if replies is None:
            return problem(404, "not_found", f"There is no {request.method} {address}.")
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            stream = httpx.ByteStream(reply.content)
            return httpx.Response(reply.status_code, headers=reply.headers, stream=stream)
        return reply(request)


DATASET = {
    "id": "d1",
    "file_name": "houses.csv",
    "status": "READY",
    "created_at": "2026-01-02T03:04:05Z",
    "size_bytes": 1234,
    "rows": 10,
    "columns": 3,
    "warnings": 1,
    "job_id": None,
    "error": None,
}
JOB = {
    "id": "j1",
    "dataset_id": "d1",
    "model": "houses",
    "target": "price",
    "status": "QUEUED",
    "created_at": "2026-01-02T03:04:05Z",
    "started_at": None,
    "finished_at": None,
    "progress": 0,
    "message": "",
    "leaderboard": [],
    "version": None,
    "queue_position": 2,
    "error": None,
}
SUMMARY = {
    "name": "houses",
    "task": "regression",
    "target": "price",
    "created_at": "2026-01-02T03:04:05Z",
    "production_version": 1,
    "latest_version": 2,
}
VERSION = {
    "version": 1,
    "stage": "production",
    "created_at": "2026-01-02T03:04:05Z",
    "task": "regression",
    "target": "price",
    "metric": "rmse",
    "metrics": {
        "holdout": {"rmse": 1.5},
        "cross_validation": {"rmse": 1.6, "rmse_std": 0.1, "folds": 5},
        "baseline": {"rmse": 9.0},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "rooms": {"type": "number", "examples": [3], "description": "A number."},
        "kind": {"type": ["string", "null"], "examples": ["flat"]},
        "new": {"type": "boolean"},
    },
    "required": ["rooms", "kind", "new"],
}
BATCH = {
    "id": "b1",
    "model": "houses",
    "version": 1,
    "file_name": "rows.csv",
    "safe": False,
    "status": "SUCCEEDED",
    "created_at": "2026-01-02T03:04:05Z",
    "started_at": None,
    "finished_at": None,
    "progress": 1,
    "rows": 2,
    "rows_with_errors": 1,
    "error": None,
    "predictions": {"file_name": "../../evil.csv", "url": f"{S3}/p", "expires_in_seconds": 300},
    "errors": {"file_name": "e.csv", "url": f"{S3}/e", "expires_in_seconds": 300},
}
RECIPE = {
    "version": 3,
    "dataset_id": "d1",
    "status": "READY",
    "created_at": "2026-01-02T03:04:05Z",
    "target": "price",
    "steps": [{"step": "drop_columns", "columns": ["id"]}, {"step": "drop_duplicates"}],
    "sentences": ["Drops the column 'id'.", "Drops rows that repeat others."],
    "effect": {
        "rows_before": 10,
        "rows_after": 8,
        "columns_before": 3,
        "columns_after": 2,
        "missing_before": 4,
        "missing_after": 4,
        "steps": [
            {"step": 1, "rows_before": 10, "rows_after": 10, "columns_before": 3, "columns_after": 2},
            {"step": 2, "rows_before": 10, "rows_after": 8, "columns_before": 2, "columns_after": 2},
        ],
    },
    "error": None,
}
RECEIPT = {
    "id": "r1",
    "kind": "model",
    "name_or_id": "houses",
    "requested_at": "2026-01-02T03:04:05Z",
    "completed_at": None,
    "status": "PENDING",
    "objects": 7,
    "bytes": 1000,
    "items": 5,
    "versions": 2,
    "mlflow": "pending",
}
ENTRY = {
    "revision": 3,
    "at": "2026-01-02T03:04:05.000Z",
    "actor": "user:x",
    "action": "promoted",
    "version": 2,
    "from_stage": "staging",
    "to_stage": "production",
    "production_version": 2,
    "forced": False,
    "reason": None,
    "gate": {"decision": "passed", "statement": "It is better.", "metric": "rmse", "candidate": 1.4},
}
CHANGE = {
    "model": "houses",
    "version": 2,
    "stage": "production",
    "production_version": 2,
    "revision": 3,
    "changed": True,
    "change": ENTRY,
}
HISTORY = {
    "model": "houses",
    "at": "2026-01-02T03:04:05.000Z",
    "production_version": 2,
    "put_there_by": ENTRY,
    "items": [ENTRY],
    "next": "more",
}
PREVIEW = {
    "recipe": None,
    "total_rows": 500,
    "preview_rows": 100,
    "offset": 0,
    "columns": [{"name": "rooms", "type": "numeric"}, {"name": "kind", "type": "text"}],
    "rows": [{"row": 0, "cells": [3, "flat"], "cut": [1]}, {"row": 7, "cells": [None, "house"]}],
}
LIMITS = {
    "running_trainings": {"limit": 2, "used": 1},
    "stored_bytes": {"limit": None, "used": 2_500_000},
    "max_upload_bytes": 5_000_000_000,
}
DRIFT = {
    "model": "houses",
    "version": 1,
    "stage": "production",
    "status": "drifted",
    "statement": "In 7 days 1,200 rows were scored. 1 feature drifted.",
    "computed_at": "2026-03-31T12:00:00.000Z",
    "window_days": 7,
    "thresholds": {},
    "windows": [
        {
            "days": 7,
            "rows": 1200,
            "status": "drifted",
            "worst": {"feature": "rooms", "psi": 0.62, "status": "drifted"},
            "features": [
                {
                    "feature": "rooms",
                    "status": "drifted",
                    "psi": 0.62,
                    "missing": {"expected": 0.0, "observed": 0.25},
                    "findings": [{"code": "missing", "message": "More are missing."}],
                }
            ],
        }
    ],
}
REPORT = {
    "report_version": "1.0",
    "task": "classification",
    "target": "sold",
    "metric": "log_loss",
    "rows": {"training": 80, "holdout": 20},
    "data": {"sha256": "abc"},
    "model": {"name": "Weighted ensemble", "members": 3},
    "split": {"kind": "random", "folds": 5},
    "metrics": VERSION["metrics"],
    "per_class": [
        {"class": "yes", "rows": 9, "answered": 8, "precision": 0.75, "recall": 0.5, "f1": 0.6},
        {"class": "no", "rows": 11, "answered": 12, "precision": None, "recall": 0.5, "f1": 0.6},
    ],
    "curves": {
        "confusion_matrix": {"labels": ["yes", "no"], "matrix": [[8, 1], [2, 9]]},
        "thresholds": {
            "class": "yes",
            "rows": [{"threshold": 0.5, "precision": 0.8, "recall": 0.7, "f1": 0.74, "flagged": 0.4}],
        },
    },
    "importance": {
        "features": [{"feature": "rooms", "importance": 0.3}, {"feature": "age", "importance": -0.1}]
    },
    "leaderboard": [],
    "warnings": [{"column": "id", "code": "id_like", "message": "Looks like an id."}],
    "omitted": [{"part": "importance", "reason": "No time was left."}],
}


def predicted(*values: float, version: int = 1, warnings: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """An answer of predict."""
    return {
        "model": "houses",
        "version": version,
        "stage": "production",
        "warnings": list(warnings),
        "warnings_total": len(warnings),
        "predictions": [
            {"prediction": value, "interval": {"low": value - 1, "high": value + 1, "coverage": 0.9}}
            for value in values
        ],
    }


PROFILE = {
    "rows": 100,
    "missing_cells": 4,
    "duplicate_rows": 1,
    "columns": [
        {
            "name": "Age",
            "type": "numeric",
            "missing": 4,
            "missing_share": 0.04,
            "distinct": 9,
            "mean": 3.5,
            "std": 1.25,
            "min": 1,
            "max": 9,
            "quantiles": {"0": 1, "0.5": 3, "1": 9},
            "outliers": {"count": 2, "low": 0, "high": 8},
            "histogram": {"edges": [0, 5, 10], "counts": [1, 8]},
        },
        {"name": "kind", "type": "categorical", "missing": 0, "missing_share": 0, "distinct": 2,
         "top": [{"value": "flat", "count": 60}, {"value": "house", "count": 40}],
         "length": {"min": 4, "mean": 4.4, "max": 5}},
        {"name": "day", "type": "date", "missing": 0, "missing_share": 0, "distinct": 2,
         "first": "2024-01-01T00:00:00", "last": "2024-02-01T00:00:00"},
    ],
    "correlations": [{"columns": ["Age", "rooms"], "correlation": 0.5}],
    "target": {"name": "price", "classes": False,
               "associations": [{"column": "Age", "measure": "rank correlation", "association": 0.75}]},
    "warnings": [{"column": "Age", "code": "id_like", "message": "Looks like an id."}],
}  # fmt: skip
LEADERBOARD = [{"model": "CatBoost", "mean": 0.25, "std": 0.01, "fit_seconds": 3.0, "chosen": True}]
FULL = VERSION | {
    "model": "houses", "dataset_id": "d1", "job_id": "j1", "leaderboard": LEADERBOARD,
    "exports": [{"format": "archive", "size_bytes": 5, "sha256": "abc", "parity": 0.0, "reason": None}],
}  # fmt: skip
