"""Tokens: what they say, and where they are kept."""

import base64
import json
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from csv_analyzer_client.files import write_privately
from csv_analyzer_client.settings import require_profile_name, state_folder

_MAX_BYTES: Final = 100_000
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, repr=False)
class Tokens:
    """What Cognito gives to somebody who signed in.

    Parameters
    ----------
    id_token : str
        Shown to the service.
    refresh_token : str
        Gets new ones; empty if there is none.
    expires_at : float
        When the ID token ends, in seconds since 1970.
    url : str
        Service that the tokens are for; no other one is shown them.
    cognito_url, user_pool_client_id : str
        Who refreshes and revokes them.
    """

    id_token: str
    refresh_token: str
    expires_at: float
    url: str
    cognito_url: str
    user_pool_client_id: str

    @property
    def claims(self) -> Mapping[str, Any]:
        """What the ID token says, unverified: good for showing and for its end, not for trust."""
        return claims_of(self.id_token)

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Read what :func:`dataclasses.asdict` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is none.
        """
        texts = {
            name: content[name]
            for name in ("id_token", "refresh_token", "url", "cognito_url", "user_pool_client_id")
        }
        if not all(isinstance(text, str) for text in texts.values()):
            raise TypeError("a token is no text")
        return cls(**texts, expires_at=float(content["expires_at"]))


def claims_of(id_token: str) -> Mapping[str, Any]:
    """Claims of a JSON Web Token, unverified; none if it is malformed."""
    with suppress(ValueError, IndexError, RecursionError):
        payload = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if isinstance(claims, dict):
            return claims
    return {}


@dataclass(frozen=True)
class TokenStore:
    """The tokens of one profile: a file of mode 600 in a folder of mode 700.

    Parameters
    ----------
    path : Path
        Of the file.
    """

    path: Path

    @classmethod
    def of_profile(cls, name: str) -> Self:
        """The store of a profile, below `$XDG_STATE_HOME`."""
        return cls(state_folder() / "tokens" / f"{require_profile_name(name)}.json")

    def load(self) -> Tokens | None:
        """The tokens, or None if there are none that can be read."""
        try:
            with self.path.open("rb") as file:
                if stat.S_IMODE(self.path.stat().st_mode) & _OTHERS:
                    self.path.chmod(0o600)
                return Tokens.from_json(json.loads(file.read(_MAX_BYTES)))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def save(self, tokens: Tokens) -> None:
        """Keep tokens in the place of those before.

        Raises
        ------
        UsageError
            If they can't be written.
        """
        write_privately(self.path, json.dumps(asdict(tokens)))

    def delete(self) -> None:
        """Forget the tokens."""
        self.path.unlink(missing_ok=True)
