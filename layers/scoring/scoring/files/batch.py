"""Predictions beside the rows of a CSV file, block by block, and a file of what was wrong with rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from scoring.columns import FloatArray
from scoring.drift.reference import Counts
from scoring.files.cells import CellFault
from scoring.files.encodings import BLOCK_BYTES, ByteSource, TableError
from scoring.files.tables import Block, Place, Table
from scoring.files.written_numbers import is_number
from scoring.model import Model

ERRORS_HEADER = ("row", "feature", "code", "message")
# So many faults are listed of a row, and in all; those beyond are counted.
MAX_FAULTS_OF_A_ROW = 20
MAX_LISTED = 1_000_000
# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), in both widths.
FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
BYTE_ORDER_MARK = "\ufeff"


class State(TypedDict):
    """Where a batch stands: what is needed to go on as if it had never stopped."""

    place: Place
    rows: int
    row_errors: int
    listed: int


@dataclass(frozen=True)
class Scored:
    """What one block adds to the two files.

    Parameters
    ----------
    predictions, errors
        Bytes to append.
    state
        What to go on with behind them.
    counts
        How many rows without faults are in each bin of the model's reference; None unless they are asked for,
        and where the model has none.
    counted_rows
        How many rows these are.
    """

    predictions: bytes
    errors: bytes
    state: State
    counts: Counts | None = None
    counted_rows: int = 0


class BatchScorer:
    """Scores the rows of a CSV file.

    Parameters
    ----------
    model
        A loaded model.
    stream
        The file, open for reading bytes at its beginning; seekable if ``state`` is given.
    safe
        Whether cells that a spreadsheet would read as formulas are made texts.
    state
        Where to go on, from :class:`Scored`; None to begin.
    counting
        Whether rows are counted, for drift to be measured by.
    block_bytes
        How many bytes are read at once. Answers of one row may differ in the last digit with it.

    Raises
    ------
    TableError
        When the file as a whole cannot be scored.
    """

    def __init__(
        self,
        model: Model,
        stream: ByteSource,
        *,
        safe: bool = False,
        state: State | None = None,
        counting: bool = False,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._model = model
        self._safe = safe
        self._table = Table(stream, model.features, state["place"] if state else None, block_bytes)
        self._state = state
        self._counts = (state["rows"], state["row_errors"], state["listed"]) if state else (0, 0, 0)
        self._delimiter = self._table.delimiter
        self._labels = [self._line([self._guarded(label)]) for label in model.classes]
        self._interval = getattr(model, "interval", None)
        self._reference = model.reference if counting else None

    def run(self) -> Iterator[Scored]:
        """Yield what each block adds to both files, the first time with their headers.

        Raises
        ------
        TableError
            When there are no rows.
        """
        predictions = errors = ""
        if self._state is None:
            predictions, errors = self._header(), _listing([ERRORS_HEADER])
        rows, row_errors, listed = self._counts
        for block in self._table.blocks():
            columns, faults = self._table.raw_columns(block)
            faults.sort(key=lambda fault: fault.row)
            faulty = np.zeros(len(block), dtype=bool)
            faulty[[fault.row for fault in faults]] = True
            sound = ~faulty
            count = int(sound.sum())
            if count < len(faulty):
                columns = {name: column[sound] for name, column in columns.items()}
            outputs = self._model.score(columns, count)
            predictions += self._beside(block, self._answers(outputs, faulty))
            shown = _shown(faults)[: MAX_LISTED - listed]
            errors += _listing(
                (block.first_row + fault.row, self._guarded(fault.feature), fault.code, fault.message)
                for fault in shown
            )
            rows, row_errors = rows + len(block), row_errors + int(faulty.sum())
            listed += len(shown)
            state = State(place=self._table.place, rows=rows, row_errors=row_errors, listed=listed)
            counts = None
            if self._reference is not None:
                counts = self._reference.count(columns, self._model.decided(outputs))
            yield Scored(predictions.encode(), errors.encode(), state, counts, count)
            predictions = errors = ""
        if not rows:
            raise TableError("no_rows", "The file has a header but no rows: add the rows and send it again.")

    def _answers(self, outputs: FloatArray, faulty: np.typing.NDArray[np.bool_]) -> list[str]:
        """Return the texts of the columns that are added, per row; those of faulty rows are empty."""
        texts = iter(self._texts(outputs) if len(outputs) else ())
        nothing = self._delimiter * (len(self._added()) - 1)
        return [nothing if bad else next(texts) for bad in faulty.tolist()]

    def _texts(self, outputs: FloatArray) -> list[str]:
        if self._model.task == "regression":
            return [self._delimiter.join(map(repr, row)) for row in self._numbers(outputs).tolist()]
        winners = self._model.decide(outputs).tolist()
        return [
            self._delimiter.join((self._labels[winner], *map(repr, row)))
            for winner, row in zip(winners, outputs.tolist(), strict=True)
        ]

    def _numbers(self, outputs: FloatArray) -> FloatArray:
        """Return what answers a regression: the number, and the ends of its interval if there is one."""
        if self._interval is None:
            return outputs
        return np.column_stack((outputs[:, 0], *self._interval.ends(outputs[:, 0])))

    def _added(self) -> list[str]:
        if self._model.task == "regression":
            return ["prediction", *(("low", "high") if self._interval is not None else ())]
        return ["prediction", *(f"p_{label}" for label in self._model.classes)]

    def _header(self) -> str:
        header = self._table.header
        taken = {name.strip() for name in header}
        cells = [*header, *(_free(name, taken) for name in self._added())]
        mark = BYTE_ORDER_MARK if self._table.marked else ""
        return mark + self._line([self._guarded(cell) for cell in cells]) + "\n"

    def _beside(self, block: Block, answers: Sequence[str]) -> str:
        delimiter = self._delimiter
        if self._safe:
            cells = [self._guarded(cell) if cell.startswith(FORMULA_STARTS) else cell for cell in block.cells]
            if cells != block.cells:
                block = Block(block.first_row, block.width, cells, None, block.faults)
        lines = block.lines or [self._line(block.row(number)) for number in range(len(block))]
        return "".join([f"{line}{delimiter}{answer}\n" for line, answer in zip(lines, answers, strict=True)])

    def _line(self, cells: Sequence[str]) -> str:
        return _line(cells, self._delimiter)

    def _guarded(self, cell: str) -> str:
        dangerous = self._safe and cell.startswith(FORMULA_STARTS) and not is_number(cell.strip())
        return f"'{cell}" if dangerous else cell


def _listing(lines: Iterable[Sequence[object]]) -> str:
    return "".join(_line(cells, ",") + "\n" for cells in lines)


def _line(cells: Sequence[object], delimiter: str) -> str:
    text = io.StringIO()
    # Older Pythons quote only those characters of line ends that are in the terminator.
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if a column has it, and remember it as taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free)
    return free


def _shown(faults: Sequence[CellFault]) -> list[CellFault]:
    """Return the faults but for those beyond the first ones of each row."""
    shown: list[CellFault] = []
    row, count = -1, 0
    for fault in faults:
        row, count = (row, count + 1) if fault.row == row else (fault.row, 1)
        if count <= MAX_FAULTS_OF_A_ROW:
            shown.append(fault)
    return shown
