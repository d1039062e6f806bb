"""Words of CSV cells that are no values: for what is missing, and for yes and no."""

from collections.abc import Iterable

# Never a category of meaning.
MISSING_WORDS = frozenset(
    {
        "", "na", "n/a", "#n/a", "#n/a n/a", "n.a.", "n.a", "nan", "-nan", "null", "(null)", "[null]",
        "\\n", "<na>", "nat", "(blank)", "<none>", "?", "??", "???", "#value!", "#div/0!", "#ref!",
        "#null!", "#name?", "#num!", "1.#qnan", "-1.#ind", "1.#ind",
    }
)  # fmt: skip
# Missing among numbers and dates, but a possible category among words.
MISSING_AMONG_VALUES = MISSING_WORDS | {
    "-", "--", "---", ".", "..", "...", "*", "\u2013", "\u2014", "none", "nil", "unknown", "missing",
    "undefined", "not available", "not applicable", "no data", "tbd", "inf", "-inf", "+inf", "infinity",
    "-infinity",
}  # fmt: skip
DASHES = ("-", "--", "---", ".", "..", "...", "\u2013", "\u2014")
# How a column that is known to be one of yes and no may be written.
TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1", "1.0"), 1.0),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0", "0.0"), 0.0),
}


def has_words(texts: Iterable[str]) -> bool:
    """Return whether a dash is a gap: beside words it is, beside signs it is one of them."""
    return any(character.isalnum() for text in texts for character in text)
