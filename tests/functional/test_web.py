"""The page: its place, its files, its headers, and what hostile paths come to."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from csv_analyzer import aws as clients
from csv_analyzer.settings import AwsSettings
from tests.functional.conftest import Answer, Context, answer_of, load_event
from tests.page_samples import DOCUMENT, FILES, write_page
from web import app, headers
from web.page import MEDIA_TYPES, Page

SCRIPT = "assets/index-B1a2C3d4.js"
BUILT = Path(app.__file__).with_name("dist")

Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask for what is below the page's place, as API Gateway passes it on."""
    monkeypatch.setattr(app, "page", Page.load(write_page(tmp_path)))
    return _ask


def _ask(below: str = "", *, before: str = "/v1", raw: str | None = None, scheme: str = "https") -> Answer:
    event = load_event("web-get-below-page" if below else "web-get-page")
    event["path"] = f"/app/{raw or below}"
    event["requestContext"]["path"] = before + event["path"]
    if below:
        event["pathParameters"] = {"proxy": below.strip("/")}
    event["headers"]["X-Forwarded-Proto"] = scheme
    return answer_of(app.handler(event, Context()))


def _policy(answer: Answer) -> dict[str, list[str]]:
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, *sources in map(str.split, directives)}


def _base(answer: Answer) -> str:
    (base,) = re.findall(r'<base href="([^"]*)" />', answer.text)
    return base


@pytest.mark.parametrize(
    ("before", "place"), [("/v1", "/v1/app/"), ("", "/app/"), ("/tools/ml", "/tools/ml/app/")]
)
def test_the_root_leads_to_the_page_of_the_same_stage_or_base_path(before: str, place: str) -> None:
    event = load_event("web-get-root")
    event["requestContext"]["path"] = f"{before}/"
    answer = answer_of(app.handler(event, Context()))
    assert (answer.status, answer.headers["Location"]) == (302, place)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("before", "place"), [("/v1", "/v1/app/"), ("", "/app/"), ("/app", "/app/app/")])
def test_the_page_without_its_slash_leads_to_the_page(before: str, place: str) -> None:
    event = load_event("web-get-page")
    event["path"] = "/app"
    event["requestContext"]["path"] = f"{before}/app"
    answer = answer_of(app.handler(event, Context()))
    assert (answer.status, answer.headers["Location"]) == (302, place)


def test_no_path_and_no_host_leads_elsewhere() -> None:
    event = load_event("web-get-root")
    event["headers"]["Host"] = event["requestContext"]["domainName"] = "evil.example.com"
    event["requestContext"]["path"] = "//evil.example.com/"
    assert answer_of(app.handler(event, Context())).headers["Location"] == "/evil.example.com/app/"


@pytest.mark.parametrize(
    "below",
    [
        "",
        "datasets",
        "models/houses/versions/3",
        "models/houses/",
        "app",
        "models/app",
        "index.html",
        "a b/100%",
    ],
)
def test_every_address_of_the_page_is_the_document_at_its_place(ask: Ask, below: str) -> None:
    answer = ask(below)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert _base(answer) == "/v1/app/"


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("", "/app/"),
        ("/app", "/app/app/"),
        ("/tools/ml", "/tools/ml/app/"),
        ("//evil.example.com", "/evil.example.com/app/"),
        ('/"><script>', "/%22%3E%3Cscript%3E/app/"),
        ("/a&b", "/a%26b/app/"),
    ],
)
@pytest.mark.parametrize("below", ["", "datasets", "app"])
def test_the_document_names_the_place_where_it_is_mounted(
    ask: Ask, before: str, place: str, below: str
) -> None:
    assert _base(ask(below, before=before)) == place


@pytest.mark.parametrize(
    ("raw", "below"),
    [
        ("models/a%20b", "models/a b"),
        ("models/a%2Fb", "models/a/b"),
        ("models/a%2Fb", "models/a%2Fb"),
        ("models/100%25", "models/100%"),
        ("models/%2541", "models/%41"),
        ("models/\N{GREEK SMALL LETTER ALPHA}", "models/%CE%B1"),
    ],
)
def test_the_place_is_found_however_the_rest_is_encoded(ask: Ask, raw: str, below: str) -> None:
    assert _base(ask(below, raw=raw)) == "/v1/app/"


def test_a_nonce_is_of_one_answer_and_the_same_in_document_and_policy(ask: Ask) -> None:
    nonces = []
    for _ in range(2):
        answer = ask()
        (nonce,) = set(re.findall(r'nonce="([^"]*)"', answer.text))
        assert _policy(answer)["style-src"] == ["'self'", f"'nonce-{nonce}'"]
        assert "CSP_NONCE" not in answer.text
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert all(len(nonce) >= 22 for nonce in nonces)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("assets/")])
def test_a_file_whose_name_says_its_content_is_kept_for_good(ask: Ask, name: str) -> None:
    answer = ask(name)
    assert (answer.status, answer.text) == (200, FILES[name])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == MEDIA_TYPES[Path(name).suffix]


def test_the_icon_is_not_kept_for_good(ask: Ask) -> None:
    answer = ask("favicon.svg")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"


@pytest.mark.parametrize(
    "below",
    [
        "assets/index-00000000.js",
        "assets/nothing",
        f"{SCRIPT}/",
        f"x/{SCRIPT}",
        "robots.txt",
        "models/style.css",
        ".vite/manifest.json",
        "../app.py",
        "assets/../../app.py",
        "..%2f..%2fapp.py",
        "assets/..%2f..%2fapp.py",
        "assets/%2e%2e/%2e%2e/app.py",
        "assets/\x00",
        f"{SCRIPT}\x00.css",
        "assets/" + "x" * 100_000,
        "x" * 100_000 + ".js",
    ],
)
def test_what_could_only_be_a_file_and_is_none_is_a_problem(ask: Ask, below: str) -> None:
    answer = ask(below) if not below.endswith("/") else ask(below + "x")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.body["status"], answer.body["code"], answer.body["title"]) == (
        404,
        "not_found",
        "Not found",
    )


@pytest.mark.parametrize(
    "below", ["..", "../..", "..%2f..%2fetc%2fpasswd", "%00", "\x00", "\r\nX: y", "x" * 100_000, "//"]
)
def test_no_path_leads_out_of_the_page(ask: Ask, below: str) -> None:
    answer = ask(below)
    assert answer.status == 200
    assert _base(answer) == "/v1/app/"
    assert not any("\r" in value or "\n" in value for value in answer.headers.values())


def test_a_path_that_is_not_below_the_page_is_a_problem(ask: Ask) -> None:
    event = load_event("web-get-below-page")
    event["requestContext"]["path"] = "/v1/elsewhere/models/houses"
    assert answer_of(app.handler(event, Context())).status == 404


EVERY = ["", "datasets", SCRIPT, "favicon.svg", "assets/nothing.js"]


@pytest.mark.parametrize("below", EVERY)
def test_every_answer_carries_the_security_headers(ask: Ask, below: str) -> None:
    answer = ask(below)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"].split(", ")
    assert "Access-Control-Allow-Origin" not in answer.headers
    policy = _policy(answer)
    assert policy.keys() == {
        *("default-src", "script-src", "style-src", "img-src", "font-src", "connect-src"),
        *("form-action", "base-uri", "frame-ancestors"),
    }
    assert policy["default-src"] == policy["frame-ancestors"] == ["'none'"]
    assert (
        policy["script-src"]
        == policy["form-action"]
        == policy["base-uri"]
        == policy["font-src"]
        == ["'self'"]
    )
    assert policy["img-src"] == ["'self'", "data:", "blob:"]
    assert not any("unsafe" in source or "*" in source for sources in policy.values() for source in sources)


@pytest.mark.parametrize("below", EVERY)
def test_only_https_is_asked_to_stay_https(ask: Ask, below: str) -> None:
    assert ask(below).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in ask(below, scheme="http").headers


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-1", "cn-north-1"])
def test_the_page_may_talk_to_sign_in_and_to_the_bucket_as_its_addresses_are_signed(region: str) -> None:
    bucket = app.settings.data_bucket
    aws = AwsSettings.from_environment({"AWS_REGION": region})
    shield = headers.Shield((aws.endpoint("cognito-idp"), aws.bucket_endpoint(bucket)))
    answer = Answer(200, shield.headers("", https=True), "")
    _, sign_in, files = _policy(answer)["connect-src"]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    assert sign_in == f"https://cognito-idp.{region}.{suffix}"
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    s3 = boto3.client("s3", region_name=region, config=config)
    assert s3.generate_presigned_post(bucket, "key")["url"].rstrip("/") == files
    assert s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}).startswith(
        f"{files}/"
    )


def test_where_aws_is_elsewhere_the_page_may_talk_to_that_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4000/")
    aws = AwsSettings.from_environment()
    shield = headers.Shield((aws.endpoint("cognito-idp"), aws.bucket_endpoint("data")))
    policy = _policy(Answer(200, shield.headers("", https=False), ""))
    assert policy["connect-src"] == ["'self'", "http://127.0.0.1:4000"]
    clients.s3.cache_clear()
    try:
        assert clients.s3().generate_presigned_post("data", "key")["url"] == "http://127.0.0.1:4000/data"
    finally:
        clients.s3.cache_clear()


def test_where_the_page_was_not_built_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "page", Page.load(tmp_path / "dist"))
    answer = _ask("models/houses", before="/tools")
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"]
    assert "Node.js 20.19" in answer.text
    assert "<code>make page</code>" in answer.text
    assert '<a href="/tools/docs">' in answer.text
    assert _ask(SCRIPT).status == 404


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT.replace("<base", "<link"),
        DOCUMENT.replace("CSP_NONCE", "fixed"),
        DOCUMENT.replace("<head>", '<head><base href="/">'),
    ],
)
def test_a_document_that_nothing_can_be_entered_in_is_never_served(tmp_path: Path, document: str) -> None:
    with pytest.raises(RuntimeError, match="needs one <base"):
        Page.load(write_page(tmp_path, document))


def test_a_fault_of_ours_is_a_problem_with_the_same_headers(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(app.address, "of", broken)
    answer = ask()
    assert (answer.status, answer.body["code"]) == (500, "internal_error")
    assert "secret" not in json.dumps(answer.body)
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.skipif(not BUILT.is_dir(), reason="the page was not built: make page")
def test_every_file_that_was_built_can_be_served() -> None:
    built = {path.relative_to(BUILT).as_posix() for path in BUILT.rglob("*") if path.is_file()}
    served = {"index.html", ".vite/manifest.json", *Page.load(BUILT).files}
    assert built == served
    assert all((BUILT / name).stat().st_size < 6_000_000 for name in built)
