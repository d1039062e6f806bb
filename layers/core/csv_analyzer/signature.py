"""AWS Signature Version 4, as far as a request without a query needs it.

"Create a signed AWS API request", AWS Identity and Access Management User Guide. A test holds every signature
against botocore's, whose import alone takes longer than all the rest of a prediction.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class AccessKey:
    """What requests are signed with.

    Parameters
    ----------
    id, secret
        The key.
    token
        Of a session; empty for a key that is not temporary.
    expires_at
        Seconds since 1970 from which on AWS refuses it; infinity if it does not say.
    """

    id: str
    secret: str
    token: str = ""
    expires_at: float = float("inf")


@dataclass(frozen=True)
class Scope:
    """Service and region that a signature is good for."""

    service: str
    region: str


def signed_headers(
    key: AccessKey,
    scope: Scope,
    moment: datetime,
    request: tuple[str, str, bytes],
    headers: Mapping[str, str],
) -> dict[str, str]:
    """Headers of a request, those that sign it among them.

    Parameters
    ----------
    key, scope
        Who asks, and whom.
    moment
        Now, in UTC.
    request
        Method, path in its encoded form, and body.
    headers
        What is sent beside: ``Host`` and others, all of which are signed.
    """
    method, path, body = request
    digest = hashlib.sha256(body).hexdigest()
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "X-Amz-Date": stamp, "X-Amz-Content-SHA256": digest}
    if key.token:
        sent["X-Amz-Security-Token"] = key.token
    signed = sorted((name.lower(), value.strip()) for name, value in sent.items())
    names = ";".join(name for name, _ in signed)
    lines = (method, path, "", *(f"{name}:{value}" for name, value in signed), "", names, digest)
    place = f"{stamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    text = "\n".join((_ALGORITHM, stamp, place, hashlib.sha256("\n".join(lines).encode()).hexdigest()))
    derived = f"AWS4{key.secret}".encode()
    for part in place.split("/"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    signature = hmac.digest(derived, text.encode(), "sha256").hex()
    sent["Authorization"] = (
        f"{_ALGORITHM} Credential={key.id}/{place}, SignedHeaders={names}, Signature={signature}"
    )
    return sent
