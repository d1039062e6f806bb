"""What all calls share: documents, and lists page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from csv_analyzer_client.connection import Connection
from csv_analyzer_client.decoding import Resource
from csv_analyzer_client.errors import BadAnswerError
from csv_analyzer_client.transfer import Transfer

_PAGE: Final = 100
_MOST_PAGES: Final = 10_000


class Calls:
    """Calls of one service.

    Every method raises ClientError: ProblemError for what the service refuses, NotSignedInError,
    UnreachableError and BadAnswerError for what keeps it from answering, UsageError for what can't be asked.

    Parameters
    ----------
    connection : Connection
        To the API.
    transfer : Transfer
        Of files.
    """

    def __init__(self, connection: Connection, transfer: Transfer) -> None:
        self._connection = connection
        self._transfer = transfer
        self._sleep = connection.wire.sleep

    def _document(self, *path: str | int, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        content = self._connection.json("GET", *path, query=query)
        if not isinstance(content, dict):
            raise BadAnswerError("The service's answer is no object.")
        return content

    def _documents(
        self, *path: str | int, query: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        after: str | None = None
        for _ in range(_MOST_PAGES):
            page = self._document(*path, query={**(query or {}), "limit": _PAGE, "after": after})
            yield page
            following = page.get("next")
            if not isinstance(following, str) or following == after:
                return
            after = following

    def _pages[R: Resource](
        self, kind: type[R], *path: str | int, query: Mapping[str, Any] | None = None
    ) -> Iterator[R]:
        read: Callable[[Any], R] = kind.from_json
        for page in self._documents(*path, query=query):
            yield from map(read, items_of(page))


def items_of(page: Mapping[str, Any]) -> list[Any]:
    """Items of a page.

    Raises
    ------
    BadAnswerError
        If it is none.
    """
    items = page.get("items")
    if not isinstance(items, list):
        raise BadAnswerError("The service's answer is no page of a list.")
    return items
