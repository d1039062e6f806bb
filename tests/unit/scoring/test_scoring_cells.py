"""The same cell gives the same value as the training's reader gives."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl import read_csv
from automl.features.encoders import raw_columns
from automl.reading.dates import to_dates
from scoring.files.formats import column_formats
from scoring.files.tables import Table
from scoring.files.written_dates import DAY_FIRST, ISO, MONTH_FIRST, TIMELESS, TIMES, UNORDERED, to_seconds
from scoring.inputs import Feature


def both(content, features, tmp_path):
    """Return the raw columns of both readers, and which rows of which feature are at fault in ours."""
    path = tmp_path / "rows.csv"
    path.write_bytes(content.encode())
    frame = read_csv(path, min_columns=1, formats=column_formats(features)).frame
    theirs = raw_columns(frame, {feature.name: feature.type for feature in features})
    table = Table(io.BytesIO(content.encode()), features)
    (block,) = table.blocks()
    ours, faults = table.raw_columns(block)
    return ours, theirs, {(fault.feature, fault.row) for fault in faults}


def is_missing(value):
    return value is None or (isinstance(value, float) and np.isnan(value))


def assert_alike(content, features, tmp_path):
    ours, theirs, faulty = both(content, features, tmp_path)
    for feature in features:
        for row, (own, their) in enumerate(zip(ours[feature.name], theirs[feature.name], strict=True)):
            assert own == their or (is_missing(own) and is_missing(their)), (feature.name, row, own, their)
            assert (feature.name, row) not in faulty or is_missing(their)


def column(name, kind, **options):
    return Feature(name=name, type=kind, nullable=True, **options)


MESSY = {
    "plain numbers": (
        column("x", "numeric"),
        ["1", "2.5", "-3e2", " 4 ", "", "NA", "n/a", "abc", "007", "1_0"],
    ),
    "decimal commas": (column("x", "numeric"), ["1,5", "2.000,25", "-0,5", "7", "", "x"]),
    "thousands": (column("x", "numeric", number_style="us"), ["1,234.5", "2,000,000", "12", "(500)", "1.5-"]),
    "money": (column("x", "numeric", number_style="us"), ["$1,200", "EUR 5.5", "$ 3", "12%", "7 kg"]),
    "units": (column("x", "numeric", number_style="us kg"), ["12 kg", "13.5kg", "14", "1,000 KG", "5 lb"]),
    "blank thousands": (column("x", "numeric"), ["1 234,5", "12 000", "7,25", "\u22123,5"]),
    "infinities": (column("x", "numeric"), ["inf", "1e999", "-inf", "NaN", "5"]),
    "truths among numbers": (column("x", "numeric"), ["1", "TRUE", "false", "0"]),
    "words for missing": (
        column("x", "numeric", missing_words=("closed",)),
        ["1", "closed", "CLOSED", "2", "-"],
    ),
    "truths": (column("x", "boolean"), ["TRUE", "f", "Yes", "off", "1", "0.0", "", "perhaps", "-"]),
    "days first": (
        column("x", "date", date_format="%d/%m/%Y"),
        [
            "31/01/2024",
            "01/02/2024",
            "2024-03-04",
            "2024-03-04T05:06:07",
            "1 May 2020",
            "soon",
            "",
            "5.6.2021",
        ],
    ),
    "months first": (
        column("x", "date", date_format="%m/%d/%Y"),
        ["01/31/2024", "02/01/2024", "2/3/21 5:07 PM"],
    ),
    "other order than the training": (
        column("x", "date", date_format="%m/%d/%Y"),
        ["31/01/2024", "28/02/2024", "01/02/2024"],
    ),
    "iso": (
        column("x", "date"),
        ["2024-01-31", "2024-01-31 10:00:00.25+02:00", "2024-01-31T10:00Z", "20240131"],
    ),
    "zones": (column("x", "date"), ["2024-01-31T10:00:00+0130", "2024-01-31T23:00:00-05:00", "0001-01-01"]),
    "categories": (
        column("x", "categorical", missing_words=("none",)),
        ["flat", " flat ", "none", "NONE", "null", "?", "-", "unknown", "NaN", "Köln"],
    ),
    "signs as categories": (column("x", "categorical"), ["-", "+", "--", ".", "*"]),
    "texts": (column("x", "text"), ["a long text", "", "n/a", "another, with a comma"]),
}


@pytest.mark.parametrize("name", MESSY)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_messy_cells_are_read_as_by_the_training(name, delimiter, tmp_path):
    feature, texts = MESSY[name]
    quoted = [f'"{text}"' if delimiter in text else text for text in texts]
    content = f"id{delimiter}x\n" + "".join(f"{row}{delimiter}{text}\n" for row, text in enumerate(quoted))
    assert_alike(content, [feature], tmp_path)


NUMBERS = st.sampled_from(
    [
        "1",
        "-2.5",
        "1,5",
        "1.234",
        "1,234",
        "1.234,5",
        "1,234.5",
        "12 345",
        "$5",
        "5 €",
        "3%",
        "1e5",
        "5 kg",
        ".5",
        "5.",
    ]
)
NOISE = st.sampled_from(["", "NA", "-", "abc", "?", "1-2", "--5", "1,2,3", "\uff10", "+7", "(8)", "9-"])


@given(
    texts=st.lists(NUMBERS | NOISE, min_size=1, max_size=20),
    style=st.sampled_from(["plain", "us", "eu", "us kg"]),
)
def test_any_mix_of_numbers_is_read_as_by_the_training(texts, style, tmp_path_factory):
    content = "id;x\n" + "".join(f"{row};{text}\n" for row, text in enumerate(texts))
    assert_alike(content, [column("x", "numeric", number_style=style)], tmp_path_factory.mktemp("mix"))


def _written(draw):
    year = draw(st.sampled_from(["1", "1583", "1969", "1999", "2024", "9999"])).zfill(4)
    short = draw(st.booleans())
    parts = {
        "%Y": year,
        "%y": year[2:],
        "%m": str(draw(st.integers(0, 13))).zfill(1 if short else 2),
        "%d": str(draw(st.integers(0, 32))).zfill(1 if short else 2),
        "%b": draw(st.sampled_from(["Jan", "mar", "SEP", "Foo"])),
        "%B": draw(st.sampled_from(["January", "march", "Foo"])),
        "%H": draw(st.sampled_from(["00", "7", "23", "24"])),
        "%I": draw(st.sampled_from(["1", "12", "13", "0"])),
        "%M": draw(st.sampled_from(["00", "59", "60"])),
        "%S": draw(st.sampled_from(["00", "5", "59"])),
        "%f": draw(st.sampled_from(["1", "123456", "000001"])),
        "%p": draw(st.sampled_from(["AM", "pm", "xm"])),
    }
    day = draw(st.sampled_from((*DAY_FIRST, *MONTH_FIRST, *UNORDERED, *TIMELESS)))
    text = day + draw(st.sampled_from((*TIMES, "T%H:%M", " %H:%M:%S+02:00", "T%H:%M:%SZ")))
    for sign, value in parts.items():
        text = text.replace(sign, value)
    return text


@given(
    texts=st.lists(st.composite(_written)(), min_size=1, max_size=6, unique=True),
    date_format=st.sampled_from([ISO, *DAY_FIRST[:2], *MONTH_FIRST[:2], "%d.%m.%Y", "%b %d, %Y"]),
)
def test_dates_are_read_as_pandas_reads_them(texts, date_format):
    import pandas as pd

    theirs = to_dates(pd.Series(texts, dtype=object), date_format)
    ours = to_seconds(texts, date_format)
    for text, moment in zip(texts, theirs, strict=True):
        if text.startswith("0001") and "." in text:
            # pandas loses fractions of a second far from now.
            continue
        expected = None if pd.isna(moment) else np.datetime64(moment, "us").astype(np.int64) / 1e6
        assert ours.get(text) == expected, text
