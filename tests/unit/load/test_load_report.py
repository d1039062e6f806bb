"""Table, JSON and plot show what was measured, and where the limit was."""

import io
import json
import math
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from infra.local.template import read_source
from tests.conftest import ROOT
from tests.load.__main__ import throttling
from tests.load.report import Outcome
from tests.load.steps import Figures, Limit, Reason, Step

SVG = "{http://www.w3.org/2000/svg}"
STEPS = [
    Step(
        1,
        10.0,
        12.3,
        Figures(123, 10.0, 20.0, 30.0),
        {"predict 1 row": Figures(123, 10.0, 20.0, 30.0)},
        {},
        0,
    ),
    Step(2, 10.0, 0.0, Figures(0, math.nan, math.nan, math.nan), {}, {"502 bad_gateway": 7}, 3),
]


@pytest.fixture
def outcome() -> Outcome:
    limit = Limit(Reason.ERRORS, STEPS[0], "With 2 users 70 % failed.")
    return Outcome("predict", "the local stack", STEPS, limit, ["CPU: all of it."])


def test_the_table_has_every_figure_and_marks_the_limit(outcome: Outcome) -> None:
    console = Console(width=140, record=True, file=io.StringIO())
    outcome.show(console)
    text = console.export_text()
    rows = [line for line in text.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in row.strip("│").split("│")] for row in rows]
    assert ["1", "123", "12.3", "10", "20", "30", "0", "none <- limit"] in cells
    assert ["2", "0", "0.0", "nan", "nan", "nan", "3", "7 x 502 bad_gateway"] in cells
    assert ["predict 1 row", "123", "10", "20", "30"] in cells
    assert "Limit of predict: With 2 users 70 % failed." in text
    assert "CPU: all of it." in text


def test_the_figures_are_strict_json(outcome: Outcome, tmp_path: Path) -> None:
    figures, _ = outcome.write(tmp_path)
    told = json.loads(figures.read_text("utf-8"), parse_constant=pytest.fail)
    assert [step["users"] for step in told["steps"]] == [1, 2]
    assert told["steps"][0]["all"] == {"count": 123, "p50": 10.0, "p95": 20.0, "p99": 30.0}
    assert told["steps"][1]["all"]["p95"] is None
    assert told["steps"][1]["errors"] == {"502 bad_gateway": 7}
    assert told["limit"] == {
        "reason": "errors",
        "users": 1,
        "requests_per_second": 12.3,
        "sentence": "With 2 users 70 % failed.",
        "short": ["CPU: all of it."],
    }


def test_the_plot_is_a_picture_with_the_limit_in_it(outcome: Outcome, tmp_path: Path) -> None:
    _, plot = outcome.write(tmp_path / "new" / "folder")
    root = ET.parse(plot).getroot()  # noqa: S314 - our own file
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}path")) > 20


def test_the_limit_of_requests_per_second_is_the_templates() -> None:
    (setting,) = read_source(ROOT / "template.yaml")["Resources"]["Api"]["Properties"]["MethodSettings"]
    said = throttling(read_source(ROOT / "template.yaml"))
    assert f"{setting['ThrottlingRateLimit']} a second" in said
    assert f"{setting['ThrottlingBurstLimit']} at once" in said
    assert throttling({"Resources": {"Api": {"Properties": {}}}}) == ""
