"""Names of columns: found again in another file, and told apart."""

from collections import Counter
from collections.abc import Collection, Sequence

MAX_NAME = 200


def key_of(name: str) -> str:
    """Return a name without case, blanks and what is invisible, to find it in another file."""
    return " ".join(name.replace("\ufeff", "").replace("\0", "").split()).casefold()


def align(header: Sequence[str], names: Collection[str]) -> list[str]:
    """Return the header with the names that are known for its columns, where case and blanks alone differ."""
    known = Counter(map(key_of, names))
    written = Counter(map(key_of, header))
    spelt = {key_of(name): name for name in names if known[key_of(name)] == 1}
    return [
        spelt.get(key_of(cell), cell) if cell not in names and written[key_of(cell)] == 1 else cell
        for cell in header
    ]


def unique_names(header: list[str]) -> list[str]:
    """Return names that are short, in one line, not empty and different."""
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(header, start=1):
        base = (
            " ".join(cell.replace("\ufeff", "").replace("\0", "").split())[:MAX_NAME] or f"column_{position}"
        )
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        names.append(name)
    return names
