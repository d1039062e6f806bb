"""The page as a browser gets it: redirects, links into it, gzip, headers, and nothing else."""

import gzip
import re
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from infra.local.stack import LocalStack
from tests.conftest import ROOT
from tests.e2e.service import User

pytestmark = pytest.mark.slow
DIST = ROOT / "functions/web/function/web/dist"
built = pytest.mark.skipif(not (DIST / "index.html").is_file(), reason="the page was not built: make page")
BASE = re.compile(r'<base href="([^"]*)"')
NONCE = re.compile(r'nonce="([^"]+)"')
HTML = "text/html; charset=utf-8"


def _get(stack: LocalStack, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{stack.api_url}{path}", headers=headers, trust_env=False)


def _raw(stack: LocalStack, path: str) -> tuple[int, str, bytes]:
    """Ask for a path as it is: clients tidy paths up."""
    place = urlsplit(stack.api_url)
    assert place.hostname
    connection = HTTPConnection(place.hostname, place.port, timeout=60)
    try:
        connection.request("GET", place.path + path, headers={"Host": "evil.example.com"})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/app"])
def test_the_root_and_the_place_without_its_slash_lead_to_the_page(stack: LocalStack, path: str) -> None:
    answer = _get(stack, path)
    assert answer.status_code == 302
    place = urljoin(str(answer.request.url), answer.headers["Location"])
    assert place == f"{stack.api_url}/app/" == urljoin(stack.api_url, urlsplit(stack.outputs["PageUrl"]).path)


@built
@pytest.mark.parametrize(
    "path", ["/app/", "/app/datasets", "/app/models/houses/versions/3", "/app/models/houses/"]
)
def test_the_page_and_every_link_into_it_is_the_document_at_its_place(stack: LocalStack, path: str) -> None:
    answer = _get(stack, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, HTML)
    assert answer.headers["Cache-Control"] == "no-store"
    assert BASE.findall(answer.text) == ["/v1/app/"]


@built
def test_all_that_the_document_names_is_there_and_kept_for_good(stack: LocalStack) -> None:
    document = _get(stack, "/app/").text
    files = re.findall(r'(?:src|href)="(\./assets/[^"]+)"', document)
    assert {name.rpartition(".")[2] for name in files} == {"js", "css"}
    for name in files:
        answer = _get(stack, urljoin("/app/", name))
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.text == (DIST / name).read_text("utf-8")


@built
def test_every_answer_has_a_nonce_of_its_own(stack: LocalStack) -> None:
    nonces = []
    for _ in range(2):
        answer = _get(stack, "/app/")
        (nonce,) = set(NONCE.findall(answer.text))
        assert f"style-src 'self' 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@built
def test_what_is_large_comes_compressed_to_who_takes_it(stack: LocalStack) -> None:
    largest = max(DIST.glob("assets/*.js"), key=lambda path: path.stat().st_size)
    place = f"{stack.api_url}/app/assets/{largest.name}"
    with httpx.stream("GET", place, headers={"Accept-Encoding": "gzip"}, trust_env=False) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        sent = b"".join(answer.iter_raw())
    assert gzip.decompress(sent) == largest.read_bytes()
    assert len(sent) < largest.stat().st_size / 2
    plain = _get(stack, f"/app/assets/{largest.name}", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers


@pytest.mark.skipif((DIST / "index.html").is_file(), reason="the page was built")
def test_where_the_page_was_not_built_it_says_what_to_do(stack: LocalStack) -> None:
    answer = _get(stack, "/app/datasets")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, HTML)
    assert '<a href="/v1/docs">' in answer.text


@pytest.mark.parametrize("path", ["/app/", "/app/assets/nothing-00000000.js", "/app"])
def test_every_answer_carries_the_security_headers(stack: LocalStack, user: User, path: str) -> None:
    headers = _get(stack, path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers
    # The page signs in and uploads at just these places.
    form = user.http.post("/datasets", json={"file_name": "a.csv"}).json()["upload"]
    places = {user.get("/config")["cognito_url"], form["url"]}
    origins = {"://".join(urlsplit(place)[:2]) for place in places}
    assert set(policy["connect-src"].split()) == {"'self'", *origins}


@pytest.mark.parametrize(
    "path",
    [
        "/app/assets/nothing-00000000.js",
        "/app/robots.txt",
        "/app/.vite/manifest.json",
        "/app/../app.py",
        "/app/assets/../../app.py",
        "/app/..%2fapp.py",
        "/app/assets/%2e%2e/%2e%2e/app.py",
        "/app/assets/..%2f..%2fapp.py",
        "/app/assets/%00.js",
        "/app/" + "x" * 6000 + ".js",
    ],
)
def test_what_is_no_file_of_the_page_is_a_problem(stack: LocalStack, path: str) -> None:
    status, media, body = _raw(stack, path)
    assert (status, media) == (404, "application/problem+json")
    assert b"import" not in body


@built
@pytest.mark.parametrize("path", ["/app/..", "/app/..%2f..%2fetc%2fpasswd", "/app/%00", "/app//evil/"])
def test_no_path_and_no_host_moves_the_page(stack: LocalStack, path: str) -> None:
    status, media, body = _raw(stack, path)
    assert (status, media) == (200, HTML)
    assert BASE.findall(body.decode()) == ["/v1/app/"]
    assert b"evil" not in body
