"""The data bucket through the storage adapter."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from csv_analyzer import aws as clients
from csv_analyzer.errors import ConflictError, DependencyError, NotFoundError, PayloadTooLargeError
from csv_analyzer.storage import Storage


@pytest.fixture
def storage(aws: Any) -> Storage:
    return Storage(aws.buckets["DataBucket"].name)


def test_a_presigned_form_is_bound_to_key_size_type_and_time(storage: Storage) -> None:
    form = storage.presigned_upload("uploads/me/d/a.csv", max_bytes=1000)
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    conditions = policy["conditions"]
    assert ["content-length-range", 1, 1000] in conditions
    assert {"key": "uploads/me/d/a.csv"} in conditions
    assert {"bucket": storage.bucket} in conditions
    assert {"Content-Type": "text/csv"} in conditions
    assert not any(isinstance(part, list) and part[0] == "starts-with" for part in conditions)
    assert "expiration" in policy


def test_the_form_stores_the_file_under_its_key(storage: Storage) -> None:
    form = storage.presigned_upload("uploads/me/d/a.csv", max_bytes=1000)
    answer = requests.post(
        form["url"], data=form["fields"], files={"file": ("a.csv", b"a,b\n1,2\n")}, timeout=10
    )
    assert answer.status_code == 204
    assert storage.get("uploads/me/d/a.csv", 1000) == b"a,b\n1,2\n"


def test_an_object_is_described_and_read_by_version(storage: Storage, tmp_path: Path) -> None:
    storage.put("k", b"one", "text/csv")
    first = storage.head("k")
    storage.put("k", b"three", "text/csv")
    second = storage.head("k")
    assert first
    assert second
    assert (first.size, second.size) == (3, 5)
    assert first.version_id != second.version_id
    storage.download("k", first.version_id, tmp_path / "k")
    assert (tmp_path / "k").read_bytes() == b"one"


def test_what_is_not_there_is_said_so(storage: Storage, tmp_path: Path) -> None:
    assert storage.head("nothing") is None
    with pytest.raises(NotFoundError):
        storage.get("nothing", 10)
    with pytest.raises(NotFoundError):
        storage.download("nothing", "", tmp_path / "k")


def test_an_object_larger_than_expected_is_not_read(storage: Storage) -> None:
    storage.put("k", b"x" * 11, "text/plain")
    with pytest.raises(PayloadTooLargeError):
        storage.get("k", 10)


def test_a_document_with_nan_is_not_written(storage: Storage) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        storage.put_json("k", {"a": float("nan")})
    assert storage.head("k") is None


def test_faults_of_the_service_have_one_name(storage: Storage) -> None:
    with pytest.raises(DependencyError):
        Storage("no-such-bucket").put("k", b"", "text/plain")
    assert clients.s3() is clients.s3()


def test_of_two_writers_of_a_new_object_one_alone_succeeds(storage: Storage) -> None:
    assert storage.put_new_json("recipes/me/d/1.json", {"by": 1})
    assert not storage.put_new_json("recipes/me/d/1.json", {"by": 2})
    assert storage.get_json("recipes/me/d/1.json", 100) == {"by": 1}


def test_a_writer_whose_answer_was_lost_is_no_other_writer(storage: Storage) -> None:
    assert storage.put_new_json("recipes/me/d/1.json", {"by": 1})
    assert storage.put_new_json("recipes/me/d/1.json", {"by": 1})
    assert not storage.put_new_json("recipes/me/d/1.json", {"by": 100})


def test_a_bucket_that_is_not_there_is_no_other_writer(aws: Any) -> None:
    with pytest.raises(DependencyError):
        Storage("no-such-bucket").put_new_json("k", {})


def test_objects_are_listed_in_order_over_all_pages_from_behind_a_key(storage: Storage) -> None:
    names = [f"observations/{number:04d}" for number in range(1_005)]
    for name in [*names, "other/1"]:
        storage.put(name, b"x", "text/plain")

    assert [entry.key for entry in storage.listed("observations/")] == names
    assert [entry.key for entry in storage.listed("observations/", names[1_000])] == names[1_001:]
    assert list(storage.listed("nothing/")) == []


def test_objects_are_deleted_by_the_thousand_and_what_is_not_there_is_no_fault(storage: Storage) -> None:
    names = [f"observations/{number}" for number in range(1_005)]
    for name in names[::100]:
        storage.put(name, b"x", "text/plain")
    storage.put("kept", b"x", "text/plain")

    storage.delete(names)
    storage.delete([])

    assert [entry.key for entry in storage.listed("")] == ["kept"]


def test_an_object_is_replaced_only_if_it_is_the_one_that_was_read(storage: Storage) -> None:
    def write(body: bytes, etag: str | None) -> None:
        storage.put_if_unchanged("drift/a.json", body, "application/json", etag)

    assert storage.get_tagged("drift/a.json", 10) is None
    write(b"1", None)
    first = storage.get_tagged("drift/a.json", 10)
    assert first is not None
    assert first.body == b"1"
    with pytest.raises(ConflictError):
        write(b"mine", None)
    write(b"2", first.etag)
    with pytest.raises(ConflictError):
        write(b"mine", first.etag)
    assert storage.get("drift/a.json", 10) == b"2"
    storage.delete(["drift/a.json"])
    with pytest.raises(ConflictError):
        write(b"mine", first.etag)
    assert storage.get_tagged("drift/a.json", 10) is None


def test_an_object_that_is_too_large_is_not_read(storage: Storage) -> None:
    storage.put("drift/a.json", b"12345", "application/json")
    with pytest.raises(PayloadTooLargeError):
        storage.get_tagged("drift/a.json", 4)


def test_a_small_object_is_written_without_boto3(storage: Storage) -> None:
    storage.put_quickly("observations/a ä.json", b"{}", "application/json")
    assert storage.get("observations/a ä.json", 10) == b"{}"


@pytest.fixture
def another_client() -> Iterator[None]:
    """Make a client of S3 for this test alone: what it reads of the environment must not outlive it."""
    clients.s3.cache_clear()
    yield
    clients.s3.cache_clear()


@pytest.mark.usefixtures("another_client")
def test_signed_addresses_are_of_the_buckets_region(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    host = f"https://{storage.bucket}.s3.eu-central-1.amazonaws.com/"
    assert storage.presigned_part("uploads/a.csv", "u", 1, 10).startswith(host)
    assert storage.presigned_download("models/a.zip", "a.zip").startswith(host)
    assert storage.presigned_upload("uploads/a.csv", 10)["url"] == host


@pytest.mark.usefixtures("another_client")
def test_a_bucket_at_an_address_of_its_own_is_named_by_the_path(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    assert storage.presigned_part("a", "u", 1, 10).startswith(f"http://localhost:4566/{storage.bucket}/a?")
