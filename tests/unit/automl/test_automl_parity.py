"""Parity: from any CSV that can be learned from, through the real export, to the pipeline's answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from automl import DataError, FitConfig, read_csv
from automl.preparation import prepare
from automl.searching.folds import FoldFitter, split_rows
from automl.searching.search import Trial
from automl.searching.workers import Job, attempt
from automl.searching.zoo import candidates
from automl.serving.ensemble import Ensemble
from automl.serving.export import (
    TOLERANCE,
    check_parity,
    difference,
    pack_arrays,
    pack_manifest,
    sha256,
)
from scoring import load
from scoring.reader import columns_of
from tests.unit.automl.conftest import FakeClock
from tests.unit.automl.engine_samples import choice_of, manifest_of

# What cells of a file may hold: each column is drawn from one kind, with some of the hostile ones among it.
KINDS = {
    "numbers": st.floats(-1e6, 1e6).map(repr),
    "wide numbers": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "few numbers": st.integers(0, 5).map(str),
    "categories": st.sampled_from(["red", " red ", "Red", "blue\t", "12", "1e5", "ÄÖ ✓"]),
    "names": st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6),
    "booleans": st.sampled_from(["true", "false"]),
    "dates": st.dates().map(str),
    "times": st.datetimes().map(lambda moment: moment.isoformat()),
    "texts": st.lists(
        st.sampled_from(["late", "parcel", "good", "bad", "12", "street"]), min_size=3, max_size=12
    ).map(" ".join),
}
HOSTILE_CELLS = st.sampled_from(["", " ", "NaN", "inf", "-inf", "null", "0", "-0.0", "1e308", "x" * 200, "7"])
ANSWERS = {
    "numeric": st.floats(allow_nan=False) | st.none() | st.sampled_from([0, 2**62, -1e300, 1e-320]),
    "boolean": st.none() | st.booleans(),
    "date": st.none() | st.dates().map(str) | st.sampled_from(["", " 2024-02-29 ", "0001-01-01"]),
    "categorical": st.none() | st.text(max_size=5) | st.sampled_from(["", "  ", "12.5", " red", "\0", "NaN"]),
    "text": st.none() | st.text(max_size=40) | st.sampled_from(["", " late  parcel ", "12", "\t\n"]),
}
ROWS = 40


@st.composite
def files(draw):
    """Return a CSV file with a target of some task, and columns of some kinds."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    classes = draw(st.sampled_from([0, 2, 3]))
    columns = {}
    for place, kind in enumerate(kinds):
        cells = draw(st.lists(KINDS[kind], min_size=ROWS, max_size=ROWS))
        for row in draw(st.lists(st.integers(0, ROWS - 1), max_size=6)):
            cells[row] = draw(HOSTILE_CELLS)
        columns[f"{kind} {place}"] = cells
    columns["y"] = [f"c{row % classes}" if classes else repr(row * 1.7 % 11) for row in range(ROWS)]
    lines = [columns.keys(), *zip(*columns.values(), strict=True)]
    return "".join(",".join(f'"{cell.replace(chr(34), "")}"' for cell in line) + "\n" for line in lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("parity")


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(file=files(), data=st.data())
def test_what_is_stored_answers_as_the_pipeline_whatever_the_file(folder, file, data):
    path = folder / "data.csv"
    path.write_text(file, "utf-8")
    try:
        prepared = prepare(read_csv(path), FitConfig("y"))
    except DataError:
        assume(False)
    splits = split_rows(prepared.training.y, 2, 1, 0)
    tried = candidates(prepared.training)
    # Candidates depend on the number of rows: a table of many rows has others.
    many = replace(prepared.training, y=np.tile(prepared.training.y, 200))
    tried += [one for one in candidates(many) if one.name not in {other.name for other in tried}]
    place = data.draw(st.integers(0, len(tried) - 1))
    fitter = FoldFitter(prepared.training, splits, tried, 0, FakeClock(step=0.1))
    # A candidate that a library refuses to fit is lost to a search too, and told of.
    fitted = attempt(fitter, Job(place, 0, 0, 1.0)).result
    assume(fitted is not None)
    trial = Trial(tried[place], {(0, 0): fitted, (0, 1): fitted})
    ensemble = Ensemble.of(choice_of(prepared, [trial]), prepared.training, splits, [0])
    exported = ensemble.export()
    manifest, features = manifest_of(prepared, exported)
    npz, packed = pack_arrays(exported.arrays), pack_manifest(manifest)
    encoders = prepared.training.encoders

    def predict(raw, rows):
        return ensemble.predict(encoders.encode(raw, rows))

    # Training rows as a client sends them, and the hostile rows that every training ends with.
    worst = check_parity(
        npz, packed, predict=predict, features=features, frame=prepared.frame, columns=prepared.columns
    )
    # And any others.
    instances = [
        {feature.name: data.draw(ANSWERS[feature.type]) for feature in features}
        for _ in range(data.draw(st.integers(1, 8)))
    ]
    raw = columns_of(instances, features)
    answers = load(npz, packed, sha256(npz), sha256(packed)).score(raw, len(instances))
    assert np.isfinite(answers).all()
    assert max(worst, difference(answers, predict(raw, len(instances)))) <= TOLERANCE
