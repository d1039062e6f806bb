"""Files on their way to become datasets: by form, in parts, or with the request itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from csv_analyzer import datasets, keys
from csv_analyzer.admission import Admission
from csv_analyzer.catalog import Catalog
from csv_analyzer.errors import (
    ConflictError,
    Fault,
    InvalidRequestError,
    PayloadTooLargeError,
    UploadGoneError,
)
from csv_analyzer.ids import new_id, now
from csv_analyzer.observability import origin
from csv_analyzer.records import Dataset, DatasetStatus
from csv_analyzer.schemas.base import Upload
from csv_analyzer.schemas.datasets import MultipartUpload, SentPart, UploadPart, UploadRequest
from csv_analyzer.storage import PART_SECONDS, UPLOAD_SECONDS, Storage, StoredPart

MAX_BODY_BYTES = 5 * 1024 * 1024
PART_BYTES = 32 << 20


@dataclass(frozen=True)
class UploadPlane:
    """Uploads of one stack.

    Parameters
    ----------
    catalog : Catalog
        Truth about datasets.
    storage : Storage
        The data bucket.
    admission : Admission
        Limits of every owner.
    max_upload_bytes : int
        Largest file that may be uploaded.
    """

    catalog: Catalog
    storage: Storage
    admission: Admission
    max_upload_bytes: int

    def announce(self, owner: str, request: UploadRequest) -> tuple[Dataset, Upload | MultipartUpload]:
        """Enter a dataset and sign how its file may be uploaded.

        Raises
        ------
        PayloadTooLargeError
            If the file is larger than any may be.
        LimitReachedError
            If the owner's limits leave no room for it.
        """
        size = request.size_bytes
        if size is not None and size > self.max_upload_bytes:
            raise PayloadTooLargeError(f"A file may have at most {self.max_upload_bytes:,} bytes.")
        if request.multipart and size is not None:
            return self._in_parts(self._expect(owner, request.file_name, size, PART_SECONDS), size)
        if size is not None:
            dataset = self._expect(owner, request.file_name, size, UPLOAD_SECONDS)
        else:
            most = self.max_upload_bytes
            dataset = self._expect(owner, request.file_name, most, UPLOAD_SECONDS, whole=False)
        form = self.storage.presigned_upload(dataset.key, dataset.reserved, origin())
        return dataset, Upload(url=form["url"], fields=form["fields"], expires_in_seconds=UPLOAD_SECONDS)

    def store_body(self, owner: str, file_name: str, body: bytes) -> Dataset:
        """Enter a dataset whose small file came with the request, and store the file.

        Raises
        ------
        InvalidRequestError
            If the body is empty.
        PayloadTooLargeError
            If it is larger than `MAX_BODY_BYTES`.
        LimitReachedError
            If the owner's limits leave no room for it.
        """
        if not body:
            fault = {"location": "body", "code": "missing", "message": "The body must hold the CSV file."}
            raise InvalidRequestError("The body is empty.", [fault])
        if len(body) > min(MAX_BODY_BYTES, self.max_upload_bytes):
            raise PayloadTooLargeError(
                f"A CSV body may hold at most {MAX_BODY_BYTES:,} bytes. "
                'Send {"file_name": ...} as JSON instead to get a form for large uploads.'
            )
        dataset = self._expect(owner, file_name, len(body), UPLOAD_SECONDS)
        self.storage.put(dataset.key, body, "text/csv", origin())
        return dataset

    def complete(self, owner: str, dataset_id: str, sent: Sequence[SentPart]) -> Dataset:
        """End an upload in parts: the file appears, and its analysis begins.

        Nothing happens if the file is there already.

        Raises
        ------
        InvalidRequestError
            If the parts are not those that are stored, or not the file that was announced; names every fault.
        ConflictError
            If the dataset is not uploaded in parts, or S3 has forgotten the parts.
        """
        dataset = self.catalog.dataset(owner, dataset_id)
        if dataset.status != DatasetStatus.UPLOADING:
            return dataset
        if not dataset.upload_id:
            raise ConflictError("The file of this dataset is not uploaded in parts.")
        try:
            stored = self.storage.parts(dataset.key, dataset.upload_id)
            faults = _faults_of(sent, stored, _part_sizes(dataset.announced))
            if faults:
                raise InvalidRequestError("The file is not complete.", faults)
            self.storage.complete_upload(dataset.key, dataset.upload_id, stored)
        except UploadGoneError as error:
            if not self.storage.exists(dataset.key):
                raise ConflictError("S3 has forgotten the parts: upload the file again.") from error
        return self.catalog.dataset(owner, dataset_id)

    def _in_parts(self, dataset: Dataset, size: int) -> tuple[Dataset, MultipartUpload]:
        upload_id = self.storage.begin_upload(dataset.key, origin())
        dataset = replace(dataset, upload_id=upload_id, announced=size)
        datasets.begun_in_parts(self.catalog.table, dataset)
        parts = [
            UploadPart(number=number, url=self.storage.presigned_part(dataset.key, upload_id, number, bytes_))
            for number, bytes_ in enumerate(_part_sizes(size), start=1)
        ]
        return dataset, MultipartUpload(part_bytes=PART_BYTES, parts=parts, expires_in_seconds=PART_SECONDS)

    def _expect(
        self, owner: str, file_name: str, at_most: int, seconds: int, *, whole: bool = True
    ) -> Dataset:
        dataset_id = new_id()
        file_name = keys.safe_file_name(file_name)
        dataset = Dataset(
            owner=owner,
            created_at=now(),
            id=dataset_id,
            file_name=file_name,
            status=DatasetStatus.UPLOADING,
            key=keys.upload(owner, dataset_id, file_name),
        )
        return self.admission.expect_upload(dataset, at_most, seconds, whole=whole)


def _part_sizes(size: int) -> list[int]:
    """Return how many bytes each part of a file has."""
    whole, rest = divmod(size, PART_BYTES)
    return [PART_BYTES] * whole + [rest] * bool(rest)


def _faults_of(sent: Sequence[SentPart], stored: Sequence[StoredPart], sizes: Sequence[int]) -> list[Fault]:
    """Compare the parts that a client says it sent, that S3 holds, and that the file has."""
    faults: list[Fault] = []
    named = [part.number for part in sent]
    there = {part.number: part for part in stored}

    def fault(place: str, code: str, message: str) -> None:
        faults.append({"location": f"body.parts{place}", "code": code, "message": message})

    for i, part in enumerate(sent):
        if part.number > len(sizes):
            fault(f".{i}.number", "unknown_part", f"The file has {len(sizes)} parts.")
        elif part.number in named[:i]:
            fault(f".{i}.number", "repeated_part", f"Part {part.number} is named twice.")
        elif part.number not in there:
            fault(f".{i}.number", "part_not_stored", f"Part {part.number} has not been uploaded.")
        elif part.etag.strip('"') != there[part.number].etag.strip('"'):
            fault(f".{i}.etag", "other_part", f"Another part {part.number} is stored.")
        elif there[part.number].size != sizes[part.number - 1]:
            size = there[part.number].size
            wanted = sizes[part.number - 1]
            fault(f".{i}", "part_size", f"Part {part.number} has {size:,} bytes and not {wanted:,}.")
    for number in range(1, len(sizes) + 1):
        if number not in named:
            fault("", "missing_part", f"Part {number} is missing.")
    return faults
