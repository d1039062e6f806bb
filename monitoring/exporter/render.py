"""Write YACE's configuration for one region and role: ``python -m monitoring.exporter.render >file``.

Environment
-----------
AWS_REGION
    The region of the stack; must be set.
YACE_ROLE_ARN
    The role to assume; without it YACE reads with the credentials that it finds.
YACE_DELAY_SECONDS
    How long a minute is over before it is read, 0 to 600; that of yace.yml without it.
AWS_ENDPOINT_URL
    Set for the local stack, which tags no resources: its AWS/* metrics are then read by their
    dimensions instead of by tag, under the same names.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).with_name("yace.yml")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-\d")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}")
_MOST_DELAY_SECONDS = 600


def render(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return YACE's configuration.

    Raises
    ------
    ValueError
        If the environment has no region, or a value that cannot be right; all faults are named.
    """
    region = environment.get("AWS_REGION", "")
    role = environment.get("YACE_ROLE_ARN", "")
    delay = environment.get("YACE_DELAY_SECONDS", "")
    faults = []
    if not _REGION.fullmatch(region):
        faults.append(f"AWS_REGION is {region[:100]!r}: a region such as eu-central-1 is needed")
    if role and not _ROLE.fullmatch(role):
        faults.append(f"YACE_ROLE_ARN is {role[:100]!r}: the ARN of a role is needed")
    if delay and not (re.fullmatch(r"[0-9]{1,3}", delay) and int(delay) <= _MOST_DELAY_SECONDS):
        faults.append(
            f"YACE_DELAY_SECONDS is {delay[:100]!r}: a number from 0 to {_MOST_DELAY_SECONDS} is needed"
        )
    if faults:
        raise ValueError("; ".join(faults))
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("${AWS_REGION}", region).replace("${YACE_ROLE_ARN}", role)
    config: dict[str, Any] = yaml.safe_load(text)
    if environment.get("AWS_ENDPOINT_URL"):
        config["customNamespace"] += [_by_dimensions(job) for job in config.pop("discovery")["jobs"]]
    for job in jobs(config):
        if delay and "delay" in job:
            job["delay"] = int(delay)
        if not role:
            del job["roles"]
    return config


def as_text(config: Mapping[str, Any]) -> str:
    """Return a configuration as YAML, with nothing in it by reference."""
    return yaml.dump(config, Dumper=_NoAliases, sort_keys=False)


def jobs(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all jobs of a configuration."""
    return [*config["customNamespace"], *config.get("discovery", {}).get("jobs", [])]


def _by_dimensions(job: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in job.items() if name not in {"type", "searchTags"}}
    return {"name": job["type"], "namespace": job["type"], **rest}


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True


def main() -> int:
    """Write the configuration for this process's environment to standard output."""
    try:
        sys.stdout.write(as_text(render(os.environ)))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
