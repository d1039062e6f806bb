"""Which service is meant: options, then the environment, then profiles in a file."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.files import write_privately

DEFAULT_PROFILE: Final = "default"
ENVIRONMENT: Final = {
    "url": "CSV_ANALYZER_URL",
    "region": "CSV_ANALYZER_REGION",
    "user_pool_client_id": "CSV_ANALYZER_CLIENT_ID",
    "cognito_url": "CSV_ANALYZER_COGNITO_URL",
}
PROFILE_VARIABLE: Final = "CSV_ANALYZER_PROFILE"
TOKEN_VARIABLE: Final = "CSV_ANALYZER_TOKEN"  # noqa: S105  # a name
_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MAX_BYTES: Final = 1_000_000
_FOLDER: Final = "csv-analyzer"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A deployed stack.

    Parameters
    ----------
    url : str
        Address of the API, with its stage.
    region : str
        AWS region of the user pool.
    user_pool_client_id : str
        App client to sign in with.
    cognito_url : str
        Address of Cognito.
    """

    url: str = ""
    region: str = ""
    user_pool_client_id: str = ""
    cognito_url: str = ""

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Read what :func:`vars` of one gave; everything that is not text counts as absent."""
        known = content if isinstance(content, dict) else {}
        return cls(**{name: text for name in ENVIRONMENT if isinstance(text := known.get(name), str)})

    def over(self, below: "Service") -> "Service":
        """The same with what is missing taken from another one."""
        return replace(below, **{name: value for name, value in vars(self).items() if value})

    def checked(self) -> "Service":
        """The same, with addresses that a password and a token may be sent to.

        Raises
        ------
        UsageError
            If there is no address, or one that is not safe.
        """
        if not self.url:
            raise UsageError("No service is configured. Run: csv-analyzer configure URL")
        safe = replace(self, url=safe_url(self.url).rstrip("/"))
        if not self.cognito_url and self.region:
            safe = replace(safe, cognito_url=cognito_address(self.region))
        if safe.cognito_url:
            safe = replace(safe, cognito_url=safe_url(safe.cognito_url).rstrip("/"))
        return safe


@dataclass(frozen=True)
class Profiles:
    """Services by name, in a file below `$XDG_CONFIG_HOME`.

    Parameters
    ----------
    path : Path
        Of the file.
    services : mapping
        By name of the profile.
    current : str
        The one that is used where none is named.
    """

    path: Path
    services: Mapping[str, Service] = field(default_factory=dict)
    current: str = DEFAULT_PROFILE

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the file; none is like an empty one.

        Raises
        ------
        UsageError
            If it can't be read.
        """
        path = path or config_folder() / "config.json"
        try:
            with path.open("rb") as file:
                content = json.loads(file.read(_MAX_BYTES))
            services = {
                require_profile_name(name): Service.from_json(service)
                for name, service in content["profiles"].items()
            }
            current = require_profile_name(content.get("current", DEFAULT_PROFILE))
        except FileNotFoundError:
            return cls(path)
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
            UsageError,
        ) as error:
            raise UsageError(f"The configuration {path} can't be read; mend or remove it.") from error
        return cls(path, services, current)

    def with_service(self, name: str, service: Service) -> Self:
        """The same with one more profile, which becomes the current one."""
        services = {**self.services, require_profile_name(name): service}
        return replace(self, services=services, current=name)

    def save(self) -> None:
        """Write the file."""
        content = {
            "current": self.current,
            "profiles": {name: vars(service) for name, service in self.services.items()},
        }
        write_privately(self.path, json.dumps(content, indent=2) + "\n")


def service_of(profile: str | None, given: Service, profiles: Profiles) -> tuple[str, Service]:
    """The profile's name and its service: options over the environment over the file.

    Raises
    ------
    UsageError
        If a profile is asked for that is not there and nothing else says where the service is.
    """
    named = profile or os.environ.get(PROFILE_VARIABLE)
    name = require_profile_name(named or profiles.current)
    environment = Service(**{part: os.environ.get(variable, "") for part, variable in ENVIRONMENT.items()})
    upper = given.over(environment)
    if named and name not in profiles.services and not upper.url:
        there = ", ".join(sorted(profiles.services)) or "none"
        raise UsageError(f"There is no profile {name!r}; there are: {there}.")
    below = profiles.services.get(name, Service())
    if upper.url and upper.url.rstrip("/") != below.url:
        # Another service's Cognito must not get this one's passwords.
        below = Service()
    return name, upper.over(below)


def require_profile_name(name: str) -> str:
    """A profile's name, which also names a file.

    Raises
    ------
    UsageError
        If it is none.
    """
    if not _PROFILE_NAME.fullmatch(name):
        raise UsageError("A profile's name has letters, digits, '-', '_' and '.', at most 64.")
    return name


def config_folder() -> Path:
    """Folder of the configuration: `$XDG_CONFIG_HOME/csv-analyzer`."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """Folder of the tokens: `$XDG_STATE_HOME/csv-analyzer`."""
    return _xdg("XDG_STATE_HOME", ".local/state")


def cognito_address(region: str) -> str:
    """Cognito's public address in a region.

    Raises
    ------
    UsageError
        If it is no region's name.
    """
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region):
        raise UsageError(f"{region[:50]!r} is no AWS region.")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://cognito-idp.{region}.{suffix}"


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def safe_url(url: str) -> str:
    """An address that secrets may be sent to: https, or this machine.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"{url[:200]!r} is no address.") from error
    if parts.scheme not in {"https", "http"} or not host or parts.username or parts.password:
        raise UsageError(f"{url[:200]!r} is no address like https://host/v1.")
    if parts.scheme == "http" and not is_loopback(url):
        raise UsageError(f"{url[:200]!r} is not encrypted; only https is used beyond this machine.")
    return url


def _xdg(variable: str, default: str) -> Path:
    given = os.environ.get(variable, "")
    # The specification says that a relative path must be ignored.
    base = Path(given) if given and Path(given).is_absolute() else Path.home() / default
    return base / _FOLDER
