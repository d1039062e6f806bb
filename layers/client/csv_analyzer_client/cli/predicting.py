"""Predictions: rows of a file or of stdin, files of any length, downloads of the model itself."""

import hashlib
import io
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Final

import typer

from csv_analyzer_client import instances
from csv_analyzer_client.cli.run import Run, command
from csv_analyzer_client.errors import UsageError
from csv_analyzer_client.files import give_usual_mode, replacing
from csv_analyzer_client.instances import Instance, Schema
from csv_analyzer_client.predicting import joined
from csv_analyzer_client.rendering import documents
from csv_analyzer_client.rendering import predictions as rendering
from csv_analyzer_client.rendering.output import to_json
from csv_analyzer_client.rendering.text import facts, prose, size
from csv_analyzer_client.resources import Batch, Predictions

PANEL: Final = "Predictions"

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")]
VersionOption = Annotated[int | None, typer.Option(min=1, help="Number of the version that answers.")]
Timeout = Annotated[float | None, typer.Option(min=0, help="Wait so many seconds at most.")]


class Stage(StrEnum):
    """Which version answers."""

    PRODUCTION = "production"
    STAGING = "staging"


class Input(StrEnum):
    """Formats of rows."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class Format(StrEnum):
    """Formats of answers."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Export(StrEnum):
    """Formats of models."""

    ARCHIVE = "archive"
    ONNX = "onnx"


_SUFFIXES: Final = {Export.ARCHIVE: ".zip", Export.ONNX: ".onnx"}
_OUTCOME: Final = ("prediction", "actual")
StageOption = Annotated[Stage | None, typer.Option(help="Production if absent.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "predict", PANEL)(predict)
    command(app, "batch", PANEL)(batch)
    command(app, "batches", PANEL)(batches)
    command(app, "outcomes", PANEL)(outcomes)
    command(app, "schema", PANEL)(schema)
    command(app, "export", PANEL)(export)


def predict(  # noqa: PLR0913  # an option for each of the route's
    run: Run,
    name: Name,
    *,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="JSON, lines of JSON or CSV; - is stdin.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="One row by name=value; may be repeated.")
    ] = None,
    version: VersionOption = None,
    stage: StageOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what training never saw.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Give reasons with each answer.")] = False,
    input_format: Annotated[
        Input | None, typer.Option("--input", help="By the file's name if absent.")
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", help="What is written.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
) -> None:
    """Predict rows; any number of them, some thousands at a time."""
    _require_source(file, values)
    client = run.client()
    which = None if stage is None else stage.value
    known = Schema(client.input_types(name, version, which))
    with _rows(file, values, input_format, known) as rows:
        answers = client.stream_predictions(
            name,
            rows,
            version=version,
            stage=which,
            strict=strict,
            explain=explain,
        )
        first = next(answers, None)
        if first is None:
            raise UsageError("There is nothing to predict: the input has no rows.")
        all_answers = itertools.chain([first], answers)
        if output_format is Format.CSV and not run.output.as_json:
            _write_csv(run, all_answers, out, first)
        else:
            _write_whole(run, joined(all_answers), output_format, out)
    if known.left_out:
        run.output.note(f"Left out, as the model does not use it: {', '.join(sorted(known.left_out))}")


def batch(  # noqa: PLR0913  # an option for each of the route's
    run: Run,
    name: Name,
    file: Annotated[Path, typer.Argument(help="CSV file of rows.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the predictions go.")],
    errors: Annotated[
        Path | None, typer.Option("--errors", help="Where it is said what is wrong with which row.")
    ] = None,
    version: VersionOption = None,
    stage: StageOption = None,
    safe: Annotated[bool, typer.Option("--safe", help="Disarm formulas of spreadsheets.")] = False,
    timeout: Timeout = None,
) -> None:
    """Score a CSV file of any length: its rows come back with the predictions beside them."""
    client = run.client()
    for path in (out, errors):
        if path is not None and not path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {path.absolute().parent}.")
    with run.output.progress(f"Uploading {file.name}") as tell:
        pending = client.batch(
            name,
            file,
            version=version,
            stage=None if stage is None else stage.value,
            safe=safe,
            progress=tell,
        )

    def say(state: Batch) -> None:
        run.output.note(f"  {state.progress:>4.0%}  {state.status}, {state.rows:,} rows")

    job = pending.state.id
    found = run.finish(
        pending, say, timeout, f"It goes on. Look again with: csv-analyzer batches {name} {job}"
    )
    with run.output.progress(f"Downloading {out.name}") as tell:
        client.download_batch(found, out, errors, progress=tell)
    run.output.result(found.raw, lambda: rendering.batch(found))
    run.output.note(f"Written: {out}" + ("" if errors is None else f" and {errors}"))
    if found.rows_with_errors and errors is None:
        run.output.note(f"{found.rows_with_errors:,} rows have no prediction; --errors FILE says why.")


def outcomes(
    run: Run,
    name: Name,
    file: Annotated[Path, typer.Argument(help="CSV or JSON with `prediction` and `actual` in each row.")],
    *,
    version: Annotated[int | None, typer.Option(min=1, help="Which predicted; production if absent.")] = None,
    outcomes_id: Annotated[
        str | None, typer.Option("--id", help="Under one id all counts once; by the file's bytes if absent.")
    ] = None,
) -> None:
    """Say what came true of predictions, to see how good the model is by now; a file counts once."""
    client = run.client()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}.") from error
    kind = "number" if client.model(name).task == "regression" else "string"
    known = Schema(dict.fromkeys(_OUTCOME, kind))
    digest = hashlib.sha256(content).hexdigest()
    rows = instances.read(io.BytesIO(content), instances.format_of(file.name, None), known)
    found = [{key: row.get(key) for key in _OUTCOME} for row in rows]
    if not found:
        raise UsageError("There is nothing to count: the file has no rows.")
    answers = client.post_outcomes(name, found, outcomes_id=outcomes_id or digest, version=version)
    new = sum(answer["outcomes"] for answer in answers if answer["counted"])
    run.output.result(
        answers,
        lambda: facts(
            {
                "model": name,
                "version": ", ".join(sorted({str(answer["version"]) for answer in answers})),
                "counted": new,
                "counted before": len(found) - new,
            }
        ),
    )


def batches(
    run: Run,
    name: Name,
    batch_id: Annotated[str | None, typer.Argument(metavar="[BATCH]", help="One batch job.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Download its predictions.")] = None,
    errors: Annotated[Path | None, typer.Option("--errors", help="Download its errors.")] = None,
) -> None:
    """List the batch jobs of a model, or show one and download its files."""
    client = run.client()
    if batch_id is None:
        items = list(client.batches(name))
        run.output.result([item.raw for item in items], lambda: rendering.batches(items))
        return
    found = client.batch_job(name, batch_id)
    if out is not None:
        client.download_batch(found, out, errors)
    run.output.result(found.raw, lambda: rendering.batch(found))


def schema(run: Run, name: Name, version: VersionOption = None) -> None:
    """Show what a row to predict looks like."""
    content = run.client().schema(name, version)
    run.output.result(content, lambda: documents.schema(content))


def export(
    run: Run,
    name: Name,
    version: VersionOption = None,
    export_format: Annotated[
        Export, typer.Option("--format", help="An archive for NumPy, or ONNX.")
    ] = Export.ARCHIVE,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; by the model's name if absent.")
    ] = None,
) -> None:
    """Download a version to run it elsewhere; its SHA-256 is checked."""
    # Not by the name in the answer: a service must not choose where files are written.
    path = out or Path(
        f"{Path(name).name}{'' if version is None else f'-{version}'}{_SUFFIXES[export_format]}"
    )
    with run.output.progress(f"Downloading {path.name}") as tell:
        found = run.client().export(
            name, path, version=version, export_format=export_format.value, progress=tell
        )
    content = {
        "model": found.model,
        "version": found.version,
        "format": found.format,
        "file": str(path),
        "size_bytes": found.size_bytes,
        "sha256": found.sha256,
        "parity": found.parity,
    }
    run.output.result(content, lambda: facts({**content, "size_bytes": size(found.size_bytes)}))


def _require_source(file: str | None, values: list[str] | None) -> None:
    if values and file is not None:
        raise UsageError("Give a file or --set, not both.")
    if not values and file is None and sys.stdin.isatty():
        raise UsageError("Give a file of rows, --set name=value, or rows on stdin.")
    if file not in {None, "-"} and not Path(str(file)).is_file():
        raise UsageError(f"There is no file {file}.")


@contextmanager
def _rows(
    file: str | None, values: list[str] | None, wanted: Input | None, known: Schema
) -> Iterator[Iterator[Instance]]:
    if values:
        yield iter([instances.parse_settings(values, known)])
        return
    kind = None if wanted is None else wanted.value
    if file is None or file == "-":
        yield instances.read(sys.stdin.buffer, kind, known)
        return
    try:
        opened: IO[bytes] = Path(file).open("rb")  # noqa: SIM115  # closed below
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}.") from error
    with opened:
        yield instances.read(opened, instances.format_of(file, kind), known)


def _write_csv(run: Run, answers: Iterator[Predictions], out: Path | None, first: Predictions) -> None:
    header = rendering.csv_header(first)
    parts = itertools.chain(
        [rendering.csv_text([header])],
        (rendering.csv_text(rendering.csv_rows(answer, header)) for answer in answers),
    )
    if out is None:
        for part in parts:
            run.output.write(prose(part) if run.output.out.is_terminal else part)
        return
    _write_file(out, parts)
    run.output.note(f"Written: {out}")


def _write_whole(run: Run, answer: Predictions, wanted: Format, out: Path | None) -> None:
    as_json = run.output.as_json or wanted is Format.JSON
    if out is not None:
        _write_file(out, iter([to_json(answer.raw) + "\n"]))
        run.output.note(f"Written: {out}")
    elif as_json:
        run.output.write(to_json(answer.raw) + "\n")
    else:
        run.output.result(answer.raw, lambda: rendering.predictions(answer))


def _write_file(path: Path, parts: Iterator[str]) -> None:
    try:
        with replacing(path) as file:
            for part in parts:
                file.write(part.encode("utf-8", "backslashreplace"))
        give_usual_mode(path)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error
