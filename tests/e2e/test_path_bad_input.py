"""What bad input gets, across the whole local stack."""

import gzip
import io
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import PASSWORD, User

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

GOOD = b"rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%d\n" % (i % 7, i % 31, [b"flat", b"house"][i % 2], 1000 * (i % 7) + i % 31)
    for i in range(120)
)


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.csv", GOOD)
    return buffer.getvalue()


# Name of the file -> content, target, code of the fault and a word that its sentence must have.
BAD_FILES: dict[str, tuple[bytes, str, str]] = {
    "empty.csv": (b"", "price", "empty"),
    "header.csv": (b"rooms,age,price\n", "price", "row"),
    "png.csv": (b"\x89PNG\r\n\x1a\n" + bytes(200), "price", "PNG"),
    "gzip.csv": (gzip.compress(GOOD), "price", "gzip"),
    "zip.csv": (_zip(), "price", "ZIP"),
    "pdf.csv": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"1 0 obj\n" * 20, "price", "PDF"),
    "binary.csv": (bytes(range(256)) * 40, "price", "text"),
    "one-column.csv": (b"price\n1\n2\n3\n" * 20, "price", "column"),
    "no-such-target.csv": (GOOD, "prize", "prize"),
    "constant-target.csv": (GOOD.replace(b"flat", b"house"), "kind", "kind"),
    "missing-target.csv": (b"rooms,kind\n" + b"1,\n2,\n3,\n" * 40, "kind", "kind"),
    "few-rows.csv": (b"rooms,price\n1,2\n2,3\n3,4\n", "price", "rows"),
    "WORKBOOK.XLSX": (_zip(), "price", "Excel"),
    "too-large.csv": (GOOD + b"1,2,flat,3\n" * 300_000, "price", "bytes"),
}


def test_every_bad_file_ends_as_failed_with_one_sentence_that_helps(user: User) -> None:
    # One after the other: three of them are refused by the training, and two at a time is the limit.
    for name, (content, target, word) in BAD_FILES.items():
        user.drop(content, name, target=target)
        ended = user.dropped(name)
        if ended["status"] == "READY":
            ended = user.job(ended["job_id"])
        assert ended["status"] == "FAILED", name
        message = ended["error"]["message"]
        assert word in message, (name, message)
        assert "Traceback" not in message
        assert "\n" not in message
        assert 20 < len(message) < 400, (name, message)
    assert user.get("/models")["items"] == []


def test_no_route_but_the_public_ones_answers_without_a_good_token(
    stack: LocalStack, user: User, new_user: Callable[[], User]
) -> None:
    good = user.http.headers["Authorization"]
    claims = jwt.decode(good, options={"verify_signature": False})
    access = stack.tokens(user.email, PASSWORD)["AccessToken"]
    forged = jwt.encode({**claims, "exp": int(time.time()) + 600}, "x" * 32, algorithm="HS256")
    head, payload, signature = good.split(".")
    bad_tokens = [
        None,
        "",
        "Bearer",
        "nonsense",
        forged,
        access,
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[::-1]}",
    ]
    public = {"/", "/app", "/app/{proxy+}", "/config", "/docs", "/health", "/openapi.json"}
    for route in stack.template.api.routes:
        path = re.sub(r"\{\w+\}", "1", route.path)
        for token in bad_tokens:
            answer = httpx.request(
                route.method,
                stack.api_url + path,
                headers={} if token is None else {"Authorization": token},
                trust_env=False,
            )
            if path in public:
                assert answer.status_code in {200, 302}, path
                break
            assert answer.status_code == 401, (path, token)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == 401


def test_a_prediction_is_answered_per_feature(user: User) -> None:
    job = user.job(user.train(user.dataset(user.upload(GOOD, "homes.csv"))["id"], "price"))
    assert job["status"] == "SUCCEEDED", job
    row = {"rooms": 3, "age": 10, "kind": "flat"}

    def faults(*instances: dict[str, Any]) -> dict[tuple[int, str], str]:
        answer = user.predict("homes", *instances)
        assert answer.status_code == 422, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        return {(fault["instance"], fault["feature"]): fault["code"] for fault in answer.json()["errors"]}

    assert user.predict("homes", row).status_code == 200
    assert faults({"rooms": 3, "kind": "flat"}) == {(0, "age"): "missing"}
    assert faults({**row, "hue": 1}) == {(0, "hue"): "unknown"}
    assert faults({**row, "rooms": "three"}).keys() == {(0, "rooms")}
    assert faults({**row, "rooms": None}).keys() == {(0, "rooms")}
    assert faults(row, {**row, "age": [1], "hue": 1}).keys() == {(1, "age"), (1, "hue")}


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"file_name": 1, "other": 2}'])
def test_wrong_json_is_a_problem_document_that_names_the_faults(user: User, body: str) -> None:
    answer = user.http.post("/datasets", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_a_path_that_is_not_there_is_a_404(user: User) -> None:
    for path in ("/nothing", "/datasets/x/y/z", "/models/x/predict"):
        answer = user.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_a_request_over_the_payload_limit_is_refused(user: User) -> None:
    answer = user.http.post("/datasets", content=b"a,b\n" * 3_000_000, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "payload_too_large"
    instances = {"instances": [{"note": "x" * 7_000_000}]}
    answer = user.http.post("/models/homes/predict", json=instances)
    assert answer.status_code == 413
    assert "POST /models/{name}/batch" in answer.json()["detail"]


def test_a_client_signs_in_with_what_the_service_says_of_itself(user: User) -> None:
    config = httpx.get(f"{user.stack.api_url}/config", trust_env=False).json()
    assert config["user_pool_client_id"] == user.stack.outputs["UserPoolClientId"]
    signed_in = httpx.post(
        config["cognito_url"],
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        },
        json={
            "ClientId": config["user_pool_client_id"],
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": user.email, "PASSWORD": PASSWORD},
        },
        trust_env=False,
    )
    token = signed_in.json()["AuthenticationResult"]["IdToken"]
    seen = httpx.get(f"{user.stack.api_url}/models", headers={"Authorization": token}, trust_env=False)
    assert seen.status_code == 200
