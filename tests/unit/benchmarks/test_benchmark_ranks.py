"""Ranks, the file of results and the tables."""

import io
import json

import pytest
from rich.console import Console

from tests.benchmarks.automl import report
from tests.benchmarks.automl.ranks import PRIMARY, Ahead, ahead, behind, figures, finished, ranks, standings
from tests.benchmarks.automl.results import Row, merge, read, reason, write
from tests.benchmarks.automl.tools import OURS

MEASURES = ("roc_auc", "r2", "log_loss", "f1_weighted", "mae", *report.COSTS, "error")


def row(dataset: str, tool: str, budget: float = 60.0, **values: float | str) -> Row:
    return {"dataset": dataset, "tool": tool, "budget_s": budget} | dict.fromkeys(MEASURES) | values


ROWS = [
    row("one", OURS, roc_auc=0.9),
    row("one", "flaml", roc_auc=0.8),
    row("two", OURS, r2=0.5),
    row("two", "flaml", r2=0.7),
    row("three", OURS, r2=0.1),
    row("three", "flaml", error="it fell over"),
    row("four", "flaml", r2=0.1),
]


def test_the_best_figure_is_first_whichever_way_it_counts() -> None:
    assert ranks({"a": 0.9, "b": 0.8}, higher=True) == {"a": 1, "b": 2}
    assert ranks({"a": 0.9, "b": 0.8}, higher=False) == {"a": 2, "b": 1}


def test_ties_share_the_mean_of_their_places() -> None:
    assert ranks({"a": 0.5, "b": 0.9, "c": 0.5, "d": 0.1}, higher=True) == {
        "a": 2.5,
        "b": 1,
        "c": 2.5,
        "d": 4,
    }


@pytest.mark.parametrize("higher", [True, False])
def test_failures_come_last_together(higher: bool) -> None:
    order = ranks({"a": None, "b": -9.0, "c": None}, higher=higher)

    assert order == {"a": 2.5, "b": 1, "c": 2.5}


def test_the_primary_figure_is_the_area_or_r2() -> None:
    assert figures(ROWS, PRIMARY)["one"] == {OURS: 0.9, "flaml": 0.8}
    assert figures(ROWS, PRIMARY)["two"] == {OURS: 0.5, "flaml": 0.7}


def test_sets_without_the_metric_are_left_out() -> None:
    assert list(figures(ROWS, "roc_auc")) == ["one"]


def test_mean_ranks_count_failures_and_only_sets_that_a_tool_was_run_on() -> None:
    found = standings(figures(ROWS, PRIMARY), higher=True)

    assert [(tool, s.mean_rank, s.sets, s.failures) for tool, s in found.items()] == [
        (OURS, 4 / 3, 3, 0),
        ("flaml", 6 / 4, 4, 1),
    ]


def test_sets_on_which_a_tool_failed_can_be_left_out() -> None:
    assert list(finished(figures(ROWS, PRIMARY))) == ["four", "one", "two"]


def test_a_tool_is_ahead_of_one_that_failed() -> None:
    assert ahead(figures(ROWS, PRIMARY), OURS, higher=True) == {"flaml": Ahead(won=2, by_failure=1, sets=3)}


def test_the_gap_to_the_best_is_nothing_where_a_tool_is_the_best() -> None:
    assert behind(figures(ROWS, PRIMARY), OURS, higher=True) == {
        "one": 0,
        "three": 0,
        "two": pytest.approx(0.2),
    }


def test_a_new_row_takes_the_place_of_the_one_of_its_set_tool_and_budget() -> None:
    old = [row("one", "flaml", r2=0.1), row("one", "flaml", 300.0, r2=0.2)]

    assert merge(old, [row("one", "flaml", r2=0.3), row("a", "flaml")]) == [
        row("a", "flaml"),
        row("one", "flaml", r2=0.3),
        row("one", "flaml", 300.0, r2=0.2),
    ]


def test_results_are_read_as_they_were_written(tmp_path) -> None:
    path = tmp_path / "results" / "automl.json"
    write(path, ROWS, {"machine": "m"})

    assert read(path) == ROWS
    assert json.loads(path.read_text())["machine"] == "m"
    assert read(tmp_path / "none.json") == []


def test_a_reason_is_the_last_line_without_folders() -> None:
    assert (
        reason("Traceback\nOSError: no /home/a.b/x/train.csv\n\n", "exit status 1") == "OSError: no train.csv"
    )
    assert reason(" \n", "exit status -9") == "exit status -9"


def test_the_report_shows_figures_failures_and_the_reference_apart() -> None:
    reference = {"dataset": "one", "tool": "catboost_default", "roc_auc": "0.95"}
    reference |= dict.fromkeys(("r2", "log_loss", "f1_w", "mae"), "")
    page = io.StringIO()

    report.show(Console(file=page, width=report.WIDTH), ROWS, [reference])

    shown = page.getvalue()
    assert "ahead of flaml on 2 of 3 sets, 1 by its failure" in shown
    assert "three, flaml: it fell over" in shown
    assert "furthest behind the best on two, by 0.2000" in shown
    assert shown.index("catboost_default") > shown.index("measured earlier and elsewhere")
