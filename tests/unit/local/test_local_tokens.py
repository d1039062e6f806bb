"""Only an ID token of the template's pool and client, signed and not expired, is accepted."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.tokens import TokenError, TokenExpiredError, TokenVerifier, authorizer_claims

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
CLIENT = "client-1"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def verifier(key: rsa.RSAPrivateKey) -> TokenVerifier:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return TokenVerifier({"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]}, ISSUER, [CLIENT])


def claims(**changes) -> dict[str, object]:
    now = int(time.time())
    values = {"iss": ISSUER, "aud": CLIENT, "sub": "u1", "token_use": "id", "iat": now, "exp": now + 60}
    return {name: value for name, value in (values | changes).items() if value is not None}


def sign(key: rsa.RSAPrivateKey, kid: str = "k1", **changes) -> str:
    return jwt.encode(claims(**changes), key, algorithm="RS256", headers={"kid": kid})


def test_a_good_token_gives_its_claims(verifier: TokenVerifier, key: rsa.RSAPrivateKey):
    token = sign(key)
    assert verifier.verify(token)["sub"] == "u1"
    assert verifier.verify(f"Bearer {token}")["sub"] == "u1"


@pytest.mark.parametrize("header", [None, "", "Bearer ", "garbage", "Bearer a.b.c", "Basic dXNlcjpwYXNz"])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, header: str | None):
    with pytest.raises(TokenError):
        verifier.verify(header)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other"},
        {"aud": "client-2"},
        {"aud": None, "client_id": CLIENT},
        {"token_use": "access"},
        {"token_use": None},
        {"sub": None},
        {"exp": None},
        {"kid": "k2"},
    ],
)
def test_a_signed_token_for_something_else_is_refused(
    verifier: TokenVerifier, key: rsa.RSAPrivateKey, changes: dict[str, str]
):
    with pytest.raises(TokenError):
        verifier.verify(sign(key, **changes))


def test_an_expired_token_is_told_from_a_wrong_one(verifier: TokenVerifier, key: rsa.RSAPrivateKey):
    with pytest.raises(TokenExpiredError):
        verifier.verify(sign(key, exp=int(time.time()) - 10))


def test_a_token_of_another_key_is_refused(verifier: TokenVerifier):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(TokenError):
        verifier.verify(sign(other))


def test_a_changed_token_is_refused(verifier: TokenVerifier, key: rsa.RSAPrivateKey):
    head, body, signature = sign(key).split(".")
    changed = "A" if signature[10] != "A" else "B"
    with pytest.raises(TokenError):
        verifier.verify(f"{head}.{body}.{signature[:10]}{changed}{signature[11:]}")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_other_algorithm_is_accepted(verifier: TokenVerifier, algorithm: str):
    secret = None if algorithm == "none" else "a-shared-secret-of-at-least-32-bytes"
    token = jwt.encode(claims(), secret, algorithm=algorithm, headers={"kid": "k1"})
    with pytest.raises(TokenError):
        verifier.verify(token)


def test_functions_see_claims_as_text():
    seen = authorizer_claims(
        {
            "sub": "u1",
            "email_verified": True,
            "cognito:groups": ["editor", "viewer"],
            "auth_time": 1,
            "exp": 0,
        }
    )
    assert seen == {
        "sub": "u1",
        "email_verified": "true",
        "cognito:groups": "editor,viewer",
        "auth_time": "1",
        "exp": "Thu Jan 01 00:00:00 UTC 1970",
    }
