"""What is found about instances: a bounded list with an exact number."""

from collections import Counter
from collections.abc import Sequence

from scoring.errors import MAX_FAULTS, Fault

# The code and the sentence.
type Finding = tuple[str, str]

SHOWN_NAME = 100
NO_OBJECT = ("wrong_type", "An instance must be an object with one entry per feature.")


class Findings:
    """Findings about instances: the first ``MAX_FAULTS`` of them, and how many there are in all.

    Parameters
    ----------
    indexes
        Where each row stands among the instances.
    """

    def __init__(self, indexes: Sequence[int]) -> None:
        self.total = 0
        self.by_code: Counter[str] = Counter()
        self._indexes = indexes
        self._found: list[tuple[int, int, str, Finding]] = []

    def add(self, finding: Finding, name: str, position: int, rows: Sequence[int]) -> None:
        """Note what was found at ascending rows, in the feature at a position."""
        self.total += len(rows)
        self.by_code[finding[0]] += len(rows)
        self._found.extend((self._indexes[row], position, name, finding) for row in rows[:MAX_FAULTS])

    def add_strays(self, indexes: Sequence[int]) -> None:
        """Note instances that are none."""
        self.total += len(indexes)
        self._found.extend((index, 0, "", NO_OBJECT) for index in indexes[:MAX_FAULTS])

    def first(self) -> list[Fault]:
        """Return the first ones in the order of the instances and of the features."""
        self._found.sort(key=lambda found: found[:2])
        return [
            Fault(instance=index, feature=name[:SHOWN_NAME], code=code, message=message)
            for index, _, name, (code, message) in self._found[:MAX_FAULTS]
        ]
