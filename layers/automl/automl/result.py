"""What a training gives back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.reporting.document import encode

MODEL_FILE = "model.npz"
MANIFEST_FILE = "manifest.json"
REPORT_FILE = "report.json"


@dataclass(frozen=True)
class Result:
    """A trained, evaluated and exported model.

    Parameters
    ----------
    task, target, metric
        What was learned and what decided.
    leaderboard
        One entry per candidate, best first.
    metrics
        ``holdout``, ``cross_validation`` (with ``<metric>_std``) and ``baseline`` (on the holdout).
    rows
        Usable rows.
    dropped_rows
        Rows without a usable target.
    dropped_columns
        Columns that were not used, and why.
    parameters
        Flat, for an experiment tracker.
    warnings
        What the user should know.
    breaches
        What the operator should know: fits that were given up because their export answered otherwise than
        they did. Nothing of them is in the model.
    manifest
        Everything the stored model says about itself.
    report
        Everything that is told of the version: see :func:`automl.reporting.document.make_document`.
    npz_bytes, manifest_bytes
        The two files of the model.
    holdout_id, holdout_rows
        What names the holdout (None without the digest of the data), see
        :func:`automl.splitting.holdout.holdout_id`, and how many rows judged.
    sample
        Rows of the holdout and of the training as a client would send them, to compare other formats on.
    """

    task: str
    target: str
    metric: str
    leaderboard: list[dict[str, Any]]
    metrics: dict[str, dict[str, Any]]
    rows: int
    dropped_rows: int
    dropped_columns: dict[str, str]
    parameters: dict[str, Any]
    warnings: list[str]
    breaches: list[str]
    manifest: dict[str, Any]
    report: dict[str, Any]
    npz_bytes: bytes
    manifest_bytes: bytes
    holdout_id: str | None
    holdout_rows: int
    sample: list[dict[str, Any]]

    def save(self, directory: str | Path) -> None:
        """Write ``model.npz``, ``manifest.json`` and ``report.json``."""
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_FILE).write_bytes(self.npz_bytes)
        (folder / MANIFEST_FILE).write_bytes(self.manifest_bytes)
        (folder / REPORT_FILE).write_bytes(encode(self.report))
