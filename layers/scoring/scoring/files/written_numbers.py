"""Texts to numbers: decimal commas, thousands separators, currencies, percent signs, units.

A number style is ``plain`` (1234.5), ``us`` (1,234.5) or ``eu`` (1.234,5); behind a blank stands the unit
that the cells carry, if any: ``us kg``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

PLAIN, US, EU = STYLES = ("plain", "us", "eu")
CURRENCIES = frozenset(
    {
        "aud", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "eur", "gbp", "hkd", "huf",
        "idr", "ils", "inr", "jpy", "krw", "kč", "kr", "mxn", "myr", "nok", "nzd", "php", "pln", "rmb",
        "ron", "rub", "sek", "sgd", "thb", "try", "twd", "uah", "usd", "vnd", "zar", "zł", "us$", "a$",
        "c$", "r$", "ft", "rs",
    }
)  # fmt: skip
SYMBOLS = "$€£¥₹₩₽₺₫₪₴₦฿₱¢"
BLANKS = r" \u00a0\u2007\u2009\u202f"
MINUS = r"\-\u2212"
LAKHS = r"[1-9]\d?(?:,\d\d)+,\d{3}"


def _body(mark: str, decimal: str) -> str:
    # Blanks and apostrophes set off thousands everywhere; one number uses one separator.
    group = rf"[{mark}{BLANKS}'\u2019]"
    grouped = rf"[1-9]\d{{0,2}}(?P<group>{group})\d{{3}}(?:(?P=group)\d{{3}})*(?:{decimal}\d*)?"
    lakhs = rf"|{LAKHS}(?:\.\d*)?" if mark == "," else ""
    return rf"{grouped}{lakhs}|(?:\d+{decimal}?\d*|{decimal}\d+)(?:[eE][-+]?\d{{1,3}})?"


WRITTEN = {
    style: re.compile(
        rf"(?P<open>\()?\s*(?P<minus>[-+\u2212])?\s*(?P<before>[^\d\s.,;:()+{MINUS}]{{1,4}})?\s*"
        rf"(?P<minus2>[-+\u2212])?\s*(?P<number>{body})\s*(?P<after>\D*?)\s*(?(open)\))"
    )
    for style, body in ((US, _body(",", r"\.")), (EU, _body(r"\.", ",")))
}
# 12,- and 12,-- are whole amounts.
WHOLE = re.compile(r"[.,][-\u2013\u2014]{1,2}$")
UNIT = re.compile(r"[^\W\d_°µμ%‰²³]{1,12}\.?|[°µμ]?[^\W\d_]{1,12}[²³]?(?:[/*·][^\W\d_]{1,8}[²³]?)?|[°%‰\"']")
MONEY = re.compile(rf"[{SYMBOLS}]|[^\W\d_]{{2,3}}")
UNIT_SHARE = 0.97
MIN_UNIT_TEXTS = 3
MIN_GROUPED = 3
# Longer texts are no numbers, and would take the patterns long.
MAX_WRITTEN = 60
# A mark and three digits.
MARK_AND_THOUSAND = 4
HINT_TEXTS = 300

type Texts = NDArray[np.object_]
type Numbers = NDArray[np.float64]


def plain_numbers(texts: Sequence[str] | Texts) -> Numbers | None:
    """Return the numbers if every text is a plain finite one."""
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None
    # Python reads 1_000 as a number; a CSV file does not mean one.
    return numbers if np.isfinite(numbers).all() and "_" not in "".join(texts) else None


def unit_of(style: str) -> str:
    """Return the unit of a number style, empty if it has none."""
    return style.partition(" ")[2]


def decimal_of(style: str) -> str:
    """Return the decimal sign of a number style."""
    return "," if style.startswith(EU) else "."


def to_numbers(texts: Texts, style: str) -> Numbers:
    """Return numbers for texts of one style; what is not a finite number becomes NaN."""
    kind, _, unit = style.partition(" ")
    numbers = _plain(texts)
    # Where a comma is the decimal sign, 1.234 is a thousand and more.
    rest = np.isnan(numbers)
    if kind == EU:
        rest |= np.array(["." in text for text in texts], dtype=bool)
    if kind == PLAIN or not rest.any():
        return numbers
    numbers[rest] = [_read(text, kind, unit) for text in texts[rest]]
    return numbers


def _match(text: str, kind: str) -> re.Match[str] | None:
    return WRITTEN[kind].fullmatch(text) if len(text) <= MAX_WRITTEN else None


def _read(text: str, kind: str, unit: str) -> float:
    found = _match(WHOLE.sub("", text), kind)
    if found is None:
        return np.nan
    before, after = (found["before"] or "").casefold(), found["after"].strip()
    negative = found["open"] is not None or "-" in (signs := _signs(found)) or "\u2212" in signs
    if after in {"-", "\u2212"} and not negative:
        negative, after = True, ""
    if (before and not _is_money(before)) or (after and not _is_money(after) and _canonical(after) != unit):
        return np.nan
    digits = found["number"]
    digits = re.sub(r"[^\d,eE+-]" if kind == EU else r"[^\d.eE+-]", "", digits).replace(",", ".")
    number = float(digits)
    return (-number if negative else number) if np.isfinite(number) else np.nan


def _signs(found: re.Match[str]) -> str:
    return (found["minus"] or "") + (found["minus2"] or "")


def _is_money(text: str) -> bool:
    folded = text.casefold().rstrip(".")
    return folded in CURRENCIES or (len(text) == 1 and text in SYMBOLS) or text == "%"


def currencies(texts: Sequence[str] | Texts) -> set[str]:
    """Return the currencies that the texts name, as they name them."""
    return {found.upper() for text in texts for found in MONEY.findall(text) if _is_money(found)}


def _canonical(unit: str) -> str:
    """Return a unit without case and plural: kg, KG and kgs are one."""
    folded = " ".join(unit.casefold().split()).rstrip(".")
    return folded[:-1] if len(folded) > 2 and folded.endswith("s") else folded


def _plain(texts: Texts) -> Numbers:
    numbers = plain_numbers(texts)
    return np.array([_number(text) for text in texts], dtype=np.float64) if numbers is None else numbers


def _number(text: str) -> float:
    """Return a plain finite number, or NaN."""
    try:
        number = float(text)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) and "_" not in text else np.nan


def is_number(text: str) -> bool:
    """Return whether a text is a number of any style."""
    return any(np.isfinite(_read(text, style, "")) for style in (US, EU))


def units_in(texts: Sequence[str] | Texts) -> Counter[str]:
    """Return the units behind the numbers, and in how many of the texts each stands; "" for none.

    Texts that are no numbers at all count under ``?``.
    """
    return Counter(map(_unit_in, texts))


def _unit_in(text: str) -> str:
    found = _match(text, US) or _match(text, EU)
    if found is None or (found["before"] and not _is_money(found["before"])):
        return "?"
    after = found["after"].strip()
    if not after or _is_money(after) or after in {"-", "\u2212"}:
        return ""
    return _canonical(after) if UNIT.fullmatch(after) else "?"


def common_unit(texts: Texts) -> str:
    """Return the unit that a column's numbers carry; empty where there is none, or more than one."""
    some = texts[:: max(1, len(texts) // 1000)]
    units = units_in(some)
    named = Counter({unit: count for unit, count in units.items() if unit not in {"", "?"}})
    if len(named) != 1:
        return ""
    unit, count = named.most_common(1)[0]
    strangers = units["?"]
    # One letter behind a few of the numbers is part of a code, like 12, 14, 14a.
    least = max(min(MIN_UNIT_TEXTS, len(some)), len(some) / 2 if len(unit) == 1 else 0)
    codes = any(len(text) > 1 and text[0] == "0" and text[1].isdigit() for text in some)
    return unit if count >= least and not codes and strangers <= (1 - UNIT_SHARE) * len(some) + 1 else ""


def best_style(
    texts: Texts, delimiter: str, decimal: str | None = None, *, hint: str | None = None, prior: str = PLAIN
) -> tuple[str, Numbers]:
    """Return the style that reads most texts, and what it reads.

    Parameters
    ----------
    texts
        Written numbers.
    delimiter
        Of the file: beside a semicolon a comma is rather a decimal one.
    decimal
        The decimal sign, where it is known.
    hint
        The decimal sign of the file's other columns, for what could be either.
    prior
        The style of the training file, for what could be either.
    """
    unit = unit_of(prior) or common_unit(texts)
    behind = f" {unit}" if unit else ""
    if decimal == ",":
        return EU + behind, to_numbers(texts, EU + behind)
    plain = to_numbers(texts, PLAIN)
    if not np.isnan(plain).any() and not may_be_grouped(texts):
        return PLAIN if not unit else US + behind, plain
    american = plain if not np.isnan(plain).any() else to_numbers(texts, US + behind)
    european = american if decimal == "." else to_numbers(texts, EU + behind)
    reads = [int(np.isfinite(numbers).sum()) for numbers in (american, european)]
    if reads[0] == reads[1] and not np.array_equal(american, european, equal_nan=True):
        point = hint or _grouped(texts) or (decimal_of(prior) if prior != PLAIN else None)
        if point is None and american is not plain:
            point = "," if delimiter == ";" else "."
        american_wins = point != ","
    else:
        american_wins = reads[0] >= reads[1]
    if not american_wins:
        return EU + behind, european
    if not unit and (american is plain or reads[0] == int(np.isfinite(plain).sum())):
        return PLAIN, plain
    return US + behind, american


def may_be_grouped(texts: Texts) -> bool:
    """Return whether the points in plain numbers may set off thousands: three digits follow each."""
    behind = [len(text) - text.rfind(".") for text in texts if "." in text]
    return bool(behind) and min(behind) == max(behind) == MARK_AND_THOUSAND


def _grouped(texts: Texts) -> str | None:
    """Return the decimal sign of whole numbers whose thousands are set off: 987 beside 1.234 and 12.345."""
    for mark, decimal in ((".", ","), (",", ".")):
        grouped = [text for text in texts if re.fullmatch(rf"\D*[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+\D*", text)]
        small = [text for text in texts if re.fullmatch(r"\D*\d{1,3}\D*", text)]
        if small and len(grouped) >= MIN_GROUPED and len(grouped) + len(small) == len(texts):
            return decimal
    return None


def decimal_votes(texts: Sequence[str] | Texts) -> tuple[int, int]:
    """Return how many texts can be numbers with a decimal point only, and with a decimal comma only."""
    marked = [text for text in texts if "," in text or "." in text]
    point = [_match(text, US) is not None for text in marked]
    comma = [_match(text, EU) is not None for text in marked]
    pairs = list(zip(point, comma, strict=True))
    return pairs.count((True, False)), pairs.count((False, True))


def file_decimal(columns: Iterable[Sequence[str] | Texts]) -> str | None:
    """Return the decimal sign that a file's columns agree on, None if they do not or none shows it."""
    points = commas = 0
    for column in columns:
        point, comma = decimal_votes([text.strip() for text in column[:HINT_TEXTS]])
        points += point > comma
        commas += comma > point
    if points and commas:
        return None
    return "." if points else "," if commas else None
