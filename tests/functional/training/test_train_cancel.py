"""Trainings that are cancelled, wherever they are."""

import importlib
import multiprocessing
from dataclasses import dataclass
from typing import Any

import pytest

from csv_analyzer import aws as clients
from csv_analyzer.events import LAST_ATTEMPT
from tests.functional.training.conftest import Workshop, _let_leases_expire


@dataclass
class Canceller:
    """Cancels a job in the middle of its training, when something of the engine or of ours is called."""

    workshop: Workshop
    monkeypatch: pytest.MonkeyPatch

    def when(self, name: str, order: tuple[str, str]) -> None:
        def called(*args: Any, **named: Any) -> Any:
            if self.workshop.job(order)["status"] == "RUNNING":
                answer = self.workshop.api("api-delete-job", path={"job_id": order[1]})
                assert (answer.status, answer.body["status"]) == (202, "CANCELLING")
            return original(*args, **named)

        module, _, attribute = name.rpartition(".")
        original = getattr(importlib.import_module(module), attribute)
        self.monkeypatch.setattr(name, called)


@pytest.fixture
def canceller(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Canceller:
    monkeypatch.setattr("train.watch.SECONDS_BETWEEN_LOOKS", 0.0)
    return Canceller(workshop, monkeypatch)


def _stored(workshop: Workshop) -> list[str]:
    listed = clients.s3().list_objects_v2(Bucket=workshop.storage.bucket, Prefix="models/")
    return [item["Key"] for item in listed.get("Contents", [])]


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    [
        "automl.read_csv",
        "automl.training.candidates",
        "automl.training.choose",
        "train.service.make_exports",
        "train.service.store_exports",
    ],
)
def test_a_training_is_cancelled_wherever_it_is(
    workshop: Workshop, canceller: Canceller, moment: str
) -> None:
    order = workshop.order()
    canceller.when(moment, order)
    job = workshop.carry_out(order)
    assert (job["status"], bool(job["finished_at"]), job["error"]) == ("CANCELLED", True, None)
    assert multiprocessing.active_children() == []
    assert workshop.api("api-get-model", path={"name": "houses"}).status == 404
    assert _stored(workshop) == []
    # The event that comes again finds the job over.
    assert workshop.carry_out(order, attempt=2) == job


@pytest.mark.slow
@pytest.mark.long
def test_a_killed_training_that_was_cancelled_ends_with_its_next_delivery(
    workshop: Workshop, template: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    def killed(*_: object) -> None:
        raise Killed

    order = workshop.order()
    with monkeypatch.context() as patch:
        patch.setattr("csv_analyzer.registry.publish", killed)
        with pytest.raises(Killed):
            workshop.carry_out(order)
    assert _stored(workshop) != []
    assert workshop.api("api-delete-job", path={"job_id": order[1]}).body["status"] == "CANCELLING"
    _let_leases_expire(template)
    # Even if it is the last: a job that nobody wants any more is no fault.
    job = workshop.carry_out(order, attempt=LAST_ATTEMPT)
    assert job["status"] == "CANCELLED"
    assert _stored(workshop) == []
    assert workshop.api("api-get-models").body["items"] == []
