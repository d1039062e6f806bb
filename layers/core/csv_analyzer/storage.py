"""The data bucket: every read and write of an object goes through here."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from csv_analyzer import aws
from csv_analyzer.errors import NotFoundError
from csv_analyzer.reads import reader

UPLOAD_SECONDS = 300
DOWNLOAD_SECONDS = 300
GONE = {"404", "NoSuchKey", "NoSuchVersion"}
TAKEN = "PreconditionFailed"


@dataclass(frozen=True)
class ObjectInfo:
    """What S3 says of an object: size in bytes, version, time of the write and user metadata."""

    size: int
    version_id: str
    last_modified: datetime
    metadata: dict[str, str]


class Storage:
    """Objects of one bucket.

    Parameters
    ----------
    bucket : str
        Name of the bucket.
    """

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    def presigned_upload(self, key: str, max_bytes: int) -> dict[str, Any]:
        """URL and form fields that let a browser post one file to one key.

        The signed policy fixes the key and the content type, and bounds the size (1 to `max_bytes`)
        and the time (`UPLOAD_SECONDS`).
        """
        with aws.translated("S3"):
            return aws.s3().generate_presigned_post(
                self.bucket,
                key,
                Fields={"Content-Type": "text/csv"},
                Conditions=[["content-length-range", 1, max_bytes], {"Content-Type": "text/csv"}],
                ExpiresIn=UPLOAD_SECONDS,
            )

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

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object whole."""
        with aws.translated("S3"):
            aws.s3().put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)

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

        Of several writers at once one alone succeeds (S3's conditional writes).
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
                    return False
                raise
        return True

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
