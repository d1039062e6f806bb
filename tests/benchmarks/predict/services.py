"""Over HTTP: MLflow's server and FastAPI beside our local stack's route and the handler behind it."""

import hashlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from csv_analyzer import keys
from csv_analyzer.catalog import model_key, version_key
from csv_analyzer.dynamo import Table, put_new
from csv_analyzer.records import Model, Version
from infra.local import demo
from infra.local.lambda_environment import aws_variables
from infra.local.stack import LocalStack
from tests.benchmarks.automl.measure import MEGABYTE, _held
from tests.benchmarks.predict.served import TIMES
from tests.benchmarks.predict.tools import ROOT, Tools

FAMILY = "histogram_boosting"
MODEL = "measured"
HANDLED = Path(__file__).parent / "handled.py"
SAVE = """
import joblib, mlflow.sklearn, sys
mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], pip_requirements=[],
                          pyfunc_predict_fn="predict_proba", serialization_format="cloudpickle")
"""
HTTP_OK = 200
START_SECONDS = 120
type Figures = dict[str, list[float]]


def measure(models: Path, tools: Tools, folder: Path, rounds: int) -> dict[str, Figures]:
    """Return the figures of each service, in turns."""
    rows = json.loads((models / "rows.json").read_text())
    saved = folder / "mlflow"
    pipeline = models / FAMILY / "pipeline.joblib"
    environment = tools.environment("sklearn_joblib_pandas")
    subprocess.run(
        [str(tools.peers), "-c", SAVE, str(pipeline), str(saved)],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    found: dict[str, Figures] = {}
    with LocalStack(ROOT / "template.yaml", state_dir=folder / "stack", mlflow=False) as stack:
        owner = stack.create_user(demo.EMAIL, demo.PASSWORD)
        _store(stack, owner, models / FAMILY)
        token = stack.sign_in(demo.EMAIL, demo.PASSWORD)
        for _ in range(rounds):
            for name, figures in (
                ("csv_analyzer_route", _route(stack, token, rows)),
                ("csv_analyzer_handler", _handler(stack, owner, models / "rows.json")),
                ("fastapi_joblib", _fastapi(tools, pipeline, environment, rows, folder)),
                ("mlflow_serve", _mlflow(tools, saved, environment, rows, folder)),
            ):
                for measure_name, value in figures.items():
                    found.setdefault(name, {}).setdefault(measure_name, []).append(value)
            sys.stderr.write("a turn of the services is over\n")
    return found


def _store(stack: LocalStack, owner: str, folder: Path) -> None:
    """Enter a model into the stack as a training would."""
    digests = []
    for name in ("model.npz", "manifest.json"):
        content = (folder / name).read_bytes()
        digests.append(hashlib.sha256(content).hexdigest())
        stack.client("s3").put_object(
            Bucket=stack.template.buckets["DataBucket"].name,
            Key=keys.model(owner, MODEL, 1, name),
            Body=content,
        )
    entered = Version(
        owner=owner,
        created_at="2026-01-01T00:00:00Z",
        model=MODEL,
        version=1,
        dataset_id="d",
        job_id="j",
        task="classification",
        target="label",
        metric="log_loss",
        npz_sha256=digests[0],
        manifest_sha256=digests[1],
    )
    model = Model(owner=owner, created_at=entered.created_at, name=MODEL, latest=1, production=1)
    table = Table(stack.template.tables["Catalog"].name)
    for key, item in ((version_key(owner, MODEL, 1), entered), (model_key(owner, MODEL), model)):
        ((_, request),) = put_new(key, item.to_item()).items()
        stack.client("dynamodb").put_item(TableName=table.name, Item=request["Item"])


def _route(stack: LocalStack, token: str, rows: list[Any]) -> dict[str, float]:
    pool = stack.functions["PredictFunction"]
    url = f"{stack.api_url}/models/{MODEL}/predict"
    ask = _asker(url, {"Authorization": token})
    pool.kill()
    begun = time.perf_counter()
    ask({"instances": rows[:1]})
    cold = (time.perf_counter() - begun) * 1000
    figures = _warm(lambda count: ask({"instances": rows[:count]}), (1, 100))
    return {"cold_start_ms": cold, **figures, "peak_rss_mb": pool.peak_memory_mb}


def _handler(stack: LocalStack, owner: str, rows_file: Path) -> dict[str, float]:
    paths = (ROOT, ROOT / "layers/core", ROOT / "layers/scoring", ROOT / "functions/predict")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        **stack.template.functions["PredictFunction"].environment,
        **aws_variables(stack.template.ids, stack.aws_url),
    }
    begun = time.perf_counter()
    command = [sys.executable, "-P", str(HANDLED), str(rows_file), owner, MODEL]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        cold = (time.perf_counter() - begun) * 1000
        rest = process.stdout.read()
    if first != "first\n":
        raise RuntimeError("the handler did not answer")
    return {"cold_start_ms": cold, **json.loads(rest)}


def _fastapi(
    tools: Tools, pipeline: Path, environment: dict[str, str], rows: list[Any], folder: Path
) -> dict[str, float]:
    port = _free_port()
    app_folder = str(Path(__file__).parent)
    command = [str(tools.peers), "-m", "uvicorn", "--app-dir", app_folder, "fastapi_app:app"]
    command += ["--port", str(port), "--log-level", "warning"]
    bodies: Callable[[list[Any]], Any] = lambda some: {"instances": some}  # noqa: E731
    url = f"http://127.0.0.1:{port}/predict"
    return _served(command, {**environment, "PIPELINE": str(pipeline)}, url, bodies, rows, folder)


def _mlflow(
    tools: Tools, saved: Path, environment: dict[str, str], rows: list[Any], folder: Path
) -> dict[str, float]:
    port = _free_port()
    command = [str(tools.peers.parent / "mlflow"), "models", "serve", "-m", str(saved)]
    command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
    path = f"{tools.peers.parent}{os.pathsep}{environment['PATH']}"
    bodies: Callable[[list[Any]], Any] = lambda some: {"dataframe_records": some}  # noqa: E731
    url = f"http://127.0.0.1:{port}/invocations"
    return _served(command, {**environment, "PATH": path}, url, bodies, rows, folder)


def _served(
    command: list[str],
    environment: dict[str, str],
    url: str,
    bodies: Callable[[list[Any]], Any],
    rows: list[Any],
    folder: Path,
) -> dict[str, float]:
    begun = time.perf_counter()
    with _process(command, environment, folder / "service.log") as process:
        ask = _asker(url, {})
        while True:
            try:
                ask(bodies(rows[:1]))
                break
            except (OSError, http.client.HTTPException):
                if process.poll() is not None or time.perf_counter() - begun > START_SECONDS:
                    raise
                time.sleep(0.01)
        cold = (time.perf_counter() - begun) * 1000
        figures = _warm(lambda count: ask(bodies(rows[:count])), (1, 100))
        tree = [psutil.Process(process.pid)]
        tree += tree[0].children(recursive=True)
        held = sum(map(_held, tree)) / MEGABYTE
        return {"cold_start_ms": cold, **figures, "peak_rss_mb": held}


@contextmanager
def _process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        for child in [*psutil.Process(process.pid).children(recursive=True), process]:
            child.terminate()
        process.wait(20)


def _asker(url: str, headers: dict[str, str]) -> Callable[[Any], None]:
    """Return what posts a document over a connection that stays open."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=START_SECONDS)

    def ask(document: Any) -> None:
        try:
            connection.request(
                "POST", parts.path, json.dumps(document), {"Content-Type": "application/json", **headers}
            )
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        if answer.status != HTTP_OK:
            raise RuntimeError(f"{url} answered {answer.status}: {content[:300]!r}")

    return ask


def _warm(ask: Callable[[int], None], counts: tuple[int, ...]) -> dict[str, float]:
    figures = {}
    for count in counts:
        durations = []
        for _ in range(TIMES[count] + 1):
            start = time.perf_counter()
            ask(count)
            durations.append((time.perf_counter() - start) * 1000)
        figures[f"row{count}_ms"] = statistics.median(durations[1:])
    return figures


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
