"""What a version can be downloaded as: an archive that runs with NumPy, and an ONNX file if there can be."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

import automl
from csv_analyzer import keys
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.storage import Storage

MAX_SECONDS = 60.0
LEAST_SECONDS = 2.0
_LOOK_SECONDS = 1.0
_FAULT = "error: "
_MAX_REASON = 500
_ROWS_FILE = "rows.json"
_MEDIA = {"archive": "application/zip", "onnx": "application/octet-stream"}


def make_exports(
    folder: Path, rows: Sequence[Mapping[str, Any]], seconds: float, clock: Callable[[], float]
) -> dict[str, dict[str, Any]]:
    """Write the files of a version that users may download.

    Parameters
    ----------
    folder : Path
        Holds the model, and then what it was exported as.
    rows : sequence of mappings
        Instances on which the ONNX file must answer as the model does.
    seconds : float
        How long writing and checking it may take.
    clock : callable
        Returns seconds; looked at all the time, so what it raises ends the work.

    Returns
    -------
    dict
        By format: ``bytes`` and ``sha256`` of the file (and ``parity`` of an ONNX file), or the ``reason``
        why there is none.
    """
    archive = folder / keys.EXPORT_FILES["archive"]
    archive.write_bytes(
        automl.pack_archive((folder / "model.npz").read_bytes(), (folder / "manifest.json").read_bytes())
    )
    (folder / _ROWS_FILE).write_text(json.dumps(rows), "utf-8")
    return {"archive": _file(archive), "onnx": _onnx(folder, seconds, clock)}


def store_exports(
    storage: Storage, folder: Path, exports: Mapping[str, Mapping[str, Any]], place: tuple[str, str, int]
) -> None:
    """Store the files that there are beside the version's model.

    Parameters
    ----------
    storage : Storage
        The data bucket.
    folder, exports
        See :func:`make_exports`.
    place : tuple
        Owner, model and version.
    """
    for name, export in exports.items():
        if "sha256" in export:
            file_name = keys.EXPORT_FILES[name]
            storage.put(keys.model(*place, file_name), (folder / file_name).read_bytes(), _MEDIA[name])


def _onnx(folder: Path, seconds: float, clock: Callable[[], float]) -> dict[str, Any]:
    """Convert in a process of its own: a crash or a delay there costs the file and not the training."""
    if seconds < LEAST_SECONDS:
        return {"reason": "The training took all the time there was; train with a smaller budget."}
    path = folder / keys.EXPORT_FILES["onnx"]
    command = [sys.executable, "-m", "automl", "export", str(folder), "--format", "onnx"]
    command += ["--rows", str(folder / _ROWS_FILE), "--out", str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    limit = min(MAX_SECONDS, seconds)
    try:
        done = _run(command, environment, limit, clock)
    except subprocess.TimeoutExpired:
        return _failed(f"Writing it took longer than {limit:.0f} seconds.", "timeout")
    if done.returncode == 0:
        return {**_file(path), "parity": json.loads(done.stdout)["parity"]}
    last = (done.stderr.strip().splitlines() or [""])[-1]
    if done.returncode == 1 and last.startswith(_FAULT):
        reason = last.removeprefix(_FAULT)[:_MAX_REASON]
        logger.info("no ONNX file", reason=reason)
        return {"reason": f"{reason[:1].upper()}{reason[1:]}."}
    return _failed("Writing it failed; the operator has been told.", done.stderr[-_MAX_REASON:])


def _run(
    command: Sequence[str], environment: Mapping[str, str], seconds: float, clock: Callable[[], float]
) -> subprocess.CompletedProcess[str]:
    """Run a command, which ends with this function whatever happens."""
    end = clock() + seconds
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            while True:
                left = end - clock()
                try:
                    out, err = process.communicate(timeout=max(0.0, min(left, _LOOK_SECONDS)))
                except subprocess.TimeoutExpired:
                    if left <= _LOOK_SECONDS:
                        raise
                else:
                    return subprocess.CompletedProcess(command, process.returncode, out, err)
        finally:
            process.kill()


def _failed(reason: str, evidence: str) -> dict[str, Any]:
    logger.error("the ONNX export failed", evidence=evidence)
    metrics.add_metric(Metric.EXPORTS_FAILED, MetricUnit.Count, 1)
    return {"reason": reason}


def _file(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
