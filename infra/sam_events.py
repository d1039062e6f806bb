"""The events of events/ as one walk through the service, from an upload to its erasure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_plus

from infra.local.template import Template

EVENTS: Final = Path(__file__).resolve().parent.parent / "events"
# In an order in which the later ones find what the earlier ones have made.
WALK: Final = (
    *("api-get-health", "api-get-config", "api-get-openapi", "api-get-docs", "api-get-limits"),
    *("web-get-root", "web-get-page", "web-get-below-page"),
    *("api-post-datasets", "api-post-datasets-csv", "sqs-s3-upload", "api-post-dataset-complete"),
    *("api-get-datasets", "api-get-dataset", "api-get-dataset-profile"),
    *("api-put-dataset-recipe", "sqs-s3-recipe", "api-get-dataset-recipe", "api-get-dataset-recipes"),
    "api-get-dataset-preview",
    *("api-post-dataset-train", "sqs-s3-training", "api-get-jobs", "api-get-job", "api-delete-job"),
    *("api-get-models", "api-get-model", "api-get-model-schema", "api-get-model-version"),
    *("api-get-model-version-card", "api-get-model-version-report", "api-get-model-export"),
    *("predict-post-predict", "schedule-drift", "api-get-model-drift", "api-post-model-outcomes"),
    *("api-post-model-batch", "sqs-s3-batch", "api-get-model-batches", "api-get-model-batch"),
    *("api-put-model-stage", "api-post-model-rollback", "api-get-model-history"),
    *("schedule-tracking", "sqs-s3-drop"),
    *("api-delete-model", "api-delete-dataset", "schedule-erase", "api-get-erasures", "api-get-erasure"),
)
# The examples name things by these ids; the service gives others to what it makes.
SAMPLE_ID: Final = "01946b203a10f6e5d4c3b2a1"
OTHER_SAMPLE_DATASET: Final = "01946b1f2c00a1b2c3d4e5f6"
SAMPLE_DATASET: Final = "01946b1f3c00a1b2c3d4e5f6"
_LEARNED: Final = {
    "api-post-dataset-train": "job",
    "api-post-model-batch": "batch",
    "api-delete-model": "erasure",
}
_NAMES_A: Final = {"job": "job", "training": "job", "batch": "batch", "erasure": "erasure"}
_STARTED_BY: Final = {"api": "ApiFunction", "predict": "PredictFunction", "web": "WebFunction"}
# All columns that the recipe of the events changes. A model needs only the two that its request names: an
# identifier and what never changes are left out of a training.
ROWS: Final = b"id,rooms,area,age,kind,price\n" + b"".join(
    b"%d,%d,%d.5,30,flat,%d\n"
    % (
        1000 + i * 7919 % 10007,
        1 + i % 6,
        25 + i * 37 % 90,
        40000 + 9000 * (1 + i % 6) + 2500 * (25 + i * 37 % 90) + i * 101 % 4000,
    )
    for i in range(160)
)


@dataclass
class Walk:
    """Gives out the events, with the ids that the service has given in the place of the examples' ones.

    Parameters
    ----------
    template : Template
        Says which function an event starts.
    """

    template: Template

    def __post_init__(self) -> None:
        self._known: dict[str, str] = {}

    def function(self, name: str) -> str:
        """The logical id of the function that an event starts."""
        kind, _, rest = name.partition("-")
        if kind in _STARTED_BY:
            return _STARTED_BY[kind]
        if kind == "schedule":
            return next(
                schedule.function
                for schedule in self.template.schedules
                if self.template.functions[schedule.function].environment["POWERTOOLS_SERVICE_NAME"] == rest
            )
        queue = _load(name)["Records"][0]["eventSourceARN"].rpartition(":")[2].split("-")[-2]
        return next(mapping.function for mapping in self.template.queue_mappings if mapping.queue == queue)

    def event(self, name: str) -> dict[str, Any]:
        """An event as the service would get it now."""
        text = json.dumps(_load(name)).replace(OTHER_SAMPLE_DATASET, SAMPLE_DATASET)
        for word, kind in _NAMES_A.items():
            if word in name and kind in self._known:
                text = text.replace(SAMPLE_ID, self._known[kind])
        event: dict[str, Any] = json.loads(text)
        return event

    def file_key(self, name: str) -> str | None:
        """The key of the file whose arrival an event tells, if somebody uploads it."""
        if name not in {"sqs-s3-upload", "sqs-s3-drop", "sqs-s3-batch"}:
            return None
        body = json.loads(self.event(name)["Records"][0]["body"])
        return unquote_plus(body["Records"][0]["s3"]["object"]["key"])

    def learn(self, name: str, answer: Any) -> None:
        """Keep the id that an answer gives."""
        kind = _LEARNED.get(name)
        if kind is None or not isinstance(answer, dict):
            return
        try:
            self._known[kind] = str(json.loads(answer["body"])["id"])
        except (KeyError, TypeError, ValueError):
            return


@dataclass(frozen=True)
class Outcome:
    """What came of an event.

    Parameters
    ----------
    status : str
        HTTP status, or how else it ended.
    shape : str
        What the answer is like.
    good : bool
        Whether the function did its work; a 4xx is work, too.
    """

    status: str
    shape: str
    good: bool


def outcome_of(answer: Any) -> Outcome:
    """Say what a function's answer is."""
    if isinstance(answer, Mapping) and "errorType" in answer:
        told = f"{answer['errorType']}: {answer.get('errorMessage', '')}"
        return Outcome("function error", told[:200], good=False)
    if isinstance(answer, Mapping) and "statusCode" in answer:
        status = int(answer["statusCode"])
        return Outcome(str(status), _shape_of_body(answer), good=status < 500)
    if isinstance(answer, Mapping) and "batchItemFailures" in answer:
        failures = len(answer["batchItemFailures"])
        return Outcome(
            "done" if not failures else "comes again", f"{failures} failed messages", good=not failures
        )
    if answer is None:
        return Outcome("no answer", "nothing", good=False)
    return Outcome("done", json.dumps(answer)[:100], good=True)


def _shape_of_body(answer: Mapping[str, Any]) -> str:
    headers = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    headers |= answer.get("headers") or {}
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "no body")
    body = answer.get("body") or ""
    if "json" not in kind or answer.get("isBase64Encoded"):
        return f"{kind.partition(';')[0]}, {len(body):,} characters"
    content = json.loads(body)
    if isinstance(content, dict) and "code" in content and "problem" in kind:
        return f"problem {content['code']}: {content.get('detail', '')}"[:100]
    return f"{{{', '.join(content)}}}"[:100] if isinstance(content, dict) else type(content).__name__


def _load(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event
