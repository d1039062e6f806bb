"""The sets of the benchmark: which rows test where the training rows are drawn anew."""

import csv
from collections import Counter

import pytest

from tests.benchmarks.automl import sources


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a set of 60 rows, of which each third one tests; one class has two others."""
    (tmp_path / "data").mkdir()
    (tmp_path / "splits").mkdir()
    (tmp_path / "data/MANIFEST.csv").write_text(
        "name,file,target,task\nthings,data/things.csv,kind,multiclass\n"
    )
    kinds = ["rare" if row in {1, 2} else "odd" if row % 4 == 0 else "even" for row in range(60)]
    lines = [f"{row},{kind}\n" for row, kind in enumerate(kinds)]
    (tmp_path / "data/things.csv").write_text("".join(["number,kind\n", *lines]))
    with (tmp_path / "splits/things.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "part", "y"])
        writer.writerows(
            [row, "test" if row % 3 == 0 else "train", kinds[row]] for row in reversed(range(60))
        )
    return tmp_path


def numbers(file):
    return [int(line.split(b",")[0]) for line in file.splitlines()[1:]]


def test_rows_that_are_drawn_anew_are_training_rows_in_their_order(folder):
    whole, drawn = sources.load(folder, "things"), sources.load(folder, "things", 7)
    train, test = numbers(drawn.train), numbers(drawn.test)

    assert (whole.name, drawn.name) == ("things", "things/7")
    assert sorted(train + test) == sorted(numbers(whole.train))
    assert train == sorted(train, reverse=True)
    assert test == sorted(test, reverse=True)
    assert b",odd" not in drawn.test


def test_classes_are_drawn_in_their_shares_by_the_seed(folder):
    whole, drawn = sources.load(folder, "things"), sources.load(folder, "things", 7)
    kinds = Counter(line.split(b",")[1].decode() for line in whole.train.splitlines()[1:])

    assert len(drawn.truth) == 10
    assert abs(Counter(drawn.truth)["odd"] - kinds["odd"] / 4) < 1
    assert drawn == sources.load(folder, "things", 7)
    assert drawn.test != sources.load(folder, "things", 8).test


def test_the_sets_of_a_library_are_drawn_anew_too(tmp_path):
    whole, drawn = sources.load(tmp_path, "iris"), sources.load(tmp_path, "iris", 1)

    assert drawn.name == "iris/1"
    assert len(drawn.train.splitlines()) + len(drawn.truth) == len(whole.train.splitlines())
