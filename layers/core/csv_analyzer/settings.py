"""Each function's settings: read from the environment once, here and nowhere else.

Plain frozen dataclasses and not pydantic models, because predict's cold start can't afford pydantic.
A test holds the variables of each class against template.yaml.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every function is told by its environment.

    Every field is filled from the environment variable of the same name in capitals.
    """

    powertools_service_name: str
    powertools_metrics_namespace: str
    powertools_log_level: str
    data_bucket: str
    catalog_table: str

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Names of the environment variables this class reads."""
        return frozenset(field.name.upper() for field in fields(cls))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings.

        Raises
        ------
        RuntimeError
            If variables are missing or not of their type; all of them are named.
        """
        values: dict[str, str | int] = {}
        faults = []
        for field in fields(cls):
            text = environment.get(field.name.upper())
            if text is None:
                faults.append(f"{field.name.upper()} is missing")
            elif field.type is int and not text.isdecimal():
                faults.append(f"{field.name.upper()} must be a whole number, not {text!r}")
            else:
                values[field.name] = int(text) if field.type is int else text
        if faults:
            raise RuntimeError(f"{cls.__name__}: {'; '.join(faults)}")
        return cls(**values)  # type: ignore[arg-type]  # each value was converted by its field's type


@dataclass(frozen=True, kw_only=True)
class ApiSettings(Settings):
    """Settings of the control plane."""

    max_upload_bytes: int
    training_budget_seconds: int
    cors_origin: str


@dataclass(frozen=True, kw_only=True)
class PredictSettings(Settings):
    """Settings of online inference."""

    cors_origin: str


@dataclass(frozen=True, kw_only=True)
class BatchSettings(Settings):
    """Settings of the function that scores files."""

    batch_queue_url: str


@dataclass(frozen=True, kw_only=True)
class AnalyzeSettings(Settings):
    """Settings of the function that profiles new files."""

    max_upload_bytes: int
    training_budget_seconds: int


@dataclass(frozen=True, kw_only=True)
class TrainSettings(Settings):
    """Settings of the function that trains."""

    mlflow_tracking_uri: str


@dataclass(frozen=True, kw_only=True)
class TrackingSettings(Settings):
    """Settings of the scheduled function that logs to MLflow what could not be logged in time."""

    mlflow_tracking_uri: str
