"""What browsers are told about the page, so that nothing runs or leaves that is not meant to."""

import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_NONCE_BYTES: Final = 16
_UNUSED: Final = (
    *(
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
    ),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get"),
    *("screen-wake-lock", "usb", "xr-spatial-tracking"),
)
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED),
}
_OVER_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}


def new_nonce() -> str:
    """A nonce for one answer."""
    return secrets.token_urlsafe(_NONCE_BYTES)


class Shield:
    """The security headers of every answer.

    Parameters
    ----------
    services : iterable of str
        Addresses of what the page talks to besides the API: sign-in, and the bucket that files go to.
    """

    def __init__(self, services: Iterable[str]) -> None:
        # A path would allow that one address only; the same origin twice says no more than once.
        self._origins = " ".join(dict.fromkeys(map(_origin, services)))

    def headers(self, nonce: str, *, https: bool) -> dict[str, str]:
        """Headers of an answer; of one that holds no document the nonce is empty."""
        policy = {"Content-Security-Policy": self._policy(nonce)}
        return policy | _ALWAYS | (_OVER_HTTPS if https else {})

    def _policy(self, nonce: str) -> str:
        # Mantine writes its rules into <style>; React sets style by script, which needs no word here.
        styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
        directives = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": styles,
            "img-src": "'self' data: blob:",
            "font-src": "'self'",
            "connect-src": f"'self' {self._origins}",
            "form-action": "'self'",
            "base-uri": "'self'",
            "frame-ancestors": "'none'",
        }
        return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
