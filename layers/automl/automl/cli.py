"""The commands fit, predict, clean, export, card and profile.

Results go to stdout, progress and faults to stderr.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

import scoring
from automl.cleaning.applying import apply
from automl.cleaning.recipe import read_file
from automl.cleaning.tables import written
from automl.config import AUTO, TASKS, FitConfig, Progress
from automl.errors import AutomlError, DataError
from automl.features.encoders import raw_columns
from automl.judging.weighting import BALANCED
from automl.profiling.profile import profile
from automl.reading.reader import read_csv
from automl.reporting.card import model_card
from automl.result import MANIFEST_FILE, MODEL_FILE, REPORT_FILE, Result
from automl.serving.archive import pack_archive
from automl.serving.export import instances_of, sha256
from automl.table import Table
from automl.training import fit
from scoring.columns import FloatArray
from scoring.files.formats import column_formats

FAULT_OF_DATA = 1
LISTED = 20
# Of a CSV file: so many rows are compared.
CHECKED_ROWS = 1_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns
    -------
    int
        0, 1 for a fault of the data or the files (2 for a wrong command line is argparse's).
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (AutomlError, scoring.ModelError, OSError) as error:
        _say(f"error: {error}")
        return FAULT_OF_DATA
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="automl", description="Train on a CSV file, predict, clean, export, tell, profile."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    train = commands.add_parser("fit", help="train a model")
    train.add_argument("data", type=Path, help="CSV file")
    train.add_argument("--target", required=True, help="column to predict")
    train.add_argument("--out", type=Path, required=True, help="folder for the model")
    train.add_argument("--budget", type=_seconds, default=60.0, help="seconds (default 60)")
    train.add_argument("--task", choices=TASKS, default=AUTO)
    train.add_argument("--metric", default=AUTO, help="what decides between candidates")
    train.add_argument("--exclude", action="append", default=[], metavar="COLUMN", help="may be repeated")
    train.add_argument(
        "--keep", action="append", default=[], metavar="COLUMN", help="use it whatever is found"
    )
    train.add_argument("--group", metavar="COLUMN", help="rows of a group are judged together")
    train.add_argument("--time", metavar="COLUMN", help="rows are judged by models of earlier ones")
    train.add_argument(
        "--class-weights", type=_class_weights, metavar="WEIGHTS", help="balanced, or JSON: weight by label"
    )
    train.add_argument("--compact", action="store_true", help="a small and quick model, a little less good")
    train.add_argument("--no-recall", action="store_true", help="answer copies of known rows like any other")
    train.add_argument(
        "--no-reasons", action="store_true", help="keep no training rows to explain answers with"
    )
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--recipe", type=Path, help="JSON file of cleaning steps, replayed at prediction")
    train.set_defaults(run=_fit)

    predict = commands.add_parser("predict", help="score the rows of a CSV file")
    predict.add_argument("model", type=Path, help="folder of the model")
    predict.add_argument("data", type=Path, help="CSV file")
    predict.add_argument("--out", type=Path, required=True, help="CSV file for the predictions")
    predict.set_defaults(run=_predict)

    clean = commands.add_parser("clean", help="apply a recipe and report what each step did")
    clean.add_argument("data", type=Path, help="CSV file")
    clean.add_argument("--recipe", type=Path, required=True, help="JSON file of cleaning steps")
    clean.add_argument("--out", type=Path, required=True, help="CSV file for the cleaned table")
    clean.add_argument("--target", help="column to predict: refuse steps that make no sense on it")
    clean.set_defaults(run=_clean)

    export = commands.add_parser("export", help="write a model in another format")
    export.add_argument("model", type=Path, help="folder of the model")
    export.add_argument("--format", choices=("archive", "onnx"), default="archive")
    export.add_argument("--out", type=Path, required=True, help="file to write")
    export.add_argument(
        "--rows",
        type=Path,
        help="CSV file, or JSON array of instances, on which an ONNX file must answer alike",
    )
    export.set_defaults(run=_export)

    card = commands.add_parser("card", help="print the model card, in Markdown")
    card.add_argument("model", type=Path, help="folder of the model")
    card.add_argument("--name", help="what the model is called (default: the folder)")
    card.add_argument("--version", type=int, default=1)
    card.set_defaults(run=_card)

    describe = commands.add_parser("profile", help="describe a CSV file as JSON")
    describe.add_argument("data", type=Path, help="CSV file")
    describe.add_argument("--target", help="column to compare all others with")
    describe.set_defaults(run=_profile)
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be a positive number of seconds")
    return seconds


def _class_weights(text: str) -> str | dict[str, float]:
    if text == BALANCED:
        return text
    try:
        weights = json.loads(text)
    except ValueError:
        weights = None
    if not isinstance(weights, dict):
        raise argparse.ArgumentTypeError(f'must be {BALANCED}, or JSON like {{"yes": 5, "no": 1}}')
    return weights


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")


def _fit(options: argparse.Namespace) -> None:
    table = read_csv(options.data)
    config = FitConfig(
        target=options.target,
        task=options.task,
        metric=options.metric,
        budget_seconds=options.budget,
        exclude=tuple(options.exclude),
        keep=tuple(options.keep),
        group=options.group,
        time=options.time,
        recall=not options.no_recall,
        reasons=not options.no_reasons,
        compact=options.compact,
        class_weights=options.class_weights,
        seed=options.seed,
        recipe=None if options.recipe is None else read_file(options.recipe),
        data_sha256=sha256(options.data.read_bytes()),
    )
    result = fit(table, config, _report_progress)
    result.save(options.out)
    for warning in result.warnings:
        _say(f"warning: {warning}")
    json.dump(_summary(result), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def _report_progress(progress: Progress) -> None:
    best = progress.leaderboard[0] if progress.leaderboard else None
    so_far = f" (best: {best['model']}, {best['metric']} {best['mean']:.4g})" if best else ""
    _say(f"{progress.fraction:4.0%} {progress.message}{so_far}")


def _summary(result: Result) -> dict[str, Any]:
    return {
        "task": result.task,
        "target": result.target,
        "metric": result.metric,
        "rows": result.rows,
        "dropped_rows": result.dropped_rows,
        "dropped_columns": result.dropped_columns,
        "leaderboard": result.leaderboard,
        "metrics": result.metrics,
    }


def _card(options: argparse.Namespace) -> None:
    path = options.model / REPORT_FILE
    made = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    try:
        report = json.loads(path.read_bytes())
        name = options.name or options.model.resolve().name
        card = model_card(report, name=name, version=options.version, created_at=made)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise DataError("malformed", f"{path.name} is damaged, or was made by another version.") from error
    sys.stdout.write(card)


def _profile(options: argparse.Namespace) -> None:
    report = profile(read_csv(options.data, min_columns=1), options.target)
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def _clean(options: argparse.Namespace) -> None:
    recipe = read_file(options.recipe)
    cleaned = apply(read_csv(options.data, min_columns=1), recipe, options.target)
    written(cleaned.table).to_csv(options.out, index=False)
    json.dump(cleaned.report, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def _predict(options: argparse.Namespace) -> None:
    model = load_model(options.model)
    table = read_csv(options.data, min_columns=1, formats=column_formats(model.features))
    rows = score_table(model, table)
    with options.out.open("w", newline="", encoding="utf-8") as file:
        _write(file, model, rows)


def _export(options: argparse.Namespace) -> None:
    model = load_model(options.model)
    npz, manifest = ((options.model / name).read_bytes() for name in (MODEL_FILE, MANIFEST_FILE))
    if options.format == "archive":
        content, said = pack_archive(npz, manifest), {}
    else:
        if options.rows is None:
            raise DataError("no_rows", "An ONNX file is checked on rows: name a CSV file with --rows.")
        # Large, and needed by no other command.
        from automl.onnx_export.convert import to_onnx  # noqa: PLC0415

        written = to_onnx(npz, manifest, _instances(model, options.rows))
        content, said = written.content, {"parity": written.parity, "rows": written.rows}
    options.out.write_bytes(content)
    json.dump({"file": str(options.out), "bytes": len(content), **said}, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


def _instances(model: scoring.Model, path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file as instances, no more than an ONNX file is checked on."""
    if path.suffix == ".json":
        try:
            instances = json.loads(path.read_bytes())
        except ValueError as error:
            raise DataError("malformed", f"{path.name} is not JSON.") from error
        try:
            model.read(instances if isinstance(instances, list) else [instances])
        except scoring.InputError as error:
            first = error.faults[0]
            where = f"{path.name}, row {first['instance']}, {first['feature']!r}"
            raise DataError("wrong_rows", f"{error} The first: {where}: {first['message']}") from error
        return list(instances)
    table = read_csv(path, min_columns=1, formats=column_formats(model.features))
    _require_columns(model, table)
    return instances_of(table.frame.iloc[:CHECKED_ROWS], model.features)


def load_model(folder: Path) -> scoring.Model:
    """Load a model that :meth:`Result.save` wrote.

    Raises
    ------
    ModelError
        When the folder's files do not belong together.
    """
    npz = (folder / MODEL_FILE).read_bytes()
    manifest = (folder / MANIFEST_FILE).read_bytes()
    try:
        digest = str(json.loads(manifest)["model_sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise scoring.ModelError(f"{MANIFEST_FILE} is damaged.") from error
    return scoring.load(npz, manifest, digest, sha256(manifest))


def score_table(model: scoring.Model, table: Table) -> FloatArray:
    """Return the model's answer for each row; unreadable cells count as missing.

    Raises
    ------
    DataError
        When columns that the model needs are not there.
    """
    _require_columns(model, table)
    types = {feature.name: feature.type for feature in model.features}
    return model.score(raw_columns(table.frame, types), len(table.frame))


def _require_columns(model: scoring.Model, table: Table) -> None:
    lost = [feature.name for feature in model.features if feature.name not in table.frame.columns]
    if lost:
        more = f" and {len(lost) - LISTED} more" if len(lost) > LISTED else ""
        names = ", ".join(repr(name) for name in lost[:LISTED])
        raise DataError("missing_columns", f"The model needs columns that the file lacks: add {names}{more}.")


def _write(file: TextIO, model: scoring.Model, outputs: FloatArray) -> None:
    writer = csv.writer(file)
    writer.writerow(["row", "prediction", *(f"p_{label}" for label in model.classes)])
    writer.writerows(_lines(model, outputs))


def _lines(model: scoring.Model, outputs: FloatArray) -> Iterator[list[Any]]:
    if model.task == "regression":
        yield from ([row, value] for row, value in enumerate(outputs[:, 0].tolist()))
        return
    winners = np.asarray(model.classes, dtype=object)[model.decide(outputs)]
    for row, (winner, probabilities) in enumerate(zip(winners, outputs.tolist(), strict=True)):
        yield [row, winner, *probabilities]
