"""The two files that a batch job writes, and the checkpoint that another worker goes on with."""

from typing import TypedDict, cast

from batch.counting import Counting
from csv_analyzer import keys
from csv_analyzer.records import Batch
from csv_analyzer.storage import Storage
from csv_analyzer.streams import ObjectWriter, WriterState
from scoring.files.batch import Scored, State


class Checkpoint(TypedDict):
    """Where reading and both writings stand."""

    state: State
    predictions: WriterState
    errors: WriterState
    counted_to: int


class Results:
    """Predictions and errors of a batch job on their way to S3.

    Parameters
    ----------
    storage : Storage
        The data bucket.
    batch : Batch
        The job; its checkpoint is gone on with.
    counting : Counting
        Counts the rows.
    """

    def __init__(self, storage: Storage, batch: Batch, counting: Counting) -> None:
        self._batch = batch
        self._counting = counting
        checkpoint = cast("Checkpoint | None", batch.checkpoint)
        self._state = checkpoint["state"] if checkpoint else None
        self._predictions = ObjectWriter(
            storage, self._key(keys.PREDICTIONS_FILE), checkpoint["predictions"] if checkpoint else None
        )
        self._errors = ObjectWriter(
            storage, self._key(keys.ERRORS_FILE), checkpoint["errors"] if checkpoint else None
        )

    @property
    def begun(self) -> State | None:
        """Where the scoring goes on; None at the beginning."""
        return self._state

    def write(self, scored: Scored) -> None:
        """Append what a block adds."""
        self._predictions.write(scored.predictions)
        self._errors.write(scored.errors)
        self._counting.add(scored)
        self._state = scored.state

    def save(self, token: str) -> Checkpoint:
        """Return what to go on with behind the last block.

        Parameters
        ----------
        token : str
            Of the worker's lease: no two workers write the same object.
        """
        if self._state is None:
            raise RuntimeError("nothing has been written")
        rows = self._state["rows"]
        return Checkpoint(
            state=self._state,
            counted_to=self._counting.reached,
            predictions=self._predictions.save(
                self._key(f"checkpoints/{rows}-{token}-{keys.PREDICTIONS_FILE}")
            ),
            errors=self._errors.save(self._key(f"checkpoints/{rows}-{token}-{keys.ERRORS_FILE}")),
        )

    def committed(self) -> None:
        """Take note that the checkpoint, or the end, of all that was written has been committed."""
        self._counting.committed()

    def close(self) -> None:
        """Make both files appear."""
        self._errors.close()
        self._predictions.close()

    def abort(self) -> None:
        """Forget what was written in parts."""
        self._errors.abort()
        self._predictions.abort()

    def _key(self, file_name: str) -> str:
        return keys.result(self._batch.owner, self._batch.model, self._batch.id, file_name)
