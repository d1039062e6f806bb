"""Orders that can not be carried out end with a sentence."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from automl import ParityError, SearchError
from csv_analyzer import aws as clients
from csv_analyzer import keys
from csv_analyzer.catalog import job_key
from csv_analyzer.dynamo import Table, update
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.metrics import Metric
from csv_analyzer.storage import Storage
from tests.functional.conftest import (
    ME,
    YOU,
    Context,
    order_key,
    sqs_event,
)
from tests.functional.training.conftest import CSV, ROWS, Workshop


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (CSV.replace(b"flat", b"house"), "target_constant"),
        (b"rooms,kind\n" + b"1,\n2,\n" * 40, "target_all_missing"),
        (b"rooms,kind\n1,a\n2,b\n3,a\n", "too_few_rows"),
    ],
)
def test_a_target_that_can_not_be_learnt_fails_the_job_with_a_reason(
    workshop: Workshop, content: bytes, code: str
) -> None:
    job = workshop.carry_out(workshop.order(content, target="kind"))
    assert job["status"] == "FAILED"
    assert job["error"]["code"] == code
    assert "Traceback" not in job["error"]["message"]
    assert workshop.api("api-get-models").body["items"] == []


def test_a_target_that_is_not_there_fails_a_job_of_the_drop_folder(
    workshop: Workshop, storage: Storage, context: Context
) -> None:
    from analyze import app as analyze_app

    key = f"drop/{ME}/target=prize/houses.csv"
    storage.put(key, CSV, "text/csv")
    analyze_app.handler(sqs_event(key, template="sqs-s3-drop"), context)
    (dataset,) = workshop.api("api-get-datasets").body["items"]
    job = workshop.carry_out((dataset["id"], dataset["job_id"]))
    assert job["status"] == "FAILED"
    assert "prize" in job["error"]["message"]
    assert "price" in job["error"]["message"]


@pytest.mark.parametrize(
    "change", [{"target": 1}, {"data_key": f"uploads/{YOU}/{'0' * 24}/a.csv"}, {"more": 1}]
)
def test_a_forged_order_fails_its_job(workshop: Workshop, change: dict[str, Any]) -> None:
    order = workshop.order()
    key = order_key(ME, *order)
    workshop.storage.put_json(key, {**workshop.storage.get_json(key, 10_000), **change})
    job = workshop.carry_out(order)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "invalid_order")


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_job_whose_order_was_deleted_ends(workshop: Workshop, template: Any, cancelled: bool) -> None:
    order = workshop.order()
    workshop.storage.delete([order_key(ME, *order)])
    if cancelled:
        table = Table(template.tables["Catalog"].name)
        table.write(update(job_key(ME, order[1]), assign={"status": "CANCELLING"}))
    job = workshop.carry_out(order)
    assert job["status"] == ("CANCELLED" if cancelled else "FAILED")
    assert (job["error"] or {}).get("code") == (None if cancelled else "order_gone")
    # Without a job there is nothing to say.
    workshop.carry_out((order[0], "0" * 24))
    assert workshop.api("api-get-job", path={"job_id": "0" * 24}).status == 404


def test_a_training_whose_file_was_deleted_says_so(workshop: Workshop) -> None:
    order = workshop.order()
    data = workshop.storage.get_json(order_key(ME, *order), 10_000)
    clients.s3().delete_object(
        Bucket=workshop.storage.bucket, Key=data["data_key"], VersionId=data["data_version_id"]
    )
    assert workshop.carry_out(order)["error"]["code"] == "file_gone"


def test_a_table_that_the_memory_can_not_hold_is_refused_at_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.service.MAX_CELLS", ROWS)
    job = workshop.carry_out(workshop.order())
    assert (job["status"], job["error"]["code"]) == ("FAILED", "too_many_cells")
    assert "22 rows" in job["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "code"), [(SearchError("nothing"), "nothing_fitted"), (ParityError("0.1"), "not_portable")]
)
def test_a_fault_of_the_engine_ends_the_job_at_once_and_the_operator_learns_of_it(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    code: str,
) -> None:
    def broken(*_: object) -> None:
        raise fault

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("automl.training.Search.run", broken)
        job = workshop.carry_out(order)
    assert (job["status"], job["error"]["code"]) == ("FAILED", code)
    assert "train" in job["error"]["message"]
    (log,) = [record for record in caplog.records if record.message == "the engine failed"]
    assert log.levelname == "ERROR"
    assert log.exc_info is not None
    assert log.exc_info[1] is fault
    written = [line for line in capsys.readouterr().out.splitlines() if Metric.ENGINE_FAULTS in line]
    assert [json.loads(line)[Metric.ENGINE_FAULTS] for line in written] == [[1.0]]
    # The event that comes again finds the job done.
    assert workshop.carry_out(order, attempt=2) == job


def test_a_candidate_that_answers_otherwise_is_left_out_and_the_operator_learns_of_it(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def unlike(*_: object, **__: object) -> None:
        raise ParityError("it differs by 0.1")

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("automl.learners.lightgbm.LightGBMLearner.fit", unlike)
        job = workshop.carry_out(order)
    assert job["status"] == "SUCCEEDED"
    (log,) = [record for record in caplog.records if record.message == "the engine failed"]
    assert log.levelname == "ERROR"
    # More of that library's may have been tried, as time allowed.
    assert vars(log)["given_up"][0] == "LightGBM: ParityError: it differs by 0.1"
    written = [line for line in capsys.readouterr().out.splitlines() if Metric.ENGINE_FAULTS in line]
    assert [json.loads(line)[Metric.ENGINE_FAULTS] for line in written] == [[1.0]]


def test_after_the_last_attempt_the_user_is_told_and_the_message_given_up(workshop: Workshop) -> None:
    order = workshop.order()
    with pytest.raises(BatchProcessingError, match="GaveUpError"):
        workshop.carry_out(order, attempt=LAST_ATTEMPT)
    job = workshop.job(order)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "training_interrupted")


def test_what_an_earlier_try_of_a_failed_training_has_stored_is_removed(
    workshop: Workshop, template: Any
) -> None:
    order = workshop.order()
    table = Table(template.tables["Catalog"].name)
    table.write(update(job_key(ME, order[1]), assign={"version": 3}))
    for number in (2, 3):
        workshop.storage.put(keys.model(ME, "houses", number, "model.npz"), b"x", "application/octet-stream")
    with pytest.raises(BatchProcessingError, match="GaveUpError"):
        workshop.carry_out(order, attempt=LAST_ATTEMPT)
    assert workshop.job(order)["status"] == "FAILED"
    assert [item.key for item in workshop.storage.listed("models/")] == [f"models/{ME}/houses/2/model.npz"]
