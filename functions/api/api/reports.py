"""What is told of a version: its report and its model card."""

from dataclasses import dataclass
from typing import Any

from csv_analyzer import keys
from csv_analyzer.catalog import Catalog
from csv_analyzer.storage import Storage

# The engine bounds both far below: Lambda answers at most 6 MB.
_MAX_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Reports:
    """Reports of one stack.

    Parameters
    ----------
    catalog : Catalog
        Truth about models.
    storage : Storage
        The data bucket.
    """

    catalog: Catalog
    storage: Storage

    def report(self, owner: str, name: str, number: int) -> dict[str, Any]:
        """Everything that was found out about a version."""
        document: dict[str, Any] = self.storage.get_json(
            self._key(owner, name, number, keys.REPORT), _MAX_BYTES
        )
        return document

    def card(self, owner: str, name: str, number: int) -> str:
        """Model card of a version, in Markdown."""
        return self.storage.get(self._key(owner, name, number, keys.CARD), _MAX_BYTES).decode()

    def _key(self, owner: str, name: str, number: int, file_name: str) -> str:
        self.catalog.model(owner, name)
        self.catalog.version(owner, name, number)
        return keys.model(owner, name, number, file_name)
