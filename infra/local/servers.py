"""The servers of the stack: moto for AWS, and MLflow."""

import sys
from pathlib import Path

from infra.local.process import LOOPBACK, Guard, ServerProcess

_ROOT = Path(__file__).parents[2]


def moto_server(port: int, state_dir: Path, guard: Guard) -> ServerProcess:
    """Return the server that stands for AWS."""
    return ServerProcess(
        name="moto (the local AWS)",
        command=[sys.executable, "-m", "infra.local.moto_process", "-H", LOOPBACK, "-p", str(port)],
        health_url=f"http://{LOOPBACK}:{port}/moto-api/data.json",
        log_path=state_dir / "logs" / "moto.log",
        guard=guard,
        environment={"PYTHONPATH": str(_ROOT)},
    )


def mlflow_server(port: int, state_dir: Path, guard: Guard) -> ServerProcess:
    """Return the MLflow server on SQLite; its database and artifacts stay in the state folder."""
    folder = state_dir / "mlflow"
    artifacts = folder / "artifacts"
    artifacts.mkdir(parents=True, exist_ok=True)
    return ServerProcess(
        name="MLflow",
        command=[
            *(sys.executable, "-m", "mlflow", "server"),
            *("--host", LOOPBACK, "--port", str(port), "-w", "1"),
            *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
            *("--artifacts-destination", artifacts.as_uri(), "--serve-artifacts"),
        ],
        health_url=f"http://{LOOPBACK}:{port}/health",
        log_path=state_dir / "logs" / "mlflow.log",
        guard=guard,
        environment={
            # The job runner starts more processes and quadruples start-up time and memory.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "HOME": str(folder),
        },
    )
