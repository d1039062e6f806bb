"""The service under load: a user of it, and what the users of the test ask about."""

import contextlib
import csv
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from csv_analyzer_client import Client
from csv_analyzer_client.cli.account import EMAIL_VARIABLE, PASSWORD_VARIABLE
from csv_analyzer_client.cognito import Cognito
from csv_analyzer_client.errors import ForbiddenError, NotFoundError, UsageError
from infra.local import demo
from infra.local.stack import LocalStack
from tests.load.steps import ANALYSIS

_PASSWORD: Final = "Load-Password-1"
_PATIENCE_SECONDS: Final = 900.0
_MANY_ROWS: Final = 100
_SMALL_ROWS: Final = 40


@dataclass(frozen=True)
class Prepared:
    """What the users of the test ask about.

    Parameters
    ----------
    dataset, model : str
        What was made for the test; nobody else has a model of that name.
    version : int
        The model's only one.
    instances : list
        Rows that the model takes.
    upload_name : str
        What uploads during the test are called; no other file is.
    upload : str
        Such a file.
    """

    dataset: str
    model: str
    version: int
    instances: list[dict[str, float]]
    upload_name: str
    upload: str

    def plan(self, url: str, token: str, begun: Path, results: Path) -> dict[str, Any]:
        """What the users are told; they make the one file when they begin and the other at the end."""
        rows = self.instances
        return {
            "url": url,
            "token": token,
            "begun": str(begun),
            "results": str(results),
            "model": self.model,
            "version": self.version,
            "dataset": self.dataset,
            "rows": len(rows),
            "one": json.dumps({"instances": rows[:1]}),
            "hundred": json.dumps({"instances": rows[:_MANY_ROWS]}),
            "explain": json.dumps({"instances": rows[:1], "explain": True}),
            "upload_name": self.upload_name,
            "upload": self.upload,
            "analysis": ANALYSIS,
        }


def local_token(stack: LocalStack) -> str:
    """The token of a new user of a local stack."""
    email = "load@example.com"
    stack.create_user(email, _PASSWORD, groups=("admin",))
    return stack.sign_in(email, _PASSWORD)


def token_of(url: str) -> str:
    """The token of the user that the environment names: by a token, a password, or a sign-in that is stored.

    Raises
    ------
    ClientError
        If it names none, or the service does not let them in.
    """
    email, password = (os.environ.get(name, "") for name in (EMAIL_VARIABLE, PASSWORD_VARIABLE))
    with Client(url) as client:
        if client.given_token or not (email and password):
            return client.id_token()
        service = client.service.over(client.config().sign_in).checked()
        return Cognito(client.wire, service).sign_in(email, password, _refuse).id_token


@contextlib.contextmanager
def prepared(client: Client, folder: Path, budget_seconds: int) -> Iterator[Prepared]:
    """Upload a file and train a model on it; at the end erase all that was made, whatever happens.

    Parameters
    ----------
    client : Client
        Somebody who may train.
    folder : Path
        For files.
    budget_seconds : int
        Of the training.

    Raises
    ------
    ClientError
        If the service refuses, or does not do it.
    """
    _require_admin(client)
    job = demo.sample_jobs(folder)[0]
    mark = f"load-{secrets.token_hex(4)}"
    with contextlib.ExitStack() as made:
        uploading = client.upload(job.csv, name=f"{mark}.csv")
        dataset = uploading.state.id
        made.callback(_erase, client, dataset, mark)
        uploading.wait(timeout=_PATIENCE_SECONDS)
        training = client.train(dataset, job.target, budget_seconds=budget_seconds, model=mark)
        version = training.wait(timeout=_PATIENCE_SECONDS).version or 1
        rows = list(csv.DictReader(job.csv.read_text("utf-8").splitlines()))
        text = job.csv.read_text("utf-8").splitlines(keepends=True)
        made.callback(erase_uploads, client, f"{mark}-upload.csv")
        yield Prepared(
            dataset=dataset,
            model=mark,
            version=version,
            instances=[
                {name: float(cell) for name, cell in row.items() if name != job.target} for row in rows
            ],
            upload_name=f"{mark}-upload.csv",
            upload="".join(text[: _SMALL_ROWS + 1]),
        )


def erase_uploads(client: Client, name: str) -> int:
    """Erase the datasets of a file name; how many there were."""
    found = [dataset.id for dataset in client.datasets() if dataset.file_name == name]
    for dataset in found:
        with contextlib.suppress(NotFoundError):
            client.delete_dataset(dataset)
    return len(found)


def _erase(client: Client, dataset: str, model: str) -> None:
    for erase, name in ((client.delete_model, model), (client.delete_dataset, dataset)):
        # What was not made yet need not go.
        with contextlib.suppress(NotFoundError):
            erase(name)


def _require_admin(client: Client) -> None:
    try:
        client.limits()
    except ForbiddenError as error:
        raise UsageError(
            "The load test needs a user in the group admin: it asks for /limits and erases its model."
        ) from error


def _refuse(challenge: str) -> str:
    raise UsageError(
        f"Cognito asks for {challenge[:50]}: set CSV_ANALYZER_TOKEN, or take a user with a password alone."
    )
