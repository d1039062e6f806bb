"""Files and tables for the engine's tests."""

import numpy as np
import pandas as pd
import pytest

from automl import read_csv


class FakeClock:
    """A clock that only moves when told, or by a fixed step at each look."""

    def __init__(self, step=0.0):
        self.now = 0.0
        self.step = step

    def __call__(self):
        self.now += self.step
        return self.now


@pytest.fixture
def make_clock():
    return FakeClock


@pytest.fixture
def write(tmp_path):
    """Write a CSV file from text or bytes and return its path."""

    def _write(content, name="data.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write


@pytest.fixture
def read(write):
    """Read a table from the text or the bytes of a CSV file."""
    return lambda content, encoding="utf-8", **options: read_csv(write(content, encoding=encoding), **options)


def mixed_frame(rows=240, seed=0):
    """Return a frame with every type of column, with and without gaps, and two targets."""
    rng = np.random.default_rng(seed)
    number = rng.normal(50, 10, rows).round(3)
    gappy = rng.exponential(3, rows).round(3)
    city = rng.choice(["Bonn", "Köln", "Aachen, West", 'the "Ruhr"'], rows)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    words = np.array(["good", "bad", "late", "soon", "never", "again", "fine", "broken", "parcel", "today"])
    note = [" ".join(rng.choice(words, 6)) for _ in range(rows)]
    member = rng.random(rows) < 0.4
    signal = number / 10 + gappy + 3 * (city == "Bonn") + 2 * member + rng.normal(0, 0.5, rows)
    frame = pd.DataFrame(
        {
            "key": np.arange(rows) + 1000,
            "number": number,
            "gappy": np.where(rng.random(rows) < 0.2, np.nan, gappy),
            "city": pd.Series(city, dtype=object).where(rng.random(rows) > 0.1, None),
            "day": day.strftime("%d/%m/%Y"),
            "note": note,
            "member": np.where(member, "TRUE", "FALSE"),
            "price": signal.round(3),
            "grade": np.select([signal < 8, signal < 11], ["low", "middle"], "high"),
            "sold": np.where(signal > 9, "yes", "no"),
        }
    )
    frame.loc[5, "day"] = ""
    return frame


@pytest.fixture(scope="session")
def mixed_table(tmp_path_factory):
    """The mixed frame, read from its CSV file."""
    path = tmp_path_factory.mktemp("mixed") / "mixed.csv"
    mixed_frame().to_csv(path, index=False)
    return read_csv(path)


@pytest.fixture(scope="session")
def zoo_trials(tmp_path_factory):
    """For each of three targets: what was prepared, and a trial of every candidate."""
    from tests.unit.automl.engine_samples import zoo

    path = tmp_path_factory.mktemp("zoo") / "zoo.csv"
    frame = mixed_frame(160)
    # A category with more levels than are written as indicators.
    frame["street"] = [f"street {number * 7 % 23}" for number in range(len(frame))]
    frame.to_csv(path, index=False)
    table, targets = read_csv(path), ("price", "sold", "grade")
    return {goal: zoo(table, goal, exclude=tuple({*targets} - {goal})) for goal in targets}


@pytest.fixture(scope="session")
def quick_results(mixed_table):
    """For each of three targets of the mixed table: a training of two quick candidates."""
    from automl import FitConfig, fit
    from automl.searching.workers import InProcess
    from tests.unit.automl.engine_samples import frozen, quick

    others = {"price": ("sold", "grade"), "sold": ("price", "grade"), "grade": ("price", "sold")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automl.training.candidates", quick)
        patch.setattr("automl.preparation.repeat_count", lambda rows: 2)
        return {
            target: fit(
                mixed_table,
                FitConfig(target, exclude=names, data_sha256="ab" * 32),
                clock=frozen,
                workers=InProcess,
            )
            for target, names in others.items()
        }
