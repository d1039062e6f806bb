"""What the control plane does, free of HTTP: every method takes the caller as `owner`."""

import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from api.findings import Findings
from csv_analyzer import datasets, jobs, keys, serving
from csv_analyzer.catalog import Catalog, Dataset, DatasetStatus, Job, JobStatus, Model, Version
from csv_analyzer.errors import (
    InvalidRequestError,
    NotExportableError,
    NotFoundError,
    PayloadTooLargeError,
)
from csv_analyzer.ids import new_id, now
from csv_analyzer.schemas.trainings import TrainingOrder, TrainRequest
from csv_analyzer.storage import Storage

MAX_BODY_BYTES = 5 * 1024 * 1024
# Of a manifest; Lambda answers at most 6 MB.
_MAX_DOCUMENT_BYTES = 5 * 1024 * 1024
_SHOWN_COLUMNS = 50


@dataclass(frozen=True)
class ControlPlane:
    """Datasets, trainings and models of one stack.

    Parameters
    ----------
    catalog : Catalog
        Truth about datasets, jobs and models.
    storage : Storage
        The data bucket.
    max_upload_bytes : int
        Largest file that may be uploaded.
    default_budget_seconds : int
        Search budget of a training that names none.
    """

    catalog: Catalog
    storage: Storage
    max_upload_bytes: int
    default_budget_seconds: int

    def announce_upload(self, owner: str, file_name: str) -> tuple[Dataset, dict[str, Any]]:
        """Enter a dataset and sign the form with which its file may be uploaded."""
        dataset = self._expect(owner, file_name)
        return dataset, self.storage.presigned_upload(dataset.key, self.max_upload_bytes)

    def store_body(self, owner: str, file_name: str, body: bytes) -> Dataset:
        """Enter a dataset whose small file came with the request, and store the file.

        Raises
        ------
        InvalidRequestError
            If the body is empty.
        PayloadTooLargeError
            If it is larger than `MAX_BODY_BYTES`.
        """
        if not body:
            fault = {"location": "body", "code": "missing", "message": "The body must hold the CSV file."}
            raise InvalidRequestError("The body is empty.", [fault])
        if len(body) > min(MAX_BODY_BYTES, self.max_upload_bytes):
            raise PayloadTooLargeError(
                f"A CSV body may hold at most {MAX_BODY_BYTES:,} bytes. "
                'Send {"file_name": ...} as JSON instead to get a form for large uploads.'
            )
        dataset = self._expect(owner, file_name)
        self.storage.put(dataset.key, body, "text/csv")
        return dataset

    def train(self, owner: str, dataset_id: str, request: TrainRequest) -> Job:
        """Order a training.

        The order is written first: its event starts the training even if this function dies before
        the job is entered in the catalog.
        """
        findings = Findings(self.catalog, self.storage)
        dataset = findings.dataset(owner, dataset_id)
        self._check_columns(list(findings.types(dataset)), request)
        job = Job(
            owner=owner,
            created_at=now(),
            id=new_id(),
            dataset_id=dataset_id,
            model=request.model or keys.model_name(dataset.file_name),
            status=JobStatus.QUEUED,
            target=request.target,
        )
        order = TrainingOrder(
            created_at=job.created_at,
            model=job.model,
            data_key=dataset.key,
            data_version_id=dataset.version_id,
            target=request.target,
            task=request.task,
            budget_seconds=request.budget_seconds or self.default_budget_seconds,
            exclude=request.exclude,
            seed=request.seed,
        )
        self.storage.put_json(keys.training(owner, dataset_id, job.id), order.model_dump())
        jobs.enqueue(self.catalog.table, job)
        return job

    def model(self, owner: str, name: str) -> tuple[Model, list[Version]]:
        """A model and its newest versions."""
        model = self.catalog.model(owner, name)
        versions, _ = self.catalog.versions(owner, name, limit=100, before=None)
        return model, versions

    def version(self, owner: str, name: str, number: int) -> tuple[Model, Version]:
        """A version and the model it belongs to."""
        return self.catalog.model(owner, name), self.catalog.version(owner, name, number)

    def schema(self, owner: str, name: str, number: int | None) -> dict[str, Any]:
        """JSON Schema of one instance for a version, or for the one in production, with an example."""
        key = keys.model(owner, name, self._chosen(owner, name, number).version, "manifest.json")
        manifest = self.storage.get_json(key, _MAX_DOCUMENT_BYTES)
        return {**manifest["schema"], "examples": [manifest["example"]]}

    def export(
        self, owner: str, name: str, number: int | None, export_format: str
    ) -> tuple[Version, str, str]:
        """Sign the download of a version in a format.

        Parameters
        ----------
        owner, name : str
            Of the model.
        number : int or None
            Of the version; None for the one in production.
        export_format : str
            One of `keys.EXPORT_FILES`.

        Returns
        -------
        tuple
            The version, the name of the file and its URL.

        Raises
        ------
        NotExportableError
            If the version has no such file, with the reason.
        NoProductionError
            If no version is named and none is in production.
        """
        version = self._chosen(owner, name, number)
        export = version.exports.get(export_format)
        if export is None:
            raise NotExportableError(
                "This version was trained before downloads were kept; train the model again to get one."
            )
        if "sha256" not in export:
            raise NotExportableError(f"The version has no file of this format. {export['reason']}")
        stored = keys.EXPORT_FILES[export_format]
        file_name = f"{name}-{version.version}{PurePosixPath(stored).suffix}"
        url = self.storage.presigned_download(keys.model(owner, name, version.version, stored), file_name)
        return version, file_name, url

    def _chosen(self, owner: str, name: str, number: int | None) -> Version:
        """Find a version of any stage, or the one in production if none is named."""
        model = self.catalog.model(owner, name)
        number = serving.require_production(model) if number is None else number
        return self.catalog.version(owner, name, number)

    def _expect(self, owner: str, file_name: str) -> Dataset:
        dataset_id = new_id()
        file_name = keys.safe_file_name(file_name)
        dataset = Dataset(
            owner=owner,
            created_at=now(),
            id=dataset_id,
            file_name=file_name,
            status=DatasetStatus.UPLOADING,
            key=keys.upload(owner, dataset_id, file_name),
        )
        datasets.expect_upload(self.catalog.table, dataset, int(time.time()) + datasets.UPLOAD_GRACE_SECONDS)
        return dataset

    @staticmethod
    def _check_columns(names: list[str], request: TrainRequest) -> None:
        known = set(names)
        faults = [
            {
                "location": location,
                "code": "unknown_column",
                "message": f"The dataset has no column {name!r}.",
            }
            for location, name in [
                ("body.target", request.target),
                *((f"body.exclude.{i}", name) for i, name in enumerate(request.exclude)),
            ]
            if name not in known
        ]
        if request.target in request.exclude:
            message = "The target can't be excluded."
            faults.append({"location": "body.exclude", "code": "target_excluded", "message": message})
        if faults:
            shown = ", ".join(names[:_SHOWN_COLUMNS]) + (", ..." if len(names) > _SHOWN_COLUMNS else "")
            raise InvalidRequestError(f"The dataset's columns are: {shown}.", faults)


def require_version_number(text: str) -> int:
    """Version number of a path, or :class:`NotFoundError`: there is no version of another name."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:7]) <= 999_999:
        raise NotFoundError("There is no such version of the model.")
    return int(text[:7])
