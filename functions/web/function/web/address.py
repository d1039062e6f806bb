"""Where the page is mounted, and what of it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from csv_analyzer.errors import NotFoundError

APP: Final = "/app"


@dataclass(frozen=True)
class Address:
    """A request, by its path.

    Parameters
    ----------
    base : str
        What stands before the routes of the API: its stage, the base path of a custom domain, or nothing.
    below : str
        What is asked for below the page's place, without slashes around it; empty for the page itself.
    is_elsewhere : bool
        Whether the page is meant, but not at its place.
    """

    base: str
    below: str
    is_elsewhere: bool

    @property
    def mounted(self) -> str:
        """The page's place, which all its addresses are relative to."""
        return f"{self.base}{APP}/"


def of(event: Mapping[str, Any]) -> Address:
    """Read the address of a request.

    Host and the like are not looked at: a client writes in them what it likes.

    Raises
    ------
    NotFoundError
        If the path is not one of the page's, however it is encoded.
    """
    path = str(event["requestContext"]["path"])
    if event["resource"] == "/":
        return Address(_clean(path), "", is_elsewhere=True)
    # API Gateway sends /app/ to the route /app, too, and leaves the slash in the path.
    below = str((event.get("pathParameters") or {}).get("proxy", "")).strip("/")
    is_elsewhere = not below and not path.endswith("/")
    # Either may come encoded or not. What stands before the route holds nothing that would be encoded.
    for asked in (path, unquote(path)):
        for rest in (below, unquote(below)):
            place = asked.strip("/").removesuffix(rest.strip("/")).rstrip("/")
            if asked.rstrip("/").endswith(rest.rstrip("/")) and f"/{place}".endswith(APP):
                return Address(_clean(f"/{place}".removesuffix(APP)), below, is_elsewhere)
    raise NotFoundError("There is nothing at this address.")


def _clean(base: str) -> str:
    # Two slashes at its beginning would name another host.
    path = base.strip("/")
    return f"/{quote(path, safe='/%')}" if path else ""
