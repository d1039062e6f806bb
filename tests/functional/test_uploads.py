"""Uploads by form and in parts, within the caller's limits."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from api import stack
from csv_analyzer import aws as clients
from csv_analyzer.admission import Limits
from csv_analyzer.storage import Storage
from tests.functional.conftest import ME, YOU, Answer, Call, Context, sqs_event

# S3 takes parts from 5 MB, but for the last one.
PART = 5 << 20
CONTENT = b"a,b\n" + b"1,2\n" * 1_400_000


@pytest.fixture(autouse=True)
def smaller_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.uploads.PART_BYTES", PART)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give every user other limits."""
    return lambda **limits: monkeypatch.setattr(
        stack.admission, "limits", replace(Limits(0, 0, 0, 0), **limits)
    )


@pytest.fixture
def begin(api: Call) -> Callable[..., Any]:
    """Begin an upload in parts."""

    def run(size: int = len(CONTENT)) -> Any:
        body = {"file_name": "wide.csv", "size_bytes": size, "multipart": True}
        answer = api("api-post-datasets", body=body)
        assert answer.status == 201, answer.body
        return answer.body

    return run


def _send(storage: Storage, dataset: Any, number: int, content: bytes) -> str:
    """Send a part as the signed address would; answers its tag."""
    (url,) = [part["url"] for part in dataset["upload"]["parts"] if part["number"] == number]
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    assert query["partNumber"] == [str(number)]
    assert "content-length" in query["X-Amz-SignedHeaders"][0]
    assert query["X-Amz-Expires"] == ["3600"]
    key = unquote(parts.path).removeprefix("/").removeprefix(f"{storage.bucket}/")
    assert key == f"uploads/{ME}/{dataset['id']}/wide.csv"
    sent = clients.s3().upload_part(
        Bucket=storage.bucket, Key=key, UploadId=query["uploadId"][0], PartNumber=number, Body=content
    )
    return str(sent["ETag"])


def _complete(api: Call, dataset_id: str, *tags: str | tuple[int, str], owner: str = ME) -> Answer:
    named = [tag if isinstance(tag, tuple) else (i, tag) for i, tag in enumerate(tags, start=1)]
    body = {"parts": [{"number": number, "etag": etag} for number, etag in named]}
    return api("api-post-dataset-complete", path={"dataset_id": dataset_id}, body=body, owner=owner)


def test_a_file_comes_in_parts_and_is_analyzed(
    api: Call, storage: Storage, context: Context, begin: Callable[..., Any]
) -> None:
    from analyze import app

    dataset = begin()
    upload = dataset["upload"]
    assert (upload["kind"], upload["part_bytes"], upload["expires_in_seconds"]) == ("multipart", PART, 3600)
    assert [part["number"] for part in upload["parts"]] == [1, 2]
    tags = [
        _send(storage, dataset, 1, CONTENT[:PART]),
        _send(storage, dataset, 2, CONTENT[PART:]).strip('"'),
    ]
    for _ in range(2):
        answer = _complete(api, dataset["id"], *tags)
        assert (answer.status, answer.body["status"]) == (202, "UPLOADING")
    key = f"uploads/{ME}/{dataset['id']}/wide.csv"
    assert storage.get(key, 10**8) == CONTENT
    app.handler(sqs_event(key), context)
    answer = _complete(api, dataset["id"], *tags)
    assert (answer.body["status"], answer.body["rows"]) == ("READY", 1_400_000)


def test_every_fault_of_the_parts_is_named(api: Call, storage: Storage, begin: Callable[..., Any]) -> None:
    dataset = begin(3 * PART)
    first = _send(storage, dataset, 1, CONTENT[:PART])
    short = _send(storage, dataset, 2, CONTENT[PART:])
    answer = _complete(api, dataset["id"], (1, short), (2, short), (2, short), (9, first))
    assert answer.status == 422
    assert [(fault["location"], fault["code"]) for fault in answer.body["errors"]] == [
        ("body.parts.0.etag", "other_part"),
        ("body.parts.1", "part_size"),
        ("body.parts.2.number", "repeated_part"),
        ("body.parts.3.number", "unknown_part"),
        ("body.parts", "missing_part"),
    ]
    answer = _complete(api, dataset["id"], first, (3, first))
    codes = [fault["code"] for fault in answer.body["errors"]]
    assert codes == ["part_not_stored", "missing_part"]
    # A part may be sent again, and nothing is there before all are.
    assert not storage.exists(f"uploads/{ME}/{dataset['id']}/wide.csv")
    tags = [_send(storage, dataset, number, CONTENT[:PART]) for number in (1, 2, 3)]
    assert _complete(api, dataset["id"], *tags).status == 202


def test_parts_that_s3_has_forgotten_are_a_conflict(
    api: Call, storage: Storage, begin: Callable[..., Any]
) -> None:
    dataset = begin()
    tag = _send(storage, dataset, 1, CONTENT[:PART])
    (upload,) = clients.s3().list_multipart_uploads(Bucket=storage.bucket)["Uploads"]
    clients.s3().abort_multipart_upload(Bucket=storage.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    answer = _complete(api, dataset["id"], tag)
    assert (answer.status, answer.body["code"]) == (409, "conflict")
    assert "upload the file again" in answer.body["detail"]


def test_only_its_owner_completes_an_upload_and_only_one_in_parts(
    api: Call, begin: Callable[..., Any]
) -> None:
    assert _complete(api, begin()["id"], "x", owner=YOU).status == 404
    form = api("api-post-datasets", body={"file_name": "a.csv"}).body
    assert form["upload"]["kind"] == "form"
    assert _complete(api, form["id"], "x").status == 409


@pytest.mark.parametrize(
    ("body", "status", "location"),
    [
        ({"multipart": True}, 422, "body"),
        ({"multipart": True, "size_bytes": 0}, 422, "body.size_bytes"),
        ({"size_bytes": "1"}, 422, "body.size_bytes"),
        ({"size_bytes": 2 << 30}, 413, None),
        ({"size_bytes": 2 << 30, "multipart": True}, 413, None),
    ],
)
def test_an_announcement_that_can_not_be_is_refused(
    api: Call, body: dict[str, Any], status: int, location: str | None
) -> None:
    answer = api("api-post-datasets", body={"file_name": "a.csv", **body})
    assert answer.status == status
    assert [fault["location"] for fault in answer.body.get("errors", [])] == ([location] if location else [])


@pytest.mark.parametrize("parts", [[], [{"number": 0, "etag": "x"}], [{"number": 1}], "x"])
def test_a_list_of_parts_that_can_not_be_is_refused(api: Call, begin: Callable[..., Any], parts: Any) -> None:
    path = {"dataset_id": begin()["id"]}
    assert api("api-post-dataset-complete", path=path, body={"parts": parts}).status == 422


def test_forms_are_signed_for_what_is_left(api: Call, limited: Callable[..., None]) -> None:
    limited(max_stored_bytes=1000)
    assert _most_bytes(api("api-post-datasets", body={"file_name": "a.csv", "size_bytes": 400})) == 400
    assert _most_bytes(api("api-post-datasets", body={"file_name": "b.csv"})) == 600
    answer = api("api-post-datasets", body={"file_name": "c.csv"})
    assert (answer.status, answer.body["code"]) == (429, "limit_reached")
    assert 0 < answer.body["retry_after"] <= 301
    for body in ({"size_bytes": 700}, {"size_bytes": 700, "multipart": True}):
        assert api("api-post-datasets", body={"file_name": "d.csv", **body}).status == 429
    assert api("api-post-datasets-csv", body="a,b\n1,2\n").status == 429
    assert api("api-post-datasets", body={"file_name": "a.csv"}, owner=YOU).status == 201


def test_no_more_datasets_than_the_limit(api: Call, limited: Callable[..., None]) -> None:
    limited(max_datasets=1)
    assert api("api-post-datasets-csv", body="a,b\n1,2\n").status == 201
    answer = api("api-post-datasets", body={"file_name": "a.csv"})
    assert answer.status == 429
    assert "delete one" in answer.body["detail"]


def _most_bytes(answer: Answer) -> int:
    """How many bytes the signed policy allows."""
    assert answer.status == 201, answer.body
    policy = json.loads(base64.b64decode(answer.body["upload"]["fields"]["policy"]))
    rules = [rule for rule in policy["conditions"] if isinstance(rule, list)]
    (most,) = [rule[2] for rule in rules if rule[0] == "content-length-range"]
    return int(most)
