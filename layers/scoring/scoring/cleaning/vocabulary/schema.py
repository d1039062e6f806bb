"""The columns that a step finds: as the steps before it leave them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from scoring.cleaning.vocabulary.fields import shown

ALIKE = 0.8
# Looking for a similar name takes long among many columns: only so many are looked for.
MAX_HINTS = 10
MAX_LOOKED_AT = 500
MAX_MISSPELT = 60


class Schema:
    """Names and types of columns, and what became of those that are gone.

    Parameters
    ----------
    types
        Type of each column of the table.
    target
        The column to predict, if there is one.
    """

    def __init__(self, types: Mapping[str, str], target: str | None = None) -> None:
        self.types = dict(types)
        self.target = target
        self._gone: dict[str, str] = {}
        self._hints = 0

    def lack(self, name: str) -> str | None:
        """Return why there is no such column, or None where there is one."""
        if name in self.types:
            return None
        if name in self._gone:
            return f"the column {shown(name)} {self._gone[name]}"
        return f"there is no column {shown(name)}{self._hint(name)}"

    def _hint(self, name: str) -> str:
        self._hints += 1
        if self._hints > MAX_HINTS or len(self.types) > MAX_LOOKED_AT or len(name) > MAX_MISSPELT:
            return ""
        known = [other for other in self.types if len(other) <= MAX_MISSPELT]
        similar = get_close_matches(name, known, n=1, cutoff=ALIKE)
        return f": did you mean {shown(similar[0])}?" if similar else ""

    def drop(self, names: Iterable[str], step: int) -> None:
        """Take columns away."""
        for name in names:
            if self.types.pop(name, None) is not None:
                self._gone[name] = f"was dropped by step {step}"

    def rename(self, names: Mapping[str, str], step: int) -> None:
        """Give columns new names, all at once, in their places."""
        known = {old: new for old, new in names.items() if old in self.types}
        for old, new in known.items():
            self._gone[old] = f"was renamed to {shown(new)} by step {step}"
        self.types = {known.get(name, name): kind for name, kind in self.types.items()}
        if self.target is not None:
            self.target = known.get(self.target, self.target)

    def retype(self, names: Iterable[str], kind: str) -> None:
        """Give columns another type."""
        self.types.update((name, kind) for name in names if name in self.types)
