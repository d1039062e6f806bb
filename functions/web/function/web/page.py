"""What `npm run build` left: the document, and the files it is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Final, Self

from csv_analyzer.errors import NotFoundError

DOCUMENT: Final = "index.html"
NONCE: Final = "CSP_NONCE"
ASSETS: Final = "assets/"
# What API Gateway passes on as text. Bytes would need binary media types, which are those of the whole API.
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
_BASE: Final = re.compile(r'(<base\s+href=")[^"]*(")')
_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]+\Z")
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_FOR_AN_HOUR: Final = "public, max-age=3600"


@dataclass(frozen=True)
class File:
    """A file of the page.

    Parameters
    ----------
    path : Path
        Where it is.
    media_type : str
        What it is.
    cache_control : str
        How long it may be kept: for good if its name changes with its content.
    """

    path: Path
    media_type: str
    cache_control: str

    @cached_property
    def text(self) -> str:
        """Text of the file, read from the disk once."""
        return self.path.read_text("utf-8")


@dataclass(frozen=True)
class Page:
    """The page as it was built; what is not in it when the process starts is not there.

    Parameters
    ----------
    template : str
        The document, without its place and nonce; empty if the page was not built.
    files : mapping
        The other files by the path below the page's place.
    """

    template: str
    files: Mapping[str, File]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what was built.

        Raises
        ------
        RuntimeError
            If the document has no place to enter where it is mounted, or the nonce.
        """
        if not (folder / DOCUMENT).is_file():
            return cls("", {})
        template = (folder / DOCUMENT).read_text("utf-8")
        if len(_BASE.findall(template)) != 1 or NONCE not in template:
            raise RuntimeError(f'{DOCUMENT} needs one <base href="..."> and {NONCE}.')
        files = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.suffix in MEDIA_TYPES and path.is_file()
        }
        return cls(
            template,
            {
                name: File(
                    path, MEDIA_TYPES[path.suffix], _FOR_GOOD if name.startswith(ASSETS) else _FOR_AN_HOUR
                )
                for name, path in files.items()
            },
        )

    @property
    def is_built(self) -> bool:
        """Whether there is a document to show."""
        return bool(self.template)

    def file(self, below: str) -> File | None:
        """The file of a path; None if the path is one that the document itself knows what to do with.

        Raises
        ------
        NotFoundError
            If it could only be a file, and there is none.
        """
        if below in self.files:
            return self.files[below]
        if below.startswith(ASSETS) or (below != DOCUMENT and _EXTENSION.search(below)):
            raise NotFoundError("The page has no such file. If it was open for long, load it anew.")
        return None

    def document(self, mounted: str, nonce: str) -> str:
        """The document for one answer.

        Parameters
        ----------
        mounted : str
            Path that its addresses are relative to.
        nonce : str
            What the styles of this answer carry.
        """
        place = escape(mounted)
        return _BASE.sub(lambda found: found[1] + place + found[2], self.template).replace(NONCE, nonce)


def unbuilt(base: str) -> str:
    """The document that says why there is no page."""
    docs = escape(f"{base}/docs")
    return (
        '<!doctype html>\n<html lang="en">\n'
        '<head><meta charset="utf-8"><title>CSV Analyzer</title></head>\n'
        "<body>\n<h1>The page was not built</h1>\n"
        "<p>Install Node.js 20.19 or later, run <code>make page</code>, "
        "and start or deploy the service anew.</p>\n"
        f'<p>The API works without it: <a href="{docs}">its documentation</a>.</p>\n'
        "</body>\n</html>\n"
    )
