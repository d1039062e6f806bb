"""Each function's settings: read from the environment once, here and nowhere else.

Plain frozen dataclasses and not pydantic models, because predict's cold start can't afford pydantic.
A test holds the variables of each class against template.yaml.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

# As parameters of a template spell them.
_FLAGS: Final = {"true": True, "false": False}


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
        values: dict[str, str | int | bool] = {}
        faults = []
        for field in fields(cls):
            text = environment.get(field.name.upper())
            if text is None:
                faults.append(f"{field.name.upper()} is missing")
            elif field.type is int and not text.isdecimal():
                faults.append(f"{field.name.upper()} must be a whole number, not {text!r}")
            elif field.type is bool and text not in _FLAGS:
                faults.append(f"{field.name.upper()} must be true or false, not {text!r}")
            elif field.type is bool:
                values[field.name] = _FLAGS[text]
            else:
                values[field.name] = int(text) if field.type is int else text
        if faults:
            raise RuntimeError(f"{cls.__name__}: {'; '.join(faults)}")
        return cls(**values)  # type: ignore[arg-type]  # each value was converted by its field's type


@dataclass(frozen=True, kw_only=True)
class LimitSettings(Settings):
    """What one owner may have at most; 0 is no limit."""

    max_running_trainings: int
    max_trainings_per_day: int
    max_datasets: int
    max_stored_bytes: int


@dataclass(frozen=True, kw_only=True)
class ApiSettings(LimitSettings):
    """Settings of the control plane."""

    max_upload_bytes: int
    training_budget_seconds: int
    cors_origin: str
    role_without_group: str
    self_sign_up: bool
    user_pool_client_id: str
    mlflow_page_url: str


@dataclass(frozen=True, kw_only=True)
class PredictSettings(Settings):
    """Settings of online inference."""

    cors_origin: str


@dataclass(frozen=True, kw_only=True)
class BatchSettings(Settings):
    """Settings of the function that scores files."""

    batch_queue_url: str


@dataclass(frozen=True, kw_only=True)
class DriftSettings(Settings):
    """Settings of the scheduled function that measures drift."""


@dataclass(frozen=True, kw_only=True)
class AnalyzeSettings(LimitSettings):
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


@dataclass(frozen=True, kw_only=True)
class EraseSettings(Settings):
    """Settings of the scheduled function that deletes what was erased."""

    mlflow_tracking_uri: str


@dataclass(frozen=True, kw_only=True)
class WebSettings(Settings):
    """Settings of the function that serves the page."""


@dataclass(frozen=True, kw_only=True)
class AwsSettings:
    """Where AWS is and how requests to it are signed, by the names that all AWS SDKs read.

    Parameters
    ----------
    region : str
        Such as ``eu-central-1``.
    endpoints : mapping
        Addresses other than AWS's own, by service; under ``""`` the one for all services.
    access_key_id, secret_access_key, session_token : str
        Credentials of the environment; empty where there are none.
    container_credentials_url, container_token : str
        Where to ask for credentials: with SnapStart Lambda sets these.
    ca_bundle : str
        File of the certificates to trust instead of the system's.
    """

    region: str
    endpoints: Mapping[str, str]
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""
    container_credentials_url: str = ""
    container_token: str = ""
    ca_bundle: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings as the environment has them now."""

        def value(name: str) -> str:
            return environment.get(name, "")

        names = {
            "": "AWS_ENDPOINT_URL",
            "cognito-idp": "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
            "dynamodb": "AWS_ENDPOINT_URL_DYNAMODB",
            "s3": "AWS_ENDPOINT_URL_S3",
        }
        return cls(
            region=value("AWS_REGION") or value("AWS_DEFAULT_REGION"),
            endpoints={service: value(name) for service, name in names.items() if value(name)},
            access_key_id=value("AWS_ACCESS_KEY_ID"),
            secret_access_key=value("AWS_SECRET_ACCESS_KEY"),
            session_token=value("AWS_SESSION_TOKEN"),
            container_credentials_url=value("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            container_token=value("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            ca_bundle=value("AWS_CA_BUNDLE"),
        )

    def has_own_endpoint(self, service: str) -> bool:
        """Return whether the service is somewhere else than at AWS."""
        return service in self.endpoints or "" in self.endpoints

    def endpoint(self, service: str) -> str:
        """Return the address of a service, without a slash at its end."""
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        usual = f"https://{service}.{self.region}.{suffix}"
        return (self.endpoints.get(service) or self.endpoints.get("") or usual).rstrip("/")

    def bucket_endpoint(self, bucket: str) -> str:
        """Return where the addresses lead that boto3 signs for a bucket (:func:`csv_analyzer.aws.s3`)."""
        usual = self.endpoint("s3")
        if self.has_own_endpoint("s3"):
            return usual
        if self.region == "us-east-1":
            # The one region whose buckets boto3 names without it.
            usual = "https://s3.amazonaws.com"
        return usual.replace("://", f"://{bucket}.", 1)


def function_memory_mb(environment: Mapping[str, str] = os.environ) -> int | None:
    """Memory of this function, as Lambda says it; None elsewhere."""
    text = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    return int(text) if text.isdecimal() else None
