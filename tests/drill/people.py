"""Customers of a service that has a bad day: they wait, try again, and write down what they were told."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import httpx

from infra.local.stack import LocalStack
from tests.drill.audit import Kind, Order, Unanswered
from tests.e2e.service import User

# In what the work of a customer who did nothing wrong may end while services fail.
WELL = {
    Kind.DATASET: {"READY", "FAILED analysis_interrupted"},
    Kind.RECIPE: {"READY"},
    Kind.TRAINING: {"SUCCEEDED", "FAILED training_interrupted"},
    Kind.BATCH: {"SUCCEEDED", "FAILED batch_interrupted"},
}
PATIENCE_SECONDS = 240.0
_PAUSE_SECONDS = 0.3
_UPLOADS = 3


class ImpatientError(Exception):
    """Something took longer than anybody waits."""


class Ledger:
    """What customers were told is under way, and what they asked for without an answer."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.unanswered: list[Unanswered] = []
        # Answers of the API that were errors of the service: status and code.
        self.errors: list[str] = []
        # What customers were told that is not so.
        self.faults: list[str] = []


class Customer:
    """A user of the stack.

    Parameters
    ----------
    stack
        The stack.
    ledger
        Where it is written down.
    scenario, name
        Who it is.
    """

    def __init__(self, stack: LocalStack, ledger: Ledger, scenario: str, name: str) -> None:
        self.user = User(stack, f"{name}@{scenario}.example.com", groups=("admin",))
        self.sub = self.user.sub
        self.scenario = scenario
        # Of the last request, until it was answered.
        self.tries = 0
        self._ledger = ledger
        self._stack = stack

    def close(self) -> None:
        """Leave."""
        self.user.http.close()

    def ask(self, method: str, path: str, order: Unanswered | None = None, **request: Any) -> httpx.Response:
        """Ask until the service answers, and there is room."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self.tries = 0
        while time.monotonic() < deadline:
            self.tries += 1
            answer = self.user.http.request(method, path, **request)
            if answer.status_code < 500 and answer.status_code != 429:
                return answer
            if answer.status_code >= 500:
                self._ledger.errors.append(f"{answer.status_code} {answer.json().get('code')}")
                if order:
                    self._ledger.unanswered.append(order)
            time.sleep(_PAUSE_SECONDS)
        raise ImpatientError(f"{method} {path} was answered {answer.status_code}: {answer.text}")

    def look(self, path: str) -> Any:
        """Look at something that is there."""
        answer = self.ask("GET", path)
        if answer.status_code != 200:
            raise AssertionError(f"{path} was answered {answer.status_code}: {answer.text}")
        return answer.json()

    def announce(self, file_name: str, ends: Collection[str] = ()) -> Any:
        """Announce a file; answers its dataset, with the form to post it by."""
        order = Unanswered(self.sub, Kind.DATASET)
        created = self.ask("POST", "/datasets", order, json={"file_name": file_name})
        assert created.status_code == 201, created.text
        self.note(Kind.DATASET, created.json()["id"], ends)
        return created.json()

    def upload(self, content: bytes, file_name: str, ends: Collection[str] = ()) -> str:
        """Upload a file by a form."""
        announced = self.announce(file_name, ends)
        self.post(announced["upload"], content)
        return str(announced["id"])

    def upload_ready(self, content: bytes, file_name: str) -> str:
        """Upload a file until it is a dataset that can be trained on."""
        for _ in range(_UPLOADS):
            dataset = self.upload(content, file_name)
            if self.ended(Kind.DATASET, dataset)["status"] == "READY":
                return dataset
        raise ImpatientError(f"{file_name} was uploaded {_UPLOADS} times and never READY")

    def send(self, content: bytes, file_name: str) -> str:
        """Send a small file as a body."""
        order = Unanswered(self.sub, Kind.DATASET)
        headers = {"Content-Type": "text/csv"}
        path = f"/datasets?file_name={file_name}"
        created = self.ask("POST", path, order, content=content, headers=headers)
        assert created.status_code == 201, created.text
        dataset = str(created.json()["id"])
        self.note(Kind.DATASET, dataset)
        return dataset

    def post(self, form: dict[str, Any], content: bytes) -> None:
        """Post a file until S3 says that it has it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        said = ""
        while time.monotonic() < deadline:
            try:
                sent = httpx.post(
                    form["url"],
                    data=form["fields"],
                    files={"file": ("x.csv", content)},
                    trust_env=False,
                    timeout=60,
                )
            except httpx.TransportError as error:
                said = repr(error)
            else:
                if sent.status_code == 204:
                    return
                said = f"{sent.status_code} {sent.text}"
            time.sleep(_PAUSE_SECONDS)
        raise ImpatientError(f"the form was not taken: {said}")

    def drop(self, content: bytes, file_name: str, target: str) -> tuple[str, str]:
        """Copy a file into the drop folder; answers the dataset and its job, once they are there."""
        self.user.drop(content, file_name, target)

        def found() -> Any:
            items = self.look("/datasets?limit=100")["items"]
            return next((item for item in items if item["file_name"] == file_name), {"status": "ABSENT"})

        dataset = self.until(found, {"READY", "FAILED"}, file_name)
        self.note(Kind.DATASET, dataset["id"])
        if dataset["status"] == "READY":
            self.note(Kind.TRAINING, dataset["job_id"])
        return str(dataset["id"]), str(dataset["job_id"])

    def clean(self, dataset: str, **recipe: Any) -> str:
        """Say how a dataset is to be cleaned; answers the version of the recipe."""
        order = Unanswered(self.sub, Kind.RECIPE, dataset)
        answer = self.ask("PUT", f"/datasets/{dataset}/recipe", order, json=recipe)
        assert answer.status_code == 202, answer.text
        version = int(answer.json()["version"])
        self.note(Kind.RECIPE, f"{dataset}#{version:06d}")
        return str(version)

    def train(self, dataset: str, model: str, ends: Collection[str] = (), **options: Any) -> str:
        """Order a training."""
        order = Unanswered(self.sub, Kind.TRAINING, dataset)
        body = {"target": "price", "budget_seconds": 5, "model": model, **options}
        answer = self.ask("POST", f"/datasets/{dataset}/train", order, json=body)
        assert answer.status_code == 202, answer.text
        job = str(answer.json()["id"])
        self.note(Kind.TRAINING, job, ends)
        return job

    def change_mind(self, dataset: str, model: str) -> str:
        """Order a long training and cancel it; a cancellation that comes too late is refused."""
        job = self.train(dataset, model, {"CANCELLED", *WELL[Kind.TRAINING]}, budget_seconds=20)
        answer = self.ask("DELETE", f"/jobs/{job}")
        cancelled, repeated = answer.status_code == 202, self.tries > 1
        assert cancelled or answer.status_code == 409, answer.text
        status = self.ended(Kind.TRAINING, job)["status"]
        # Who was told that it is too late finds it ended otherwise, but for those who had to ask again.
        if cancelled != (status == "CANCELLED") and (cancelled or not repeated):
            self._ledger.faults.append(f"{answer.status_code} for cancelling {job}, which is {status}")
        return job

    def score(self, model: str, content: bytes, ends: Collection[str] = (), **options: Any) -> str:
        """Order the scoring of a file, and upload it."""
        order = Unanswered(self.sub, Kind.BATCH, model)
        body = {"file_name": "rows.csv", **options}
        answer = self.ask("POST", f"/models/{model}/batch", order, json=body)
        assert answer.status_code == 201, answer.text
        self.post(answer.json()["upload"], content)
        batch = str(answer.json()["id"])
        self.note(Kind.BATCH, f"{model}#{batch}", ends)
        return batch

    def predict(self, model: str, instance: Mapping[str, Any], query: str = "") -> httpx.Response:
        """Ask for one prediction, once."""
        body = {"instances": [instance]}
        return self.user.http.post(f"/models/{model}/predict{query}", json=body)

    def ended(self, kind: Kind, place: str) -> Any:
        """What became of something, once it is over."""
        model, _, last = place.partition("#")
        path = {
            Kind.DATASET: f"/datasets/{place}",
            Kind.RECIPE: f"/datasets/{model}/recipe?version={last.lstrip('0')}",
            Kind.TRAINING: f"/jobs/{place}",
            Kind.BATCH: f"/models/{model}/batch/{last}",
        }[kind]
        return self.until(lambda: self.look(path), {"READY", "SUCCEEDED", "FAILED", "CANCELLED"}, path)

    def until(self, look: Callable[[], Any], ends: Collection[str], what: str) -> Any:
        """Look until the status is one of those wanted."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = look()
            if found["status"] in ends:
                return found
            time.sleep(_PAUSE_SECONDS)
        raise ImpatientError(f"{what} is {found['status']} after {PATIENCE_SECONDS:.0f} s")

    def note(self, kind: Kind, place: str, ends: Collection[str] = ()) -> None:
        """Write down what is under way, and how it may end."""
        order = Order(self.scenario, self.sub, kind, place, frozenset(ends or WELL[kind]))
        self._ledger.orders.append(order)
