"""Texts to numbers: decimal commas, thousands separators, currency and percent signs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

STYLES = ("plain", "us", "eu")
SIGNS = r"[$€£¥₹%\s\u00a0\u202f'\u2019]|(?:USD|EUR|GBP|CHF)"
US = r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?|[-+]?\d+\."
EU = r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|[-+]?\d*,?\d+(?:[eE][-+]?\d+)?|[-+]?\d+,"


type Texts = NDArray[np.object_]


def plain_numbers(texts: Sequence[str] | Texts) -> NDArray[np.float64] | None:
    """Return the numbers if every text is a plain finite one."""
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None
    # Python reads 1_000 as a number; a CSV file does not mean one.
    return numbers if np.isfinite(numbers).all() and "_" not in "".join(texts) else None


def to_numbers(texts: Texts, style: str) -> NDArray[np.float64]:
    """Return numbers for texts of one style; what is not a finite number becomes NaN."""
    numbers = _plain(texts)
    # Where a comma is the decimal sign, 1.234 is a thousand and more.
    grouped = style == "eu" and any("." in text for text in texts)
    if style == "plain" or not (grouped or np.isnan(numbers).any()):
        return numbers
    rest = np.isnan(numbers) if style == "us" else np.ones(len(texts), dtype=bool)
    cleaned = pd.Series(texts[rest], dtype=object).str.replace(SIGNS, "", regex=True)
    bracketed = cleaned.str.fullmatch(r"\(.+\)").to_numpy(dtype=bool)
    cleaned = cleaned.where(~bracketed, "-" + cleaned.str.slice(1, -1))
    if style == "us":
        cleaned = cleaned.where(cleaned.str.fullmatch(US), "").str.replace(",", "", regex=False)
    else:
        cleaned = cleaned.where(cleaned.str.fullmatch(EU), "")
        cleaned = cleaned.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    numbers[rest] = _plain(cleaned.to_numpy(dtype=object))
    return numbers


def _plain(texts: Texts) -> NDArray[np.float64]:
    numbers = plain_numbers(texts)
    if numbers is None:
        numbers = np.array(pd.to_numeric(texts, errors="coerce"), dtype=np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def best_style(texts: Texts, delimiter: str, decimal: str | None = None) -> tuple[str, NDArray[np.float64]]:
    """Return the style that reads most texts, and what it reads.

    Parameters
    ----------
    texts
        Written numbers.
    delimiter
        Of the file: beside a semicolon a comma is rather a decimal one.
    decimal
        The decimal sign, where it is known.
    """
    if decimal == ",":
        return "eu", to_numbers(texts, "eu")
    plain = to_numbers(texts, "plain")
    if not np.isnan(plain).any():
        return "plain", plain
    candidates = {"plain": plain, "us": to_numbers(texts, "us"), "eu": to_numbers(texts, "eu")}
    if decimal == ".":
        del candidates["eu"]
    order = ("plain", "eu", "us") if delimiter == ";" else STYLES
    style = max(
        (name for name in order if name in candidates),
        key=lambda name: int(np.isfinite(candidates[name]).sum()),
    )
    return style, candidates[style]
