"""Objects that are read and written piece by piece, and whose writing another worker can go on with."""

from contextlib import suppress
from typing import TypedDict

from csv_analyzer import aws
from csv_analyzer.errors import NotFoundError, UploadGoneError
from csv_analyzer.storage import GONE, Storage, known_upload

# S3 takes parts from 5 MB, but for the last one.
PART_BYTES = 8 << 20


class ObjectReader:
    """One version of an object, read by ranges: no connection waits while a piece is worked on.

    Parameters
    ----------
    storage : Storage
        The bucket.
    key, version_id : str
        The object.
    size : int
        How many bytes it has.
    """

    def __init__(self, storage: Storage, key: str, version_id: str, size: int) -> None:
        self._storage = storage
        self._key = key
        self._version_id = version_id
        self._size = size
        self._place = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, none at the end.

        Raises
        ------
        NotFoundError
            If the object is no longer there.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415  # loaded with the first AWS call

        end = min(self._place + size, self._size)
        if end <= self._place:
            return b""
        with aws.translated("S3"):
            try:
                answer = aws.s3().get_object(
                    Bucket=self._storage.bucket,
                    Key=self._key,
                    VersionId=self._version_id,
                    Range=f"bytes={self._place}-{end - 1}",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in GONE:
                    raise NotFoundError("The file is no longer there.") from error
                raise
            content = answer["Body"].read()
        self._place += len(content)
        return content

    def seek(self, offset: int) -> int:
        """Go on at an offset from the beginning."""
        self._place = offset
        return offset


class WriterState(TypedDict):
    """What another worker needs to go on with a writing.

    ``upload_id`` is empty before the first part, ``tail`` is the key of the bytes that are in no part yet,
    empty where there are none.
    """

    upload_id: str
    parts: list[str]
    tail: str


class ObjectWriter:
    """Writes an object in parts; it appears when it is whole.

    Parameters
    ----------
    storage : Storage
        The bucket.
    key : str
        The object.
    state : WriterState, optional
        What to go on with.

    Raises
    ------
    UploadGoneError
        If there is nothing to go on with.
    """

    def __init__(self, storage: Storage, key: str, state: WriterState | None = None) -> None:
        self._storage = storage
        self._key = key
        self._upload_id = state["upload_id"] if state else ""
        self._parts = list(state["parts"]) if state else []
        self._waiting = bytearray()
        if self._upload_id:
            self._require_upload()
        if state and state["tail"]:
            self._waiting += storage.get(state["tail"], 2 * PART_BYTES)

    def write(self, content: bytes) -> None:
        """Append bytes."""
        self._waiting += content
        while len(self._waiting) >= PART_BYTES:
            self._send(PART_BYTES)

    def save(self, tail_key: str) -> WriterState:
        """Return what to go on with; bytes that are too few for a part are kept under a key.

        Parameters
        ----------
        tail_key : str
            One that no other worker and no other state uses.
        """
        if self._waiting:
            self._storage.put(tail_key, bytes(self._waiting), "application/octet-stream")
        return WriterState(
            upload_id=self._upload_id, parts=list(self._parts), tail=tail_key if self._waiting else ""
        )

    def close(self) -> None:
        """Make the object appear, whole."""
        if not self._upload_id:
            self._storage.put(self._key, bytes(self._waiting), "text/csv")
            return
        if self._waiting:
            self._send(len(self._waiting))
        with aws.translated("S3"), known_upload():
            aws.s3().complete_multipart_upload(
                Bucket=self._storage.bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={
                    "Parts": [{"ETag": tag, "PartNumber": i} for i, tag in enumerate(self._parts, start=1)]
                },
            )

    def abort(self) -> None:
        """Let S3 forget the parts."""
        if self._upload_id:
            with aws.translated("S3"), suppress(UploadGoneError), known_upload():
                aws.s3().abort_multipart_upload(
                    Bucket=self._storage.bucket, Key=self._key, UploadId=self._upload_id
                )

    def _require_upload(self) -> None:
        """Find out before the work, and not at its end, that the parts are no longer there."""
        with aws.translated("S3"), known_upload():
            aws.s3().list_parts(
                Bucket=self._storage.bucket, Key=self._key, UploadId=self._upload_id, MaxParts=1
            )

    def _send(self, size: int) -> None:
        with aws.translated("S3"), known_upload():
            if not self._upload_id:
                begun = aws.s3().create_multipart_upload(
                    Bucket=self._storage.bucket, Key=self._key, ContentType="text/csv"
                )
                self._upload_id = begun["UploadId"]
            sent = aws.s3().upload_part(
                Bucket=self._storage.bucket,
                Key=self._key,
                UploadId=self._upload_id,
                PartNumber=len(self._parts) + 1,
                Body=bytes(self._waiting[:size]),
            )
        self._parts.append(sent["ETag"])
        del self._waiting[:size]
