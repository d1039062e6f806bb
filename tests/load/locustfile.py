"""The users of the load test, as Locust runs them in an environment of its own.

``python -m tests.load`` starts it. What they ask about is in the file that CSV_ANALYZER_LOAD names; each
request becomes a line of its results.
"""

import json
import os
import random
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gevent
from locust import FastHttpUser, constant, events, task
from locust.env import Environment

_PLAN: dict[str, Any] = json.loads(Path(os.environ["CSV_ANALYZER_LOAD"]).read_text("utf-8"))
_JSON = {"Authorization": _PLAN["token"], "Content-Type": "application/json"}
_CSV = {"Authorization": _PLAN["token"], "Content-Type": "text/csv"}
_DATASET = f"/datasets/{_PLAN['dataset']}"
_PAGE_ROWS = 50
_ANALYSIS_SECONDS = 120.0
_rows: list[str] = []
_began = 0.0


@events.test_start.add_listener
def _begin(environment: Environment, **_: Any) -> None:
    global _began  # noqa: PLW0603 - Locust calls listeners as functions, once in a process
    _began = time.monotonic()
    Path(_PLAN["begun"]).touch()


@events.request.add_listener
def _note(name: str, response_time: float, response: Any, exception: Any, **_: Any) -> None:
    status = int(getattr(response, "status_code", 0) or 0)
    code = "" if exception is None else _code_of(response) or type(exception).__name__
    row = [round(time.monotonic() - _began, 3), name, round(float(response_time), 2), status, code]
    _rows.append(json.dumps(row))


@events.quitting.add_listener
def _write(environment: Environment, **_: Any) -> None:
    Path(_PLAN["results"]).write_text("".join(f"{row}\n" for row in _rows), "utf-8")


def _code_of(response: Any) -> str:
    try:
        return str(json.loads(response.content)["code"])
    except (TypeError, ValueError, LookupError, AttributeError):
        return ""


class _Caller(FastHttpUser):
    abstract = True
    host = _PLAN["url"]
    # Without a pause: so many users are as many requests at once.
    wait_time = constant(0)
    # The token goes to the service and to nobody else.
    insecure = False
    network_timeout = connection_timeout = 60.0

    def look(self, path: str, name: str) -> Any:
        """Ask for something; the answer."""
        return self.client.get(path, headers=_JSON, name=name)


class Predict(_Caller):
    """Mostly one row, sometimes a table or reasons."""

    def _ask(self, body: str, name: str) -> None:
        path = f"/models/{quote(_PLAN['model'])}/predict"
        self.client.post(path, data=body, headers=_JSON, name=name)

    @task(7)
    def one_row(self) -> None:
        """One row."""
        self._ask(_PLAN["one"], "predict 1 row")

    @task(2)
    def hundred_rows(self) -> None:
        """A hundred rows."""
        self._ask(_PLAN["hundred"], "predict 100 rows")

    @task(1)
    def with_reasons(self) -> None:
        """One row with its reasons."""
        self._ask(_PLAN["explain"], "predict 1 row, explain")


class Control(_Caller):
    """What somebody does on the page: looks at lists, datasets and reports, sometimes uploads."""

    @task(4)
    def lists(self) -> None:
        """One of the lists."""
        kind = random.choice(("datasets", "jobs", "models"))  # noqa: S311 - no secret
        self.look(f"/{kind}?limit=20", f"GET /{kind}")

    @task(3)
    def dataset(self) -> None:
        """A dataset and its profile."""
        self.look(_DATASET, "GET /datasets/{dataset_id}")
        self.look(f"{_DATASET}/profile", "GET /datasets/{dataset_id}/profile")

    @task(4)
    def page(self) -> None:
        """A page of its rows."""
        offset = random.randrange(0, _PLAN["rows"], _PAGE_ROWS)  # noqa: S311 - no secret
        self.look(
            f"{_DATASET}/preview?offset={offset}&limit={_PAGE_ROWS}", "GET /datasets/{dataset_id}/preview"
        )

    @task(2)
    def report(self) -> None:
        """The report of the model."""
        path = f"/models/{quote(_PLAN['model'])}/versions/{_PLAN['version']}/report"
        self.look(path, "GET /models/{name}/versions/{version}/report")

    @task(2)
    def limits(self) -> None:
        """The limits and their use."""
        self.look("/limits", "GET /limits")

    @task(1)
    def upload(self) -> None:
        """A small CSV; then look until it is analyzed, twice a second as the page does."""
        path = f"/datasets?file_name={quote(_PLAN['upload_name'])}"
        created = self.client.post(path, data=_PLAN["upload"], headers=_CSV, name="POST /datasets (text/csv)")
        if created.status_code != 201:
            return
        begun = time.monotonic()
        dataset, status = created.json()["id"], ""
        while status not in {"READY", "FAILED"} and time.monotonic() - begun < _ANALYSIS_SECONDS:
            gevent.sleep(0.5)
            found = self.look(f"/datasets/{dataset}", "GET /datasets/{dataset_id}")
            status = found.json()["status"] if found.status_code == 200 else status
        self._tell_analysis(status, (time.monotonic() - begun) * 1000)

    def _tell_analysis(self, status: str, milliseconds: float) -> None:
        ready = status == "READY"
        self.environment.events.request.fire(
            request_type="WORK",
            name=_PLAN["analysis"],
            response_time=milliseconds,
            response_length=0,
            response=_Ended(200 if ready else 0),
            exception=None if ready else RuntimeError(status or "not ended"),
            context={},
        )


class _Ended:
    """Stands for an answer where work has ended."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code
        self.content = b""
