"""What the API shows of a version."""

import pytest

from api import views
from csv_analyzer.records import Model, Version

MODEL = Model(owner="me", created_at="2026-01-01T00:00:00.000Z", name="houses", latest=1)
VERSION = Version(
    owner="me",
    created_at="2026-01-01T00:00:00.000Z",
    model="houses",
    version=1,
    dataset_id="d",
    job_id="j",
    task="regression",
    target="price",
    metric="rmse",
    npz_sha256="n",
    manifest_sha256="m",
    mlflow_run_id="5d2f",
)


@pytest.mark.parametrize(
    ("mlflow_url", "shown"),
    [("https://mlflow.example.com/", "https://mlflow.example.com/#/experiments/0/runs/5d2f"), ("", None)],
)
def test_a_run_is_shown_where_mlflow_has_a_page(mlflow_url: str, shown: str | None) -> None:
    assert views.version_view(MODEL, VERSION, mlflow_url).mlflow_run_url == shown
