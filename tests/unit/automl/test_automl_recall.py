"""Copies of known rows: remembered where their targets agree, and counted in no figure."""

import hashlib

import numpy as np
import pytest

import scoring
from automl import FitConfig, fit
from automl.searching.workers import InProcess
from tests.unit.automl.engine_samples import frozen, quick


def repeating(copies, *, agree, classes=True, rows=300, seed=0):
    """Return the text of a file whose rows have no relation to their target, some of them repeated."""
    rng = np.random.default_rng(seed)
    lines = [
        (f"{rng.normal():.6f},{rng.choice(list('pqrs'))}", rng.integers(2), rng.normal()) for _ in range(rows)
    ]
    for row, label, number in [lines[place] for place in rng.choice(rows, copies, replace=False)]:
        lines.append((row, label if agree else rng.integers(2), number if agree else rng.normal()))
    order = rng.permutation(len(lines))
    cells = [(lines[i][0], f"k{lines[i][1]}" if classes else f"{lines[i][2]:.4f}") for i in order]
    return "x,z,y\n" + "".join(f"{row},{target}\n" for row, target in cells)


def trained(read, monkeypatch, content, **options):
    monkeypatch.setattr("automl.training.candidates", quick)
    return fit(read(content), FitConfig("y", **options), clock=frozen, workers=InProcess)


def served(result):
    digests = (hashlib.sha256(part).hexdigest() for part in (result.npz_bytes, result.manifest_bytes))
    return scoring.load(result.npz_bytes, result.manifest_bytes, *digests)


def test_a_copy_of_a_known_row_is_answered_by_what_that_row_had(read, monkeypatch):
    content = repeating(80, agree=True)

    result = trained(read, monkeypatch, content)

    model = served(result)
    known = [line.split(",") for line in content.splitlines()[1:]]
    answers = model.predict([{"x": float(x), "z": z} for x, z, _ in known])
    assert np.mean([answer["prediction"] == y for answer, (_, _, y) in zip(answers, known, strict=True)]) == 1
    finding = next(found for found in result.manifest["findings"] if found["code"] == "repeating_rows")
    assert finding["evidence"]["with"] < finding["evidence"]["without"]


@pytest.mark.long
def test_no_figure_counts_what_was_remembered(read, monkeypatch):
    content = repeating(80, agree=True)

    with_recall, without = (trained(read, monkeypatch, content, recall=recall) for recall in (True, False))

    assert with_recall.metrics == without.metrics
    assert without.manifest["model"].get("memory") is None


@pytest.mark.long
def test_numbers_are_remembered_too(read, monkeypatch):
    content = repeating(80, agree=True, classes=False)

    result = trained(read, monkeypatch, content)

    x, z, y = content.splitlines()[1].split(",")
    answer = served(result).predict([{"x": float(x), "z": z}])[0]["prediction"]
    assert answer == pytest.approx(float(y), abs=0.1)


@pytest.mark.parametrize("content", [repeating(80, agree=False), repeating(3, agree=True)])
@pytest.mark.long
def test_copies_that_contradict_each_other_or_are_few_are_not_remembered(read, monkeypatch, content):
    result = trained(read, monkeypatch, content)

    assert result.manifest["model"].get("memory") is None
