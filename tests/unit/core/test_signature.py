"""Signatures, held against botocore's."""

from datetime import UTC, datetime
from urllib.parse import quote

import hypothesis
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import strategies

from csv_analyzer.signature import AccessKey, Scope, signed_headers

MOMENT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)
KEYS = (AccessKey("AKIDEXAMPLE", "a/secret+key"), AccessKey("ASIAEXAMPLE", "another", "to/ken=="))


def theirs(key: AccessKey, scope: Scope, request: tuple[str, str, bytes], headers: dict[str, str]) -> str:
    method, path, body = request
    sent = {name: value for name, value in headers.items() if name != "Authorization"}
    asked = AWSRequest(method, f"https://{headers['Host']}{path}", sent, body)
    asked.context["timestamp"] = headers["X-Amz-Date"]
    signer = S3SigV4Auth if scope.service == "s3" else SigV4Auth
    auth = signer(Credentials(key.id, key.secret, key.token or None), scope.service, scope.region)
    text = auth.string_to_sign(asked, auth.canonical_request(asked))
    return str(auth.signature(text, asked))


@pytest.mark.parametrize("key", KEYS)
@hypothesis.given(name=strategies.text(min_size=1, max_size=30))
def test_a_read_of_an_object_is_signed_as_botocore_signs_it(key: AccessKey, name: str) -> None:
    name = name.encode("utf-8", "ignore").decode()
    request = ("GET", f"/{quote('models/' + name, safe='/~')}", b"")
    scope = Scope("s3", "eu-central-1")

    headers = signed_headers(key, scope, MOMENT, request, {"Host": "bucket.s3.eu-central-1.amazonaws.com"})

    assert headers["Authorization"].endswith(f"Signature={theirs(key, scope, request, headers)}")


@pytest.mark.parametrize("key", KEYS)
@hypothesis.given(name=strategies.text(min_size=1, max_size=30), body=strategies.binary(max_size=200))
def test_a_write_of_an_object_is_signed_as_botocore_signs_it(key: AccessKey, name: str, body: bytes) -> None:
    name = name.encode("utf-8", "ignore").decode()
    request = ("PUT", f"/{quote('observations/' + name, safe='/~')}", body)
    scope = Scope("s3", "eu-central-1")
    extra = {"Host": "bucket.s3.eu-central-1.amazonaws.com", "Content-Type": "application/json"}

    headers = signed_headers(key, scope, MOMENT, request, extra)

    assert headers["Authorization"].endswith(f"Signature={theirs(key, scope, request, headers)}")


@pytest.mark.parametrize("key", KEYS)
@hypothesis.given(body=strategies.binary(max_size=200))
def test_a_read_of_an_item_is_signed_as_botocore_signs_it(key: AccessKey, body: bytes) -> None:
    request = ("POST", "/", body)
    scope = Scope("dynamodb", "us-east-1")
    extra = {"Host": "dynamodb.us-east-1.amazonaws.com", "X-Amz-Target": "DynamoDB_20120810.GetItem"}

    headers = signed_headers(key, scope, MOMENT, request, extra)

    assert headers["Authorization"].endswith(f"Signature={theirs(key, scope, request, headers)}")
    assert ("X-Amz-Security-Token" in headers) == bool(key.token)
