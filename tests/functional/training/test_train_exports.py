"""What a version can be downloaded as, and why not."""

import hashlib
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from csv_analyzer import keys
from csv_analyzer.catalog import model_key, version_key
from csv_analyzer.dynamo import Table, put_new
from csv_analyzer.metrics import Metric
from csv_analyzer.storage import Storage
from tests.functional.conftest import (
    ME,
    YOU,
)
from tests.functional.training.conftest import CSV, ROW, ROWS, Workshop


@pytest.mark.slow
def test_a_version_can_be_downloaded_as_an_archive_and_as_onnx(workshop: Workshop) -> None:
    workshop.carry_out(workshop.order())
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    kept = {export["format"]: export for export in version["exports"]}
    for name, ending in (("archive", "zip"), ("onnx", "onnx")):
        answer = workshop.api("api-get-model-export", path={"name": "houses"}, query={"format": name})
        assert answer.status == 200, answer.body
        assert (answer.body["version"], answer.body["format"]) == (1, name)
        assert answer.body["file_name"] == f"houses-1.{ending}"
        assert answer.body["expires_in_seconds"] == 300
        assert f"houses-1.{ending}" in unquote(answer.body["url"])
        content = _downloaded(workshop.storage, answer.body["url"])
        assert len(content) == answer.body["size_bytes"] == kept[name]["size_bytes"]
        assert hashlib.sha256(content).hexdigest() == answer.body["sha256"] == kept[name]["sha256"]
    assert kept["onnx"]["parity"] < 1e-9
    assert kept["archive"]["parity"] is None

    # Nobody else may, and there is no other version or format.
    def status(query: dict[str, str], owner: str = ME, name: str = "houses") -> Any:
        answer = workshop.api("api-get-model-export", path={"name": name}, query=query, owner=owner)
        return answer.status, answer.body["code"]

    assert status({"version": "1"}, owner=YOU) == (404, "not_found")
    assert status({}, name="castles") == (404, "not_found")
    assert status({"version": "2"}) == (404, "not_found")
    assert status({"version": "0"}) == (422, "invalid_request")
    assert status({"format": "pickle"}) == (422, "invalid_request")


def _downloaded(storage: Storage, url: str) -> bytes:
    """What a presigned URL of the bucket leads to."""
    parts = urlsplit(url)
    assert parts.path.endswith(keys.EXPORT_FILES["onnx"]) or parts.path.endswith(keys.EXPORT_FILES["archive"])
    key = unquote(parts.path).removeprefix("/").removeprefix(f"{storage.bucket}/")
    return storage.get(key, 10**8)


@pytest.mark.slow
@pytest.mark.long
def test_a_version_that_onnx_has_no_words_for_says_why(workshop: Workshop) -> None:
    words = ["quiet street", "near the old station", "garden and a balcony", "loud", "top floor with lift"]
    notes = [f"{words[i % 5]} and {words[i * 7 % 5]} no {i}" for i in range(ROWS)]
    content = b"note,rooms,age,kind,price\n" + b"".join(
        b"%s,%s\n" % (note.encode(), line) for note, line in zip(notes, CSV.splitlines()[1:], strict=True)
    )
    assert workshop.carry_out(workshop.order(content))["status"] == "SUCCEEDED"

    answer = workshop.api("api-get-model-export", path={"name": "houses"}, query={"format": "onnx"})

    assert (answer.status, answer.body["code"]) == (409, "not_exportable")
    assert "'note'" in answer.body["detail"]
    version = workshop.api("api-get-model-version", path={"name": "houses", "version": "1"}).body
    (onnx,) = [export for export in version["exports"] if export["format"] == "onnx"]
    assert onnx["reason"] in answer.body["detail"]
    assert workshop.api("api-get-model-export", path={"name": "houses"}, query={}).status == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "reason", "told"),
    [({"MAX_SECONDS": 0.01}, "longer than", True), ({"LEAST_SECONDS": 1e9}, "all the time", False)],
)
def test_an_export_that_fails_costs_the_file_and_not_the_training(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    reason: str,
    told: bool,
) -> None:
    for name, value in change.items():
        monkeypatch.setattr(f"train.exports.{name}", value)
    assert workshop.carry_out(workshop.order())["status"] == "SUCCEEDED"
    answer = workshop.api("api-get-model-export", path={"name": "houses"}, query={"format": "onnx"})
    assert answer.status == 409
    assert reason in answer.body["detail"]
    assert (Metric.EXPORTS_FAILED in capsys.readouterr().out) == told
    assert workshop.predict({"instances": [ROW]}).status == 200


def test_a_version_from_before_there_were_exports_says_so(workshop: Workshop, template: Any) -> None:
    table = Table(template.tables["Catalog"].name)
    old = {"owner": ME, "created_at": "2025-01-01", "model": "old", "version": 1}
    old |= {"dataset_id": "d", "job_id": "j", "task": "regression", "target": "y", "metric": "rmse"}
    old |= {"npz_sha256": "0", "manifest_sha256": "0"}
    table.write(
        put_new(version_key(ME, "old", 1), old),
        put_new(
            model_key(ME, "old"), {"owner": ME, "created_at": "2025-01-01", "name": "old", "production": 1}
        ),
    )
    answer = workshop.api("api-get-model-export", path={"name": "old"}, query={})
    assert (answer.status, answer.body["code"]) == (409, "not_exportable")
    assert "train the model again" in answer.body["detail"]
