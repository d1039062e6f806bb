"""Datasets, their cleaning, and trainings."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypedDict, Unpack

from csv_analyzer_client.calls import Calls
from csv_analyzer_client.errors import BadAnswerError
from csv_analyzer_client.pending import Pending
from csv_analyzer_client.resources import Dataset, Form, Job, Receipt, Recipe
from csv_analyzer_client.transfer import Progress, plan_parts, size_of

MULTIPART_BYTES: Final = 64 * 1024 * 1024


class TrainOptions(TypedDict, total=False):
    """What may be said of a training beside its dataset and target; the service knows the defaults."""

    task: Literal["auto", "classification", "regression"]
    metric: str
    budget_seconds: int
    exclude: Sequence[str]
    keep: Sequence[str]
    class_weights: Literal["balanced"] | Mapping[str, float] | None
    group: str
    time: str
    recipe: int
    compact: bool
    recall: bool
    reasons: bool
    seed: int
    model: str


class DatasetCalls(Calls):
    """Datasets, their cleaning, and trainings."""

    def upload(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        progress: Progress | None = None,
        multipart_bytes: int = MULTIPART_BYTES,
    ) -> Pending[Dataset]:
        """Upload a CSV file; from `multipart_bytes` on in parts."""
        file = Path(path)
        size = size_of(file)
        parted = size >= multipart_bytes
        request: dict[str, Any] = {"file_name": name or file.name, "size_bytes": size}
        if parted:
            request["multipart"] = True
        created = self._connection.json("POST", "datasets", body=request)
        dataset = Dataset.from_json(created)
        upload = created.get("upload")
        if not isinstance(upload, dict):
            raise BadAnswerError("The service's answer says nothing of where to upload.")
        if parted:
            etags = self._transfer.put_parts(plan_parts(upload, size), file, progress)
            parts = [{"number": number, "etag": etag} for number, etag in sorted(etags.items())]
            self._connection.json(
                "POST", "datasets", dataset.id, "complete", body={"parts": parts}, repeat=True
            )
        else:
            self._transfer.post_form(Form.from_json(upload), file, progress)
        return self.analysis(dataset)

    def analysis(self, dataset: Dataset) -> Pending[Dataset]:
        """The analysis of a dataset, to wait for."""
        return Pending(dataset, lambda: self.dataset(dataset.id), sleep=self._sleep)

    def datasets(self) -> Iterator[Dataset]:
        """All datasets, newest first."""
        return self._pages(Dataset, "datasets")

    def dataset(self, dataset_id: str) -> Dataset:
        """One dataset."""
        return Dataset.from_json(self._connection.json("GET", "datasets", dataset_id))

    def profile_of(self, dataset_id: str, recipe: int | None = None) -> dict[str, Any]:
        """What the analysis found, of the raw table or after a recipe."""
        return self._document("datasets", dataset_id, "profile", query={"recipe": recipe})

    def preview(
        self,
        dataset_id: str,
        recipe: int | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> dict[str, Any]:
        """Rows of a dataset, raw or after a recipe."""
        query = {"recipe": recipe, "offset": offset, "limit": limit}
        return self._document("datasets", dataset_id, "preview", query=query)

    def clean(
        self, dataset_id: str, steps: Sequence[Mapping[str, Any]], target: str | None = None
    ) -> Pending[Recipe]:
        """Put a recipe: the next version of the dataset's cleaning."""
        content = self._connection.json(
            "PUT", "datasets", dataset_id, "recipe", body={"target": target, "steps": list(steps)}
        )
        recipe = Recipe.from_json(content)
        return Pending(recipe, lambda: self.recipe(dataset_id, recipe.version), sleep=self._sleep)

    def recipe(self, dataset_id: str, version: int | None = None) -> Recipe:
        """A version of the cleaning; the newest if none is named."""
        query = {"version": version}
        return Recipe.from_json(self._connection.json("GET", "datasets", dataset_id, "recipe", query=query))

    def recipes(self, dataset_id: str) -> Iterator[Recipe]:
        """All versions of the cleaning."""
        return self._pages(Recipe, "datasets", dataset_id, "recipes")

    def train(self, dataset_id: str, target: str, **options: Unpack[TrainOptions]) -> Pending[Job]:
        """Order a training."""
        body = {"target": target, **options}
        job = Job.from_json(self._connection.json("POST", "datasets", dataset_id, "train", body=body))
        return self.training(job)

    def training(self, job: Job) -> Pending[Job]:
        """A training that was ordered before, to wait for or to cancel."""
        return Pending(job, lambda: self.job(job.id), lambda: self.cancel(job.id), sleep=self._sleep)

    def jobs(self) -> Iterator[Job]:
        """All trainings, newest first."""
        return self._pages(Job, "jobs")

    def job(self, job_id: str) -> Job:
        """One training."""
        return Job.from_json(self._connection.json("GET", "jobs", job_id))

    def cancel(self, job_id: str) -> Job:
        """Cancel a training."""
        return Job.from_json(self._connection.json("DELETE", "jobs", job_id))

    def limits(self) -> dict[str, Any]:
        """Limits of the caller and how much of them is used."""
        return self._document("limits")

    def delete_dataset(self, dataset_id: str) -> Receipt:
        """Erase a dataset, what was made of it, and the versions that were trained on it."""
        return Receipt.from_json(self._connection.json("DELETE", "datasets", dataset_id))
