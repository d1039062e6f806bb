"""What a deployed stack must do for a user, step by step; nothing of it stays."""

import math
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from csv_analyzer_client import (
    Client,
    ClientError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    Service,
    SignInError,
    UnauthorizedError,
)
from csv_analyzer_client.resources import Dataset, Job
from csv_analyzer_client.tokens import Tokens

FEATURES: Final = ("rooms", "age", "kind")
TARGET: Final = "price"
ROWS: Final = 240
# Rooms are worth more than all the rest together, so that any fair model tells a small home from a large one.
SMALL: Final[Mapping[str, Any]] = {"rooms": 2, "age": 15, "kind": "flat"}
LARGE: Final[Mapping[str, Any]] = {"rooms": 7, "age": 15, "kind": "house"}
# The mean of the table has 0; on a busy machine five seconds are few.
LEAST_R2: Final = 0.2
BUDGET_SECONDS: Final = 5
PATIENCE_SECONDS: Final = 600.0

USER: Final = (
    "CSV_ANALYZER_EMAIL and CSV_ANALYZER_PASSWORD must be those of a user of this very stack, in the group "
    "admin, with a password that need not be changed and no second factor."
)
_SCRIPT: Final = re.compile(r'<script[^>]* src="([^"]+)"')


class StepError(Exception):
    """The service did not do what it must; the message says what it did instead."""


def table() -> str:
    """A small CSV file whose `price` follows from the other columns."""
    lines = [",".join((*FEATURES, TARGET))]
    for number in range(ROWS):
        # Each number of rooms with each age, or one would stand for the other.
        rooms, age, kind = 1 + number % 8, number // 8 * 7 % 31, ("flat", "house")[number // 3 % 2]
        worth = 40_000 * rooms - 300 * age + (9_000 if kind == "house" else 0) + (number * 37) % 1_000
        lines.append(f"{rooms},{age},{kind},{worth}")
    return "\n".join(lines) + "\n"


class Journey:
    """A user's way from signing in to erasing, on one stack.

    Parameters
    ----------
    url : str
        Address of the API, with its stage.
    email, password : str
        Of a test user in the group admin: only an admin may erase what is in production.
    tell : callable
        Told a line for each step.
    with_page : bool
        Whether the page must be there.
    patience_seconds : float
        How long an analysis or a training may take; the first ones of a new stack start slowly.
    """

    def __init__(
        self,
        url: str,
        email: str,
        password: str,
        tell: Callable[[str], None],
        *,
        with_page: bool = True,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._email = email
        self._password = password
        self._tell = tell
        self._with_page = with_page
        self._patience_seconds = patience_seconds
        # Runs at the same time, or after one that was killed, must not meet.
        self.name = f"smoke-{secrets.token_hex(6)}"
        self._public = Client(url, token="none")
        self._client: Client | None = None
        self._tokens: Tokens | None = None
        self._job: Job | None = None

    def run(self) -> list[str]:
        """Take every step up to the first that fails, then erase; answers what failed, with its remedy."""
        steps: list[tuple[str, Callable[[], str], str]] = [
            (
                "health",
                self._look_at_health,
                "Is this the stack's output ApiUrl, and was the deployment complete?",
            ),
            ("page", self._look_at_page, "The page is built by make page before the stack is deployed."),
            ("doors", self._knock_without_token, "Every route but the public ones must have the authorizer."),
            ("sign in", self._sign_in, USER),
            ("upload", self._upload, "See the logs of AnalyzeFunction and the queue that starts it."),
            ("train", self._train, "See the logs of TrainFunction and the queue that starts it."),
            ("predict", self._predict, "See the logs of PredictFunction."),
            ("refuse", self._send_faults, "See the logs of PredictFunction."),
            (
                "report",
                self._read_report,
                "See the logs of TrainFunction, and what the job says of its search.",
            ),
            ("drift", self._read_drift, "See the logs of ApiFunction."),
        ]
        failed: list[str] = []
        try:
            for name, step, remedy in steps:
                if not self._take(name, step, remedy, failed):
                    break
        finally:
            # Whatever happened, Ctrl-C and SIGTERM too.
            if self._client is not None:
                by_hand = f"Erase by hand what is named {self.name}: its dataset, and with it its model."
                self._take("erase", self._erase, by_hand, failed)
                self._take("sign out", self._sign_out, "", failed)
                self._client.close()
            self._public.close()
        return failed

    def _take(self, name: str, step: Callable[[], str], remedy: str, failed: list[str]) -> bool:
        began = time.monotonic()
        try:
            said = step()
        except (ClientError, StepError) as error:
            self._tell(f"  {name:<9}{time.monotonic() - began:6.1f} s  FAILED")
            failed.append(f"{name}: {_reason(error)} {remedy}")
            return False
        self._tell(f"  {name:<9}{time.monotonic() - began:6.1f} s  {said}")
        return True

    def _look_at_health(self) -> str:
        answer = self._public.wire.send("GET", f"{self._url}/health", repeat=True)
        if answer.status != 200 or answer.json() != {"status": "ok"}:
            raise StepError(f"GET /health answers with {answer.status} and {_start(answer.content)}.")
        return f"version {self._public.config().version}"

    def _look_at_page(self) -> str:
        if not self._with_page:
            return "left out: it was not built here"
        place = f"{self._url}/app/"
        document = self._public.wire.send("GET", place, repeat=True)
        if document.status != 200:
            raise StepError(f"GET /app/ answers with {document.status} and {_start(document.content)}.")
        scripts = _SCRIPT.findall(document.content.decode("utf-8", "replace"))
        if not scripts:
            raise StepError(f"GET /app/ names no script: {_start(document.content)}.")
        size = len(document.content)
        for script in scripts:
            file = self._public.wire.send("GET", urljoin(place, script), repeat=True)
            if file.status != 200 or "javascript" not in file.headers.get("content-type", ""):
                raise StepError(f"The page's script {script} answers with {file.status}.")
            size += len(file.content)
        return f"the document and {len(scripts)} scripts, {size:,} bytes"

    def _knock_without_token(self) -> str:
        for token in ({}, {"Authorization": "e30.e30.x"}):
            answer = self._public.wire.send("GET", f"{self._url}/models", headers=token, repeat=True)
            if answer.status != 401:
                raise StepError(
                    f"GET /models {'with a forged' if token else 'without a'} token answers with "
                    f"{answer.status}, not 401."
                )
        return "closed without a token and to a forged one"

    def _sign_in(self) -> str:
        service = Service(url=self._url).over(self._public.config().sign_in)
        with Client(service=service, token="none") as signing_in:
            self._tokens = signing_in.cognito.sign_in(self._email, self._password, _refuse_challenge)
        self._client = Client(service=service, token=self._tokens.id_token)
        # Only an admin may ask this, and only an admin may erase what will be in production.
        self._client.limits()
        return f"as {self._email}, an admin"

    def _upload(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{self.name}.csv"
            path.write_text(table(), encoding="utf-8")
            found = self._signed_in.upload(path).wait(timeout=self._patience_seconds)
        if (found.rows, found.columns) != (ROWS, len(FEATURES) + 1):
            raise StepError(
                f"The analysis found {found.rows} rows and {found.columns} columns in {ROWS} and 4."
            )
        return f"{found.rows} rows, {found.columns} columns"

    def _train(self) -> str:
        pending = self._signed_in.train(
            self._dataset().id, TARGET, budget_seconds=BUDGET_SECONDS, model=self.name
        )
        self._job = pending.state
        self._job = pending.wait(timeout=self._patience_seconds)
        return f"{self.name}, version {self._version}"

    def _predict(self) -> str:
        answer = self._signed_in.predict(self.name, [SMALL, LARGE])
        small, large = (one.prediction for one in answer.predictions)
        if (answer.version, answer.stage) != (self._version, "production"):
            raise StepError(
                f"Version {answer.version} in {answer.stage} answered, not {self._version} in production."
            )
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in (small, large)):
            raise StepError(f"The predictions are {small!r} and {large!r}, which are no numbers.")
        if not float(small) < float(large):
            raise StepError(
                f"A home of two rooms is said to be worth {small}, and one of seven only {large}."
            )
        return f"{float(small):,.0f} and {float(large):,.0f}"

    def _send_faults(self) -> str:
        try:
            self._signed_in.predict(self.name, [{"rooms": "many", "age": 15, "size": 3}])
        except InvalidRequestError as error:
            named = {str(fault.get("feature")) for fault in error.faults}
            if not {"rooms", "kind"} <= named:
                raise StepError(
                    f"A wrong and a missing value are refused, but named are {sorted(named)}."
                ) from error
            return f"{error.code} names {', '.join(sorted(named))}"
        raise StepError("An instance with a wrong and a missing value is answered.")

    def _read_report(self) -> str:
        version = self._signed_in.version(self.name, self._version)
        report = self._signed_in.report(self.name, self._version)
        r2 = version.metrics.get("holdout", {}).get("r2")
        if report.get("task") != "regression" or not isinstance(r2, int | float):
            raise StepError(f"The task is said to be {report.get('task')!r}, and R2 on the holdout {r2!r}.")
        if r2 < LEAST_R2:
            raise StepError(f"R2 on the holdout is {r2:.2f} on a table that any model can learn.")
        return f"R2 on the holdout is {r2:.3f}"

    def _read_drift(self) -> str:
        drift = self._signed_in.drift(self.name)
        if (drift.get("model"), drift.get("version")) != (self.name, self._version):
            raise StepError(f"The answer is about version {drift.get('version')} of {drift.get('model')!r}.")
        return str(drift.get("status"))

    def _erase(self) -> str:
        client = self._signed_in
        self._cancel()
        # By its name, for an answer that was lost named no id.
        receipts = [client.delete_dataset(item.id) for item in self._datasets()]
        if self._datasets():
            raise StepError("The dataset is still listed after it was erased.")
        try:
            client.model(self.name)
        except NotFoundError:
            return (
                f"receipt {', '.join(receipt.id for receipt in receipts)}" if receipts else "nothing was made"
            )
        raise StepError("The model is still there after its dataset was erased.")

    def _cancel(self) -> None:
        if self._job is not None and self._job.finished_at is None:
            try:
                self._signed_in.cancel(self._job.id)
            except ClientError:
                # Over by now, or out of reach: then erasing says so.
                return

    def _sign_out(self) -> str:
        if self._tokens is not None and self._tokens.refresh_token:
            try:
                self._signed_in.cognito.revoke(self._tokens)
            except ClientError as error:
                # Nothing of the stack under test: the tokens were kept nowhere, and end.
                return f"the tokens end by themselves: {error}"
        return "the tokens are revoked"

    @property
    def _url(self) -> str:
        return self._public.service.url

    @property
    def _signed_in(self) -> Client:
        if self._client is None:
            raise StepError("Nobody is signed in.")
        return self._client

    @property
    def _version(self) -> int:
        if self._job is None or self._job.version is None:
            raise StepError("The training names no version.")
        return self._job.version

    def _datasets(self) -> list[Dataset]:
        return [item for item in self._signed_in.datasets() if item.file_name == f"{self.name}.csv"]

    def _dataset(self) -> Dataset:
        found = self._datasets()
        if len(found) != 1:
            raise StepError(f"One dataset was uploaded, and {len(found)} are listed.")
        return found[0]


def _refuse_challenge(challenge: str) -> str:
    raise SignInError(f"Cognito asks for {challenge}.")


def _reason(error: ClientError | StepError) -> str:
    if isinstance(error, ForbiddenError | UnauthorizedError):
        return f"{error.message} (HTTP {error.status})"
    faults = getattr(error, "faults", [])
    return " ".join([str(error), *(str(fault.get("message", "")) for fault in faults)])


def _start(content: bytes) -> str:
    text = content[:200].decode("utf-8", "replace")
    return repr(text) if text else "nothing"
