"""Verification of Cognito ID tokens, as the authorizer of API Gateway does it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt

_ACCEPTED_USE = "id"


class TokenError(Exception):
    """The token is not accepted."""


class TokenExpiredError(TokenError):
    """The token was good once."""


class TokenVerifier:
    """Verifies ID tokens of one user pool.

    Parameters
    ----------
    key_set:
        The JSON Web Key Set of the pool.
    issuer:
        The pool's issuer.
    audiences:
        The ids of the pool's clients.
    """

    def __init__(self, key_set: Mapping[str, Any], issuer: str, audiences: Collection[str]) -> None:
        self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(dict(key_set)).keys}
        self._issuer = issuer
        self._audiences = list(audiences)

    def verify(self, header: str | None) -> dict[str, Any]:
        """Return the claims of the token in an Authorization header, with or without ``Bearer``.

        Raises
        ------
        TokenError
            If there is no token, or its signature, issuer, audience, expiry or use is wrong.
        """
        token = (header or "").removeprefix("Bearer ").strip()
        try:
            key = self._keys.get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise TokenError("the token is signed with an unknown key")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audiences,
                issuer=self._issuer,
                options={"require": ["exp", "iss", "aud", "sub", "token_use"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenExpiredError("the token has expired") from None
        except jwt.InvalidTokenError as error:
            raise TokenError(f"the token is not valid: {error}") from None
        if claims["token_use"] != _ACCEPTED_USE:
            raise TokenError("the token is no ID token")
        return claims


def authorizer_claims(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return claims as API Gateway hands them to a function: every one of them is text."""
    return {name: _claim_text(name, value) for name, value in claims.items()}


def _claim_text(name: str, value: Any) -> str:
    if name in {"exp", "iat"}:
        return datetime.fromtimestamp(value, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)
