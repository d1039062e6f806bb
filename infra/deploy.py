"""Deploy what `make build` built: ``python infra/deploy.py default|staging|production``.

By hand, `samconfig.toml` says all: SAM makes a bucket and image repositories of its own, and CloudFormation
acts with the caller's rights. Where the outputs of `infra/delivery.yaml` stand in the environment, they take
their place.
"""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SAM = ROOT / ".venv-sam" / "bin" / "sam"
WRITTEN = ROOT / ".aws-sam" / "samconfig.yaml"
# Variables, each with the output of infra/delivery.yaml that it holds.
DELIVERY = {
    "DEPLOY_EXECUTION_ROLE_ARN": "ExecutionRoleArn",
    "DEPLOY_PERMISSIONS_BOUNDARY": "PermissionsBoundary",
    "DEPLOY_ARTIFACTS_BUCKET": "ArtifactsBucket",
    "DEPLOY_IMAGE_REPOSITORY": "ImageRepository",
}


def configured(environment: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """SAM's configuration of one environment.

    Parameters
    ----------
    environment : str
        One of those in `samconfig.toml`.
    variables : mapping
        Those of the process.

    Raises
    ------
    ValueError
        If there is no such environment, or if some, but not all, outputs of the delivery stack are given.
    """
    config: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
    known = [name for name, section in config.items() if isinstance(section, dict)]
    if environment not in known:
        raise ValueError(
            f"{environment!r} is none of the environments in samconfig.toml: {', '.join(known)}."
        )
    given = {name: variables.get(name, "") for name in DELIVERY}
    missing = [name for name, value in given.items() if not value]
    section = config[environment]
    if len(missing) < len(given):
        if missing:
            raise ValueError(
                f"{', '.join(missing)} must be set, too: they are outputs of infra/delivery.yaml "
                f"({', '.join(DELIVERY[name] for name in missing)})."
            )
        deploy = section["deploy"]["parameters"]
        del deploy["resolve_s3"], deploy["resolve_image_repos"]
        deploy["confirm_changeset"] = False
        deploy["role_arn"] = given["DEPLOY_EXECUTION_ROLE_ARN"]
        deploy["s3_bucket"] = given["DEPLOY_ARTIFACTS_BUCKET"]
        deploy["image_repository"] = given["DEPLOY_IMAGE_REPOSITORY"]
        deploy["parameter_overrides"].append(f"PermissionsBoundary={given['DEPLOY_PERMISSIONS_BOUNDARY']}")
    return {"version": config["version"], environment: section}


def main(environment: str) -> int:
    """Deploy, and return SAM's exit status."""
    try:
        config = configured(environment, os.environ)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(yaml.safe_dump(config))
    command = [str(SAM), "deploy", "--config-file", str(WRITTEN), "--config-env", environment]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "default"))
