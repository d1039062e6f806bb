"""Models, their life, and predictions."""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from pathlib import Path
from typing import Any, Final, Literal

from csv_analyzer_client.calls import Calls
from csv_analyzer_client.errors import BadAnswerError, UsageError
from csv_analyzer_client.instances import schema_types
from csv_analyzer_client.pending import Pending, ended_well
from csv_analyzer_client.predicting import Predictor, joined
from csv_analyzer_client.resources import (
    Batch,
    Download,
    Form,
    History,
    HistoryEntry,
    Model,
    ModelSummary,
    Predictions,
    Receipt,
    StageChange,
    Version,
)
from csv_analyzer_client.transfer import Progress, size_of

# What the service takes at once.
MAX_OUTCOMES: Final = 1000


class ModelCalls(Calls):
    """Models, their life, and predictions."""

    def models(self) -> Iterator[ModelSummary]:
        """All models."""
        return self._pages(ModelSummary, "models")

    def model(self, name: str) -> Model:
        """A model with its versions."""
        return Model.from_json(self._connection.json("GET", "models", name))

    def version(self, name: str, number: int) -> Version:
        """A version in full."""
        return Version.from_json(self._connection.json("GET", "models", name, "versions", number))

    def report(self, name: str, number: int) -> dict[str, Any]:
        """The report of a version."""
        return self._document("models", name, "versions", number, "report")

    def card(self, name: str, number: int) -> str:
        """The model card of a version, in Markdown."""
        return self._connection.text("models", name, "versions", number, "card")

    def schema(self, name: str, version: int | None = None) -> dict[str, Any]:
        """JSON Schema of one instance, as a version asks for it; the one in production if none is named."""
        return self._document("models", name, "schema", query={"version": version})

    def input_types(self, name: str, version: int | None = None, stage: str | None = None) -> dict[str, str]:
        """JSON type of each feature that a version asks for; of the one in production if none is named."""
        if stage == "staging":
            staged = [item.version for item in self.model(name).versions if item.stage == stage]
            version = max(staged, default=None)
        return schema_types(self.schema(name, version))

    def drift(self, name: str, version: int | None = None) -> dict[str, Any]:
        """How far what a version is asked has moved from what it was trained on."""
        return self._document("models", name, "drift", query={"version": version})

    def post_outcomes(
        self,
        name: str,
        outcomes: Iterable[Mapping[str, Any]],
        *,
        outcomes_id: str,
        version: int | None = None,
    ) -> list[dict[str, Any]]:
        """Say what came true of predictions; each has a `prediction` and an `actual`.

        They go out by the thousand. The same under the same id counts once, however often it is sent.
        """
        answers = []
        for part, some in enumerate(batched(outcomes, MAX_OUTCOMES), 1):
            body: dict[str, Any] = {"id": f"{outcomes_id}.{part}", "outcomes": [dict(one) for one in some]}
            body |= {"version": version} if version is not None else {}
            answers.append(self._connection.json("POST", "models", name, "outcomes", body=body, repeat=True))
        return answers

    def set_stage(
        self,
        name: str,
        version: int,
        stage: Literal["production", "staging", "archived"],
        *,
        force: bool = False,
        reason: str | None = None,
    ) -> StageChange:
        """Put a version into a stage; `force` passes the gate and needs a reason."""
        body: dict[str, Any] = {"version": version}
        body |= ({"force": True} if force else {}) | ({"reason": reason} if reason is not None else {})
        return StageChange.from_json(self._connection.json("PUT", "models", name, "stages", stage, body=body))

    def promote(
        self, name: str, version: int, *, force: bool = False, reason: str | None = None
    ) -> StageChange:
        """Put a version into production."""
        return self.set_stage(name, version, "production", force=force, reason=reason)

    def rollback(self, name: str, reason: str | None = None, from_version: int | None = None) -> StageChange:
        """Put the version back that was in production before; only if `from_version` is there, if given."""
        given = {"from_version": from_version, "reason": reason}
        body = {key: value for key, value in given.items() if value is not None}
        return StageChange.from_json(self._connection.json("POST", "models", name, "rollback", body=body))

    def history(self, name: str, at: str | None = None, limit: int | None = None) -> History:
        """What was in production at a moment (ISO 8601 with zone), who put it there, and the last changes."""
        query = {"at": at, "limit": limit}
        return History.from_json(self._connection.json("GET", "models", name, "history", query=query))

    def changes(self, name: str, at: str | None = None) -> Iterator[HistoryEntry]:
        """All changes of a model's stages up to a moment, newest first."""
        return self._pages(HistoryEntry, "models", name, "history", query={"at": at})

    def predict(
        self,
        name: str,
        instances: Iterable[Mapping[str, Any]],
        *,
        version: int | None = None,
        stage: str | None = None,
        strict: bool = False,
        explain: bool = False,
    ) -> Predictions:
        """Predict any number of instances."""
        asked = Predictor(self._connection, name, version, stage, strict=strict, explain=explain)
        try:
            return joined(asked.stream(instances))
        except ValueError as error:
            raise UsageError(str(error)) from error

    def stream_predictions(
        self,
        name: str,
        instances: Iterable[Mapping[str, Any]],
        *,
        version: int | None = None,
        stage: str | None = None,
        strict: bool = False,
        explain: bool = False,
    ) -> Iterator[Predictions]:
        """Predict any number of instances, some thousands at a time."""
        asked = Predictor(self._connection, name, version, stage, strict=strict, explain=explain)
        return asked.stream(instances)

    def batch(
        self,
        name: str,
        path: str | os.PathLike[str],
        *,
        version: int | None = None,
        stage: str | None = None,
        safe: bool = False,
        progress: Progress | None = None,
    ) -> Pending[Batch]:
        """Score a CSV file of any length."""
        file = Path(path)
        size_of(file)
        request: dict[str, Any] = {"file_name": file.name, "safe": safe}
        request |= {
            key: value for key, value in (("version", version), ("stage", stage)) if value is not None
        }
        created = self._connection.json("POST", "models", name, "batch", body=request)
        batch = Batch.from_json(created)
        self._transfer.post_form(Form.from_json(created.get("upload")), file, progress)
        return Pending(batch, lambda: self.batch_job(name, batch.id), sleep=self._sleep)

    def batches(self, name: str) -> Iterator[Batch]:
        """All batch jobs of a model, newest first."""
        return self._pages(Batch, "models", name, "batch")

    def batch_job(self, name: str, batch_id: str) -> Batch:
        """One batch job."""
        return Batch.from_json(self._connection.json("GET", "models", name, "batch", batch_id))

    def download_batch(
        self,
        batch: Batch,
        predictions: Path,
        errors: Path | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Download what a batch job made; answers the bytes of the predictions."""
        ended_well(batch)
        # The links are good for minutes, and the job may have ended long ago.
        fresh = self.batch_job(batch.model, batch.id)
        if fresh.predictions is None:
            raise BadAnswerError("The service's answer names no file of predictions.")
        size = self._transfer.download(fresh.predictions.url, predictions, progress=progress)
        if errors is not None and fresh.errors is not None:
            self._transfer.download(fresh.errors.url, errors)
        return size

    def export(
        self,
        name: str,
        path: str | os.PathLike[str],
        *,
        version: int | None = None,
        export_format: str = "archive",
        progress: Progress | None = None,
    ) -> Download:
        """Download a version, to run it elsewhere; its SHA-256 is checked."""
        query = {"version": version, "format": export_format}
        download = Download.from_json(self._connection.json("GET", "models", name, "export", query=query))
        self._transfer.download(
            download.url, Path(path), size=download.size_bytes, sha256=download.sha256, progress=progress
        )
        return download

    def delete_model(self, name: str) -> Receipt:
        """Erase a model with all of its versions."""
        return Receipt.from_json(self._connection.json("DELETE", "models", name))
