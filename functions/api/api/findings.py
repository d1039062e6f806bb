"""What the analysis found in a dataset: its profile and first rows, as read or as a recipe left them."""

from dataclasses import dataclass
from typing import Any

from csv_analyzer import keys
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import ConflictError
from csv_analyzer.records import Dataset, DatasetStatus, Recipe, RecipeStatus
from csv_analyzer.storage import Storage

# A profile of the widest table that is read has less than half of this; Lambda answers at most 6 MB.
_MAX_DOCUMENT_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Findings:
    """Findings of one stack.

    Parameters
    ----------
    catalog : Catalog
        Truth about datasets and recipes.
    storage : Storage
        The data bucket.
    """

    catalog: Catalog
    storage: Storage

    def dataset(self, owner: str, dataset_id: str) -> Dataset:
        """A dataset that is ready.

        Raises
        ------
        ConflictError
            If it is not, with the reason.
        """
        dataset = self.catalog.dataset(owner, dataset_id)
        if dataset.status == DatasetStatus.FAILED and dataset.error:
            raise ConflictError(f"The dataset can't be used: {dataset.error['message']}")
        if dataset.status != DatasetStatus.READY:
            raise ConflictError(f"The dataset is {dataset.status}. Ask again when it is READY.")
        return dataset

    def recipe(self, owner: str, dataset_id: str, version: int) -> Recipe:
        """A recipe that is ready.

        Raises
        ------
        ConflictError
            If it is not, with the reason.
        """
        recipe = self.catalog.recipe(owner, dataset_id, version)
        if recipe.status == RecipeStatus.FAILED and recipe.error:
            raise ConflictError(f"Recipe {version} can't be used: {recipe.error['message']}")
        if recipe.status != RecipeStatus.READY:
            raise ConflictError(f"Recipe {version} is {recipe.status}. Ask again when it is READY.")
        return recipe

    def profile(self, owner: str, dataset_id: str, recipe: int | None = None) -> dict[str, Any]:
        """Profile of a dataset, as it was read or as a recipe left it."""
        return self._read(keys.profile(*self._checked(owner, dataset_id, recipe)))

    def preview(self, owner: str, dataset_id: str, recipe: int | None = None) -> dict[str, Any]:
        """First rows of a dataset, as they were read or as a recipe left them."""
        return self._read(keys.preview(*self._checked(owner, dataset_id, recipe)))

    def types(self, dataset: Dataset) -> dict[str, str]:
        """Type of each column of a dataset, as it was read."""
        # However wide the table, the preview is small.
        preview = self._read(keys.preview(dataset.owner, dataset.id))
        return {column["name"]: column["type"] for column in preview["columns"]}

    def _checked(self, owner: str, dataset_id: str, recipe: int | None) -> tuple[str, str, int]:
        """Return what the key of a document is made of, once it is there."""
        self.dataset(owner, dataset_id)
        if recipe is not None:
            self.recipe(owner, dataset_id, recipe)
        return owner, dataset_id, recipe or 0

    def _read(self, key: str) -> dict[str, Any]:
        document: dict[str, Any] = self.storage.get_json(key, _MAX_DOCUMENT_BYTES)
        return document
