"""The data bucket: every read and write of an object goes through here."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csv_analyzer import aws
from csv_analyzer.errors import (
    ConflictError,
    DependencyError,
    NotFoundError,
    PayloadTooLargeError,
    UploadGoneError,
)
from csv_analyzer.reads import reader

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

UPLOAD_SECONDS = 300
PART_SECONDS = 3600
DOWNLOAD_SECONDS = 300
GONE = {"404", "NoSuchKey", "NoSuchVersion"}
TAKEN = "PreconditionFailed"
_CHANGED = {TAKEN, "ConditionalRequestConflict", "NoSuchKey"}
_DELETED_AT_ONCE = 1000


@dataclass(frozen=True)
class ObjectInfo:
    """What S3 says of an object: size in bytes, version, time of the write and user metadata."""

    size: int
    version_id: str
    last_modified: datetime
    metadata: dict[str, str]


@dataclass(frozen=True)
class Listed:
    """An object of a listing, and when it was written."""

    key: str
    last_modified: datetime


@dataclass(frozen=True)
class Tagged:
    """What an object holds, and the tag of just these bytes."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class StoredPart:
    """A part of an upload that S3 holds; the size is in bytes."""

    number: int
    etag: str
    size: int


class Storage:
    """Objects of one bucket.

    Parameters
    ----------
    bucket : str
        Name of the bucket.
    """

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    def presigned_upload(
        self, key: str, max_bytes: int, metadata: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """URL and form fields that let a browser post one file to one key.

        The signed policy fixes the key, the content type and the object's user metadata, and bounds the size
        (1 to `max_bytes`) and the time (`UPLOAD_SECONDS`).
        """
        fixed = {
            "Content-Type": "text/csv",
            **{f"x-amz-meta-{name}": text for name, text in (metadata or {}).items()},
        }
        with aws.translated("S3"):
            return aws.s3().generate_presigned_post(
                self.bucket,
                key,
                Fields=dict(fixed),
                Conditions=[
                    ["content-length-range", 1, max_bytes],
                    *({name: text} for name, text in fixed.items()),
                ],
                ExpiresIn=UPLOAD_SECONDS,
            )

    def begin_upload(self, key: str, metadata: Mapping[str, str] | None = None) -> str:
        """Begin an upload in parts and return its id."""
        with aws.translated("S3"):
            begun = aws.s3().create_multipart_upload(
                Bucket=self.bucket, Key=key, ContentType="text/csv", Metadata=metadata or {}
            )
        return begun["UploadId"]

    def presigned_part(self, key: str, upload_id: str, number: int, size: int) -> str:
        """URL that one part of an upload, of just so many bytes, may be PUT to for `PART_SECONDS`."""
        with aws.translated("S3"):
            return aws.s3().generate_presigned_url(
                "upload_part",
                Params={
                    "Bucket": self.bucket,
                    "Key": key,
                    "UploadId": upload_id,
                    "PartNumber": number,
                    "ContentLength": size,
                },
                ExpiresIn=PART_SECONDS,
            )

    def parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """Parts of an upload, in order.

        Raises
        ------
        UploadGoneError
            If S3 does not know the upload.
        """
        with aws.translated("S3"), known_upload():
            pages = (
                aws.s3().get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=upload_id)
            )
            return [
                StoredPart(part["PartNumber"], part["ETag"], part["Size"])
                for page in pages
                for part in page.get("Parts", ())
            ]

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> None:
        """Make the object of an upload appear, whole.

        Raises
        ------
        UploadGoneError
            If S3 does not know the upload.
        """
        listed: list[CompletedPartTypeDef] = [
            {"ETag": part.etag, "PartNumber": part.number} for part in parts
        ]
        with aws.translated("S3"), known_upload():
            aws.s3().complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": listed}
            )

    def exists(self, key: str) -> bool:
        """Return whether there is an object, by a permission to list alone."""
        with aws.translated("S3"):
            found = aws.s3().list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        return any(item["Key"] == key for item in found.get("Contents", ()))

    def presigned_download(self, key: str, file_name: str) -> str:
        """URL that a browser may download one object from, under a name, for `DOWNLOAD_SECONDS`.

        Parameters
        ----------
        key : str
            The object.
        file_name : str
            Letters, digits, dot, dash and underscore: it becomes part of a header.
        """
        with aws.translated("S3"):
            return aws.s3().generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self.bucket,
                    "Key": key,
                    "ResponseContentDisposition": f'attachment; filename="{file_name}"',
                },
                ExpiresIn=DOWNLOAD_SECONDS,
            )

    def head(self, key: str) -> ObjectInfo | None:
        """Describe the newest version of an object; None if there is none."""
        from botocore.exceptions import ClientError  # noqa: PLC0415  # loaded with the first AWS call

        with aws.translated("S3"):
            try:
                answer = aws.s3().head_object(Bucket=self.bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in GONE:
                    return None
                raise
        return ObjectInfo(
            answer["ContentLength"], answer.get("VersionId", ""), answer["LastModified"], answer["Metadata"]
        )

    def put(
        self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Write an object whole."""
        with aws.translated("S3"):
            aws.s3().put_object(
                Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, Metadata=metadata or {}
            )

    def put_quickly(self, key: str, body: bytes, content_type: str) -> None:
        """Write a small object whole without boto3, in one attempt, and close the connection.

        Raises
        ------
        DependencyError
            If S3 did not say that it has it; it may have it all the same.
        """
        try:
            reader.put_object(self.bucket, key, body, content_type, attempts=1)
        finally:
            reader.close()

    def put_json(self, key: str, value: object) -> None:
        """Write a JSON document; NaN and infinities are refused, for JSON has none."""
        self.put(key, json.dumps(value, allow_nan=False).encode(), "application/json")

    def put_new_json(self, key: str, value: object) -> bool:
        """Write a JSON document if there is no object of that key; return whether it was written.

        Of several writers at once one alone succeeds (S3's conditional writes), provided that their documents
        differ: one that is there already is the writer's own, whose answer was lost on its way.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        body = json.dumps(value, allow_nan=False).encode()
        with aws.translated("S3"):
            try:
                aws.s3().put_object(
                    Bucket=self.bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
            except ClientError as error:
                if error.response["Error"]["Code"] == TAKEN:
                    return self._holds(key, body)
                raise
        return True

    def _holds(self, key: str, body: bytes) -> bool:
        try:
            return self.get(key, len(body)) == body
        except (NotFoundError, PayloadTooLargeError):
            return False

    def get(self, key: str, max_bytes: int) -> bytes:
        """Read an object of at most `max_bytes`.

        Raises
        ------
        NotFoundError
            If there is no such object.
        PayloadTooLargeError
            If it is larger.
        """
        return reader.get_object(self.bucket, key, max_bytes)

    def get_json(self, key: str, max_bytes: int) -> Any:
        """Read a JSON document of at most `max_bytes`."""
        return json.loads(self.get(key, max_bytes))

    def listed(self, prefix: str, after: str = "") -> Iterator[Listed]:
        """Objects below a prefix in the order of their keys, those behind `after`."""
        request = {"Bucket": self.bucket, "Prefix": prefix, "StartAfter": after}
        while True:
            with aws.translated("S3"):
                page = aws.s3().list_objects_v2(**request)  # type: ignore[arg-type]  # all are texts
            for entry in page.get("Contents", []):
                yield Listed(entry["Key"], entry["LastModified"])
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def get_tagged(self, key: str, max_bytes: int) -> Tagged | None:
        """Read an object of at most `max_bytes` with its tag; None if there is none.

        Raises
        ------
        PayloadTooLargeError
            If it is larger.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        with aws.translated("S3"):
            try:
                answer = aws.s3().get_object(Bucket=self.bucket, Key=key)
                if answer["ContentLength"] > max_bytes:
                    answer["Body"].close()
                    raise PayloadTooLargeError(f"The object is larger than {max_bytes:,} bytes.")
                return Tagged(answer["Body"].read(), answer["ETag"])
            except ClientError as error:
                if error.response["Error"]["Code"] in GONE:
                    return None
                raise

    def put_if_unchanged(self, key: str, body: bytes, content_type: str, etag: str | None) -> None:
        """Write an object whole, if it still is the one of the tag, or still is not there.

        Raises
        ------
        ConflictError
            If somebody else wrote or deleted it.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        condition: dict[str, Any] = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        with aws.translated("S3"):
            try:
                aws.s3().put_object(
                    Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, **condition
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _CHANGED:
                    raise ConflictError("The object has changed meanwhile.") from error
                raise

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are no fault."""
        for some in batched(keys, _DELETED_AT_ONCE):
            with aws.translated("S3"):
                answer = aws.s3().delete_objects(
                    Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
                )
            if failed := answer.get("Errors"):
                raise DependencyError(f"S3 did not delete {len(failed)} objects: {failed[0].get('Code')}.")

    def download(self, key: str, version_id: str, path: Path) -> None:
        """Copy one version of an object into a local file, in parts.

        Raises
        ------
        NotFoundError
            If the version is no longer there.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        extra = {"VersionId": version_id} if version_id else {}
        with aws.translated("S3"):
            try:
                aws.s3().download_file(self.bucket, key, str(path), ExtraArgs=extra)
            except ClientError as error:
                if error.response["Error"]["Code"] in GONE:
                    raise NotFoundError("The file is no longer there.") from error
                raise


@contextmanager
def known_upload() -> Generator[None]:
    """Turn S3's answer that it knows no such upload into :class:`UploadGoneError`."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  # loaded with the first AWS call

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchUpload":
            raise UploadGoneError("The upload is no longer there.") from error
        raise
