"""Files to and from S3 by signed addresses; no token is sent there."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import httpx

from csv_analyzer_client.errors import BadAnswerError, ClientError, TransferError, UsageError
from csv_analyzer_client.files import give_usual_mode, replacing
from csv_analyzer_client.resources import Form
from csv_analyzer_client.settings import safe_url
from csv_analyzer_client.wire import LONG, TRIES, Wire, bounded, unreachable

CHUNK_BYTES: Final = 256 * 1024
PARTS_AT_ONCE: Final = 4
MAX_DOWNLOAD_BYTES: Final = 50 * 1024**3
_MAX_PARTS: Final = 10_000
_MAX_REPLY_BYTES: Final = 64 * 1024

type Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Part:
    """A part of a file and where to put it.

    Parameters
    ----------
    number : int
        From 1.
    url : str
        Signed address.
    start, size : int
        Where its bytes are.
    """

    number: int
    url: str
    start: int
    size: int


def size_of(path: Path) -> int:
    """Size of a file that may be uploaded.

    Raises
    ------
    UsageError
        If there is no such file, or nothing in it.
    """
    try:
        if not path.is_file():
            raise UsageError(f"There is no file {path}.")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    if not size:
        raise UsageError(f"{path} is empty.")
    return size


class _Counted:
    """A file that tells how much of it was read; httpx reads it chunk by chunk."""

    def __init__(self, file: IO[bytes], tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._tell(len(chunk))
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_BYTES):
            yield chunk


class Transfer:
    """Uploads and downloads.

    Parameters
    ----------
    wire : Wire
        Whose connections are used.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def post_form(self, form: Form, path: Path, progress: Progress | None = None) -> None:
        """Post a file with the fields of a presigned form, straight from the disk.

        Raises
        ------
        TransferError
            If S3 refuses it.
        UnreachableError
            If S3 can't be reached.
        """
        total = size_of(path)
        url = _trusted(form.url)

        def once() -> tuple[int, Mapping[str, str], bytes]:
            done = 0

            def tell(count: int) -> None:
                nonlocal done
                done += count
                if progress:
                    progress(min(done, total), total)

            with path.open("rb") as file:
                return self._send(
                    self._wire.client(url).build_request(
                        "POST",
                        url,
                        data=dict(form.fields),
                        files={"file": ("file.csv", _Counted(file, tell), "text/csv")},  # type: ignore[dict-item]  # read, seek and fileno are all that httpx uses
                        timeout=LONG,
                    )
                )

        status, _, body = self._tried(url, once)
        if not 200 <= status < 300:
            raise _refused(status, body)

    def put_parts(
        self, parts: Sequence[Part], path: Path, progress: Progress | None = None
    ) -> dict[int, str]:
        """Put the parts of a file, some at once, each with tries of its own; answers the ETag of each.

        Raises
        ------
        TransferError
            If S3 refuses a part, or the file has changed.
        UnreachableError
            If S3 can't be reached.
        """
        total = sum(part.size for part in parts)
        sent: dict[int, int] = {}
        lock = threading.Lock()

        def tell(number: int, count: int) -> None:
            with lock:
                sent[number] = count
                if progress:
                    progress(sum(sent.values()), total)

        stop = threading.Event()
        with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
            futures = [pool.submit(self._put_part, part, path, tell, stop) for part in parts]
            try:
                return {part.number: future.result() for part, future in zip(parts, futures, strict=True)}
            except BaseException:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _put_part(
        self, part: Part, path: Path, tell: Callable[[int, int], None], stop: threading.Event
    ) -> str:
        url = _trusted(part.url)

        def content() -> Iterator[bytes]:
            left = part.size
            with path.open("rb") as file:
                file.seek(part.start)
                while left and not stop.is_set():
                    chunk = file.read(min(CHUNK_BYTES, left))
                    if not chunk:
                        raise TransferError(f"{path} became shorter while it was uploaded.")
                    left -= len(chunk)
                    yield chunk
                    tell(part.number, part.size - left)
            if left:
                raise TransferError("The upload was stopped.")

        def once() -> tuple[int, Mapping[str, str], bytes]:
            tell(part.number, 0)
            request = self._wire.client(url).build_request(
                "PUT", url, content=content(), headers={"Content-Length": str(part.size)}, timeout=LONG
            )
            return self._send(request)

        status, headers, body = self._tried(url, once)
        if status != 200:
            raise _refused(status, body)
        if not (etag := headers.get("etag")):
            raise BadAnswerError("S3 took a part and named no ETag.")
        return etag

    def _send(self, request: httpx.Request) -> tuple[int, Mapping[str, str], bytes]:
        response = self._wire.client(str(request.url)).send(request, stream=True)
        try:
            return response.status_code, response.headers, bounded(response, _MAX_REPLY_BYTES)
        finally:
            response.close()

    def _tried(
        self, url: str, once: Callable[[], tuple[int, Mapping[str, str], bytes]]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Try some times: the same bytes under the same key are one object."""
        for tried in range(1, TRIES):
            try:
                answer = once()
            except httpx.TransportError:
                self._wire.pause(tried)
                continue
            if answer[0] < 500 and answer[0] != 429:
                return answer
            self._wire.pause(tried)
        try:
            return once()
        except httpx.TransportError as error:
            raise unreachable(url, error) from error

    def download(
        self,
        url: str,
        path: Path,
        *,
        size: int | None = None,
        sha256: str | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Download a file; `path` holds all of it or what it held before. Answers the number of bytes.

        Parameters
        ----------
        url : str
            Signed address.
        path : Path
            Chosen by the caller, never by the service.
        size : int, optional
            Announced bytes: neither more nor fewer are taken.
        sha256 : str, optional
            Announced digest.
        progress : callable, optional
            Told bytes done and bytes in all (0 if unknown).

        Raises
        ------
        TransferError
            If it is refused or is not what was announced.
        UnreachableError
            If the connection fails.
        """
        address = _trusted(url)
        digest = hashlib.sha256()
        try:
            with replacing(path) as file:
                done = self._fetch(address, file, digest.update, size, progress)
                if size is not None and done != size:
                    raise TransferError(f"The file has {done:,} bytes instead of {size:,}; nothing was kept.")
                if sha256 is not None and digest.hexdigest() != sha256.lower():
                    raise TransferError(
                        "The file's SHA-256 is not the one that was announced; nothing was kept."
                    )
            give_usual_mode(path)
        except httpx.TransportError as error:
            raise unreachable(address, error) from error
        except OSError as error:
            raise UsageError(f"{path} can't be written: {error.strerror}.") from error
        return done

    def _fetch(
        self,
        url: str,
        file: IO[bytes],
        digest: Callable[[bytes], None],
        size: int | None,
        progress: Progress | None,
    ) -> int:
        most = MAX_DOWNLOAD_BYTES if size is None else size
        done = 0
        # Stored bytes count: a transparent decompression would change them.
        headers = {"Accept-Encoding": "identity"}
        with self._wire.client(url).stream("GET", url, headers=headers, timeout=LONG) as response:
            if response.status_code != 200:
                raise _refused(response.status_code, bounded(response, _MAX_REPLY_BYTES))
            total = size or _length(response.headers)
            for chunk in response.iter_raw(CHUNK_BYTES):
                done += len(chunk)
                if done > most:
                    raise TransferError(f"The file is larger than {most:,} bytes; nothing was kept.")
                file.write(chunk)
                digest(chunk)
                if progress:
                    progress(done, total)
        return done


def plan_parts(upload: Mapping[str, Any], size: int) -> list[Part]:
    """Parts of a file as the service's answer to an announced multipart upload cuts them.

    Raises
    ------
    BadAnswerError
        If they do not make up the file.
    """
    part_bytes, links = upload.get("part_bytes"), upload.get("parts")
    if not isinstance(part_bytes, int) or part_bytes < 1 or not isinstance(links, list):
        raise BadAnswerError("The service's answer says nothing of the parts of the upload.")
    if len(links) > _MAX_PARTS or len(links) != -(-size // part_bytes):
        raise BadAnswerError("The service's answer has parts that do not make up the file.")
    parts = []
    for number, link in enumerate(links, start=1):
        if not isinstance(link, dict) or link.get("number") != number or not isinstance(link.get("url"), str):
            raise BadAnswerError(f"The service's answer lacks the address of part {number}.")
        start = (number - 1) * part_bytes
        parts.append(Part(number, link["url"], start, min(part_bytes, size - start)))
    return parts


def _trusted(url: str) -> str:
    try:
        return safe_url(url)
    except ClientError as error:
        raise BadAnswerError("The service's answer has an address that is not safe to use.") from error


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _refused(status: int, body: bytes) -> TransferError:
    for code, sentence in {
        b"<Code>EntityTooLarge</Code>": "The file is larger than the service takes.",
        b"<Code>ExpiredToken</Code>": "The signed address has expired: try again.",
        b"Policy expired": "The signed form has expired: try again.",
        b"Request has expired": "The signed address has expired: try again.",
        b"<Code>NoSuchKey</Code>": "The file is not there any more.",
    }.items():
        if code in body:
            return TransferError(sentence)
    return TransferError(f"S3 refused the file (HTTP {status}).")
