"""Files to and from S3: streamed, in parts, tried again, and never trusted."""

import hashlib
import json
from itertools import pairwise

import httpx
import pytest

from csv_analyzer_client.errors import BadAnswerError, TransferError, UnreachableError, UsageError
from csv_analyzer_client.transfer import plan_parts
from tests.unit.client.fake_service import BATCH, DATASET, S3, answer

FORM = {"url": f"{S3}/", "fields": {"key": "uploads/x", "policy": "p"}, "expires_in_seconds": 300}
CONTENT = b"a,b\n" + b"1,2\n" * 100_000


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "houses.csv"
    path.write_bytes(CONTENT)
    return path


def announced(service, upload):
    service.on("POST", "/datasets", answer({**DATASET, "status": "UPLOADING", "upload": upload}, 201))


def test_a_file_is_posted_with_the_fields_of_the_form(service, file):
    announced(service, FORM)
    service.on("POST", f"{S3}/", httpx.Response(204))
    told = []
    pending = service.client().upload(file, progress=lambda done, total: told.append((done, total)))
    assert json.loads(service.requests[0].content) == {"file_name": "houses.csv", "size_bytes": len(CONTENT)}
    post = service.requests[1]
    assert "Authorization" not in post.headers
    assert post.headers["Content-Length"] == str(len(post.content))
    fields, _, rest = post.content.partition(b'name="file"')
    assert b'name="key"\r\n\r\nuploads/x' in fields
    assert b'name="policy"\r\n\r\np' in fields
    assert CONTENT in rest
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert len(told) > 2
    assert all(before <= after for (before, _), (after, _) in pairwise(told))
    assert pending.state.id == "d1"


def test_a_post_is_tried_again(service, file):
    announced(service, FORM)
    service.on("POST", f"{S3}/", httpx.WriteError("cut"), httpx.Response(503), httpx.Response(204))
    service.client().upload(file)
    posts = service.requests[1:]
    assert len(posts) == 3
    assert all(CONTENT in post.content for post in posts)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<Error><Code>EntityTooLarge</Code></Error>", "larger than the service takes"),
        (b"Invalid according to Policy: Policy expired.", "expired"),
        (b"?", "HTTP 403"),
    ],
)
def test_a_refused_post_is_a_sentence(service, file, body, sentence):
    announced(service, FORM)
    service.on("POST", f"{S3}/", httpx.Response(403, content=body))
    with pytest.raises(TransferError, match=sentence):
        service.client().upload(file)
    assert len(service.requests) == 2


def test_a_connection_that_stays_broken_is_a_sentence(service, file):
    announced(service, FORM)
    service.on("POST", f"{S3}/", httpx.ConnectError("refused"))
    with pytest.raises(UnreachableError, match=r"bucket\.example\.com"):
        service.client().upload(file)
    assert len(service.requests) == 5


@pytest.mark.parametrize(
    "upload", [None, {}, {"url": "http://evil.example.com/", "fields": {}}, {"url": f"{S3}/", "fields": 3}]
)
def test_a_form_that_is_none_is_named(service, file, upload):
    announced(service, upload)
    with pytest.raises(BadAnswerError):
        service.client().upload(file)
    assert len(service.requests) == 1


def test_files_that_can_not_be_sent_are_named_before_anything_is_asked(service, tmp_path):
    (tmp_path / "empty.csv").touch()
    for name, sentence in (("none.csv", "no file"), ("empty.csv", "empty"), (".", "no file")):
        with pytest.raises(UsageError, match=sentence):
            service.client().upload(tmp_path / name)
    assert service.requests == []


PART = 150_000
LINKS = [{"number": n, "url": f"{S3}/part{n}"} for n in (1, 2, 3)]


def test_a_large_file_goes_in_parts_each_tried_for_itself(service, file):
    announced(service, {"part_bytes": PART, "parts": LINKS, "expires_in_seconds": 300})
    service.on("PUT", f"{S3}/part1", httpx.Response(200, headers={"ETag": '"e1"'}))
    service.on(
        "PUT",
        f"{S3}/part2",
        httpx.WriteError("cut"),
        httpx.Response(500),
        httpx.Response(200, headers={"ETag": '"e2"'}),
    )
    service.on("PUT", f"{S3}/part3", httpx.Response(200, headers={"ETag": '"e3"'}))
    service.on("POST", "/datasets/d1/complete", answer(DATASET, 202))
    told = []
    client = service.client()
    client.upload(file, multipart_bytes=300_000, progress=lambda done, total: told.append((done, total)))
    assert json.loads(service.requests[0].content) == {
        "file_name": "houses.csv",
        "size_bytes": len(CONTENT),
        "multipart": True,
    }
    puts = {}
    for request in service.requests:
        if request.method == "PUT":
            puts.setdefault(request.url.path, []).append(request)
    assert {path: len(tries) for path, tries in puts.items()} == {"/part1": 1, "/part2": 3, "/part3": 1}
    for path, start in (("/part1", 0), ("/part2", PART), ("/part3", 2 * PART)):
        for request in puts[path]:
            assert request.content == CONTENT[start : start + PART]
            assert "Transfer-Encoding" not in request.headers
            assert "Authorization" not in request.headers
    assert service.body() == {"parts": [{"number": n, "etag": f'"e{n}"'} for n in (1, 2, 3)]}
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_refused_part_ends_the_upload(service, file):
    announced(service, {"part_bytes": PART, "parts": LINKS})
    for n in (1, 2, 3):
        service.on("PUT", f"{S3}/part{n}", httpx.Response(403, content=b"Request has expired"))
    with pytest.raises(TransferError, match="expired"):
        service.client().upload(file, multipart_bytes=1)
    assert not [call for call in service.calls if call.endswith("/complete")]


def test_a_file_that_becomes_shorter_is_not_completed(service, file):
    def shrink(_):
        file.write_bytes(CONTENT[:100])
        return httpx.Response(200, headers={"ETag": "e"})

    announced(service, {"part_bytes": PART, "parts": LINKS})
    service.on("POST", "/datasets", lambda _: (file.write_bytes(b"a"), answered(LINKS))[1])
    for n in (1, 2, 3):
        service.on("PUT", f"{S3}/part{n}", shrink)
    with pytest.raises(TransferError, match="shorter"):
        service.client().upload(file, multipart_bytes=1)


def answered(links):
    return answer({**DATASET, "upload": {"part_bytes": PART, "parts": links}}, 201)


@pytest.mark.parametrize(
    "upload",
    [
        {},
        {"part_bytes": 0, "parts": LINKS},
        {"part_bytes": PART, "parts": LINKS[:2]},
        {"part_bytes": PART, "parts": [*LINKS, LINKS[0]]},
        {"part_bytes": PART, "parts": LINKS[::-1]},
        {"part_bytes": PART, "parts": [{}, {}, {}]},
        {"part_bytes": PART, "parts": [1, 2, 3]},
        {"part_bytes": 1, "parts": LINKS},
    ],
)
def test_parts_that_do_not_make_up_the_file_are_refused(upload):
    with pytest.raises(BadAnswerError):
        plan_parts(upload, len(CONTENT))


DOWNLOAD = {
    "model": "houses",
    "version": 2,
    "format": "archive",
    "file_name": "../../../etc/cron.d/evil",
    "size_bytes": len(CONTENT),
    "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "parity": 0.0,
    "url": f"{S3}/model",
    "expires_in_seconds": 300,
}


def test_an_export_is_checked_and_written_where_the_caller_says(service, tmp_path):
    service.on("GET", "/models/houses/export", answer(DOWNLOAD))
    service.on("GET", f"{S3}/model", httpx.Response(200, content=CONTENT))
    told = []
    out = tmp_path / "model.zip"
    service.client().export("houses", out, version=2, progress=lambda *done: told.append(done))
    assert out.read_bytes() == CONTENT
    assert out.stat().st_mode & 0o600 == 0o600
    assert dict(service.requests[0].url.params) == {"version": "2", "format": "archive"}
    assert "Authorization" not in service.requests[1].headers
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["model.zip"]


@pytest.mark.parametrize(
    ("changed", "content", "sentence"),
    [
        ({"sha256": "0" * 64}, CONTENT, "SHA-256"),
        ({}, CONTENT[:-1], "bytes instead of"),
        ({}, CONTENT + b"x", "larger than"),
    ],
)
def test_an_export_that_is_not_what_was_announced_leaves_nothing(
    service, tmp_path, changed, content, sentence
):
    service.on("GET", "/models/houses/export", answer(DOWNLOAD | changed))
    service.on("GET", f"{S3}/model", httpx.Response(200, content=content))
    out = tmp_path / "model.zip"
    out.write_bytes(b"before")
    with pytest.raises(TransferError, match=sentence):
        service.client().export("houses", out)
    assert out.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["model.zip"]


def test_an_address_that_is_not_safe_is_not_asked(service, tmp_path):
    service.on("GET", "/models/houses/export", answer(DOWNLOAD | {"url": "http://10.0.0.1/secret"}))
    with pytest.raises(BadAnswerError, match="not safe"):
        service.client().export("houses", tmp_path / "x")
    assert len(service.requests) == 1


def test_a_place_that_can_not_be_written_is_named(service, tmp_path):
    service.on("GET", "/models/houses/export", answer(DOWNLOAD))
    with pytest.raises(UsageError, match="can't be written"):
        service.client().export("houses", tmp_path / "none" / "x")


def test_a_batch_is_posted_waited_for_and_downloaded(service, file, tmp_path):
    created = BATCH | {
        "status": "UPLOADING",
        "progress": 0,
        "predictions": None,
        "errors": None,
        "upload": FORM,
    }
    service.on("POST", "/models/houses/batch", answer(created, 201))
    service.on("POST", f"{S3}/", httpx.Response(204))
    service.on("GET", "/models/houses/batch/b1", answer(created | {"status": "RUNNING"}), answer(BATCH))
    service.on("GET", f"{S3}/p", httpx.Response(200, content=b"predictions"))
    service.on("GET", f"{S3}/e", httpx.Response(200, content=b"errors"))
    client = service.client()
    seen = []
    job = client.batch("houses", file, stage="staging", safe=True).wait(
        lambda state: seen.append(state.status)
    )
    client.download_batch(job, tmp_path / "p.csv", tmp_path / "e.csv")
    assert json.loads(service.requests[0].content) == {
        "file_name": "houses.csv",
        "safe": True,
        "stage": "staging",
    }
    assert seen == ["UPLOADING", "RUNNING", "SUCCEEDED"]
    assert (tmp_path / "p.csv").read_bytes() == b"predictions"
    assert (tmp_path / "e.csv").read_bytes() == b"errors"
