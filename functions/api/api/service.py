"""What the control plane does, free of HTTP: every method takes the caller as `owner`."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from api.manifests import manifest_of
from csv_analyzer import keys, serving
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import NotExportableError, NotFoundError
from csv_analyzer.records import Model, Version
from csv_analyzer.storage import Storage


@dataclass(frozen=True)
class ControlPlane:
    """Datasets and models of one stack.

    Parameters
    ----------
    catalog : Catalog
        Truth about datasets, jobs and models.
    storage : Storage
        The data bucket.
    """

    catalog: Catalog
    storage: Storage

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
        manifest = manifest_of(self.storage, self._chosen(owner, name, number))
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


def require_version_number(text: str) -> int:
    """Version number of a path, or :class:`NotFoundError`: there is no version of another name."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:7]) <= 999_999:
        raise NotFoundError("There is no such version of the model.")
    return int(text[:7])
