"""An MLflow App of SageMaker: its plugin signs every request; behind it a real MLflow, with files in S3."""

import http.server
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from mlflow import MlflowClient

from csv_analyzer import keys
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.storage import Storage
from infra.local.process import LOOPBACK, Guard, ServerProcess, free_port
from tests.contract.stage_samples import PLACE, publish
from tests.functional.test_mirror import REPORT
from train import tracking
from train.tracking_service import TrackingService

pytestmark = [pytest.mark.slow, pytest.mark.long]

APP = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/csv-analyzer"
BUCKET = "csv-analyzer-runs"
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=\w+/\d{8}/us-east-1/sagemaker/aws4_request, .*Signature=\w+"
)


class _Door(http.server.BaseHTTPRequestHandler):
    """What SageMaker does before an app: it looks at who asks for which app, and hands the request on."""

    behind: str
    seen: list[Mapping[str, str]]

    def _hand_on(self) -> None:
        self.seen.append(dict(self.headers))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {"Content-Type": self.headers.get("Content-Type", "application/json")}
        answer = httpx.request(self.command, self.behind + self.path, content=body, headers=headers)
        payload = answer.content
        self.send_response(answer.status_code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PATCH = do_DELETE = _hand_on  # noqa: N815  # names of the base class

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MLflow as SageMaker runs it: clients put files into the bucket by themselves."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    guard = Guard()
    mlflow = ServerProcess(
        name="MLflow",
        command=[
            *(sys.executable, "-m", "mlflow", "server", "--host", LOOPBACK, "--port", str(port), "-w", "1"),
            *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
            *("--default-artifact-root", f"s3://{BUCKET}/artifacts", "--no-serve-artifacts"),
        ],
        health_url=f"http://{LOOPBACK}:{port}/health",
        log_path=folder / "mlflow.log",
        guard=guard,
        environment={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "HOME": str(folder)},
    )
    mlflow.start()
    mlflow.wait_ready(120)
    yield f"http://{LOOPBACK}:{port}"
    mlflow.stop()
    guard.close()


@pytest.fixture
def requests(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Mapping[str, str]]]:
    """The headers of what is asked of the app."""
    seen: list[Mapping[str, str]] = []
    door = http.server.ThreadingHTTPServer(
        (LOOPBACK, 0), type("Door", (_Door,), {"behind": server, "seen": seen})
    )
    threading.Thread(target=door.serve_forever, daemon=True).start()
    monkeypatch.setenv("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", f"http://{LOOPBACK}:{door.server_port}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", APP)
    yield seen
    door.shutdown()
    door.server_close()


def _files() -> set[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    return {Path(item["Key"]).name for item in found.get("Contents", ())}


def test_a_version_is_logged_to_an_app_and_erased_there(aws: Any, requests: list[Mapping[str, str]]) -> None:
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    table, storage = Table(aws.tables["Catalog"].name), Storage(aws.buckets["DataBucket"].name)
    number = publish(Catalog(table))
    for name in ("manifest.json", "model.npz", keys.CARD):
        storage.put(keys.model(*PLACE, number, name), b"{}", "text/plain")
    storage.put_json(keys.model(*PLACE, number, keys.REPORT), REPORT)
    service = TrackingService(table, storage, APP)

    assert service.log_pending(lambda: 60) == 1
    run_id = Catalog(table).version(*PLACE, number).mlflow_run_id
    run = MlflowClient(APP, APP).get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["holdout.rmse"] == 1
    assert {"manifest.json", "model.npz", keys.REPORT} <= _files()

    tracking.erase_versions(APP, *PLACE, lambda _: True, keep_model=False)
    assert not _files()
    assert MlflowClient(APP, APP).get_run(run_id).info.lifecycle_stage == "deleted"

    assert requests
    for headers in requests:
        assert headers["x-sm-mlflow-app-arn"] == APP
        assert SIGNED.fullmatch(headers["Authorization"])
