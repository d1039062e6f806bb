"""Deletes objects for good: all of their versions, the markers of deletions, and uploads in progress."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csv_analyzer import aws
from csv_analyzer.errors import DependencyError
from csv_analyzer.storage import Storage

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

# S3 lists and deletes so many at once.
PAGE = 1000

Belongs = Callable[[str, str], bool]


@dataclass(frozen=True)
class Removed:
    """What a request deleted: versions of objects, and their bytes."""

    objects: int
    bytes: int


def remove_objects(storage: Storage, prefix: str, belongs: Belongs) -> Generator[Removed]:
    """Delete all versions of all objects under a prefix, a page at a time.

    Parameters
    ----------
    storage : Storage
        The bucket.
    prefix : str
        What the keys begin with.
    belongs : callable
        Takes a key and a version id; what it answers False to stays.

    Yields
    ------
    Removed
        After each page of which something was deleted.

    Raises
    ------
    DependencyError
        If S3 did not delete all of a page.
    """
    place: dict[str, Any] = {}
    while True:
        with aws.translated("S3"):
            page = aws.s3().list_object_versions(Bucket=storage.bucket, Prefix=prefix, MaxKeys=PAGE, **place)
        versions = [(item["Key"], item["VersionId"], item["Size"]) for item in page.get("Versions", [])]
        markers = [(item["Key"], item["VersionId"], None) for item in page.get("DeleteMarkers", [])]
        going = [item for item in versions + markers if belongs(item[0], item[1])]
        if going:
            _delete(storage, [{"Key": key, "VersionId": version} for key, version, _ in going])
            sizes = [size for _, _, size in going if size is not None]
            yield Removed(len(sizes), sum(sizes))
        if not page["IsTruncated"]:
            return
        if not going:
            # What follows a page is found by its last object, which must not be deleted for that.
            place = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}


def abort_uploads(storage: Storage, prefix: str, belongs: Belongs) -> None:
    """Let S3 forget the parts of all uploads in progress under a prefix."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  # loaded with the first AWS call

    place: dict[str, Any] = {}
    while True:
        with aws.translated("S3"):
            page = aws.s3().list_multipart_uploads(
                Bucket=storage.bucket, Prefix=prefix, MaxUploads=PAGE, **place
            )
            for upload in page.get("Uploads", []):
                if not belongs(upload["Key"], ""):
                    continue
                try:
                    aws.s3().abort_multipart_upload(
                        Bucket=storage.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                except ClientError as error:
                    if error.response["Error"]["Code"] != "NoSuchUpload":
                        raise
        if not page.get("IsTruncated"):
            return
        place = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def _delete(storage: Storage, objects: "list[ObjectIdentifierTypeDef]") -> None:
    with aws.translated("S3"):
        answer = aws.s3().delete_objects(Bucket=storage.bucket, Delete={"Objects": objects, "Quiet": True})
    if answer.get("Errors"):
        raise DependencyError(f"S3 did not delete {len(answer['Errors'])} objects. Please try again.")
