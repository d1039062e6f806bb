"""The environment variables of a function's process, as Lambda sets them and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from infra.local.physical import PhysicalIds
from infra.local.process import base_environment
from infra.local.specs import Function

ACCESS_KEY_ID = "local"
SECRET_ACCESS_KEY = "local"  # noqa: S105 - moto accepts any; a real key never gets here


def aws_variables(ids: PhysicalIds, aws_url: str) -> dict[str, str]:
    """Return the variables that send every AWS client to the local endpoint."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_SESSION_TOKEN": "local",
        "AWS_REGION": ids.region,
        "AWS_DEFAULT_REGION": ids.region,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def function_variables(
    function: Function,
    task_root: Path,
    import_path: Sequence[Path],
    temporary: Path,
    runtime_api: str,
) -> dict[str, str]:
    """Return all variables of an execution environment but those of `aws_variables`.

    Parameters
    ----------
    function:
        The function; what the template declares for it wins over nothing that Lambda reserves.
    task_root:
        The folder of its code.
    import_path:
        The folders that it may import from, before the installed packages.
    temporary:
        What stands for /tmp; it is the home as well, so that no settings of the developer are read.
    runtime_api:
        Host and port of the Runtime API of this environment.
    """
    return (
        base_environment()
        | dict(function.environment)
        | {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime or 'Image'}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[$LATEST]{temporary.name}",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "HOME": str(temporary),
            "LAMBDA_TASK_ROOT": str(task_root),
            "PYTHONPATH": ":".join(str(folder) for folder in import_path),
            "TMPDIR": str(temporary),
            "TZ": ":UTC",
            "_HANDLER": function.handler,
        }
    )
