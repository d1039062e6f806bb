"""Where a stack answers: ``python -m infra.url default|staging|production`` prints its output ApiUrl."""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy import configured

OUTPUT = "ApiUrl"


def api_url(environment: str) -> str:
    """Address of the API of an environment's stack, as CloudFormation tells it.

    Parameters
    ----------
    environment : str
        One of those in `samconfig.toml`.

    Raises
    ------
    ValueError
        If there is no such environment, no such stack, or nobody who may ask.
    """
    stack = configured(environment, {})[environment]["global"]["parameters"]["stack_name"]
    try:
        (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise ValueError(
            f"CloudFormation does not tell of the stack {stack}: {error}. "
            "That takes AWS credentials, AWS_REGION, and a stack that is deployed."
        ) from error
    for output in found.get("Outputs", []):
        if output["OutputKey"] == OUTPUT:
            return str(output["OutputValue"])
    raise ValueError(f"The stack {stack} has no output {OUTPUT}: was its first deployment complete?")


def main(environment: str) -> int:
    """Print the address; return the exit status."""
    try:
        print(api_url(environment))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "default"))
