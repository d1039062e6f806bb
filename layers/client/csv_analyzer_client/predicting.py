"""Predictions of any number of instances: cut into requests, put together in order."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from csv_analyzer_client.connection import Connection
from csv_analyzer_client.errors import InvalidRequestError
from csv_analyzer_client.resources import Predictions

MAX_INSTANCES: Final = 10_000
MAX_EXPLAINED: Final = 10
# An event of the service has 6 MB, in which the body stands as a string of JSON once more.
MAX_BODY_BYTES: Final = 4_000_000
_TOO_MANY: Final = "too_many"
_TOO_LARGE: Final = 413

type Instances = list[Mapping[str, Any]]


class Predictor:
    """Asks one model.

    Parameters
    ----------
    connection : Connection
        To the service.
    model : str
        Its name.
    version, stage : optional
        Which version answers; at most one of them.
    strict, explain : bool
        As the route's.
    """

    def __init__(
        self,
        connection: Connection,
        model: str,
        version: int | None = None,
        stage: str | None = None,
        *,
        strict: bool = False,
        explain: bool = False,
    ) -> None:
        self._connection = connection
        self._model = model
        self._version = version
        self._stage = stage
        self._flags = {"strict": strict, "explain": explain}
        self._explain = explain

    def stream(self, instances: Iterable[Mapping[str, Any]]) -> Iterator[Predictions]:
        """Answers, request by request, in the order of the instances.

        The version that answers first answers all, whatever is promoted meanwhile. Faults and warnings name
        the position among all instances.

        Raises
        ------
        ClientError
            What the service refuses.
        """
        rest: Iterator[Mapping[str, Any]] = iter(instances)
        most = MAX_EXPLAINED if self._explain else MAX_INSTANCES
        offset = 0
        waiting: Instances = []
        while True:
            waiting += itertools.islice(rest, max(0, most - len(waiting)))
            if not waiting:
                return
            chunk = _fitting(waiting[:most])
            try:
                answer = self._ask(chunk, offset)
            except InvalidRequestError as error:
                if len(chunk) == 1 or not _is_too_much(error):
                    raise
                most = len(chunk) // 2
                continue
            del waiting[: len(chunk)]
            offset += len(chunk)
            self._version, self._stage = answer.version, None
            yield answer

    def _ask(self, chunk: Instances, offset: int) -> Predictions:
        body = {"instances": chunk} | {name: True for name, on in self._flags.items() if on}
        query = {"version": self._version, "stage": self._stage}
        try:
            content = self._connection.json(
                "POST", "models", self._model, "predict", query=query, body=body, repeat=True
            )
        except InvalidRequestError as error:
            error.faults = [_moved(fault, offset) for fault in error.faults]
            if "errors" in error.document:
                error.document["errors"] = error.faults
            raise
        if isinstance(content, dict) and isinstance(content.get("warnings"), list):
            content["warnings"] = [_moved(warning, offset) for warning in content["warnings"]]
        return Predictions.from_json(content)


def joined(parts: Iterable[Predictions]) -> Predictions:
    """One answer of several.

    Raises
    ------
    ValueError
        If there is none.
    """
    answers = list(parts)
    if not answers:
        raise ValueError("There is nothing to predict.")
    if len(answers) == 1:
        return answers[0]
    raw = {
        **answers[0].raw,
        "warnings": [warning for part in answers for warning in part.raw["warnings"]],
        "warnings_total": sum(part.warnings_total for part in answers),
        "predictions": [prediction for part in answers for prediction in part.raw["predictions"]],
    }
    return Predictions.from_json(raw)


def _fitting(chunk: Instances) -> Instances:
    """As many of the first instances as a body may hold, at least one."""
    room = MAX_BODY_BYTES
    for number, instance in enumerate(chunk):
        room -= len(json.dumps(instance)) + 2
        if room < 0:
            return chunk[: max(1, number)]
    return chunk


def _is_too_much(error: InvalidRequestError) -> bool:
    codes = {error.code, *(fault.get("code") for fault in error.faults)}
    return error.status == _TOO_LARGE or _TOO_MANY in codes


def _moved(finding: Any, offset: int) -> Any:
    if isinstance(finding, dict) and isinstance(finding.get("instance"), int):
        return finding | {"instance": finding["instance"] + offset}
    return finding
