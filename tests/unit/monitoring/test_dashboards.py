"""The dashboards of Grafana: committed as the code makes them, asking only for what the exporter gives."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from csv_analyzer.metrics import Metric
from monitoring.exporter.names import metric_name
from monitoring.exporter.render import jobs
from monitoring.exporter.render import render as render_exporter
from monitoring.grafana import render, series
from monitoring.grafana.cost import PRICES

MONITORING = Path(__file__).resolve().parents[3] / "monitoring"
MADE = render.files()
BOARDS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in MADE.items()}
# What Prometheus and the exporter say of themselves.
OWN = {"up", "yace_cloudwatch_getmetricdata_metrics_requested_total", "yace_cloudwatch_request_errors"}
BUILT_IN = {"__interval", "__interval_ms", "__range", "__range_s", "__rate_interval", "1"}
NAME = re.compile(r"\b(?:aws|yace)_[a-z0-9_]+|\bup(?=\{)")


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str]]:
    for board in BOARDS.values():
        for panel in panels(board):
            for target in panel["targets"]:
                yield panel["title"], target["expr"]


def exported() -> dict[str, tuple[set[str], bool]]:
    """Names that the exporter gives, with their labels and whether a minute without data is 0."""
    found: dict[str, tuple[set[str], bool]] = {}
    for job in jobs(render_exporter({"AWS_REGION": "us-east-1"})):
        labels = {f"dimension_{name}" for name in job["dimensionNameRequirements"]}
        for metric in job["metrics"]:
            zero = metric.get("nilToZero", job["nilToZero"])
            for statistic in metric.get("statistics", job["statistics"]):
                name = metric_name(job.get("namespace", job.get("type")), metric["name"], statistic)
                known, always_zero = found.get(name, (set(), True))
                found[name] = (known | labels, always_zero and zero)
    return found


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_is_committed_is_what_the_code_makes(name: str) -> None:
    assert (render.FOLDER / name).read_text("utf-8") == MADE[name], "run `make dashboards` and commit"


def test_nothing_else_is_committed() -> None:
    assert {path.name for path in render.FOLDER.iterdir()} == set(MADE)


def test_no_two_panels_or_dashboards_are_named_alike() -> None:
    titles = [panel["title"] for board in BOARDS.values() for panel in panels(board)]
    assert sorted(titles) == sorted(set(titles))
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_dashboard_can_be_read(name: str) -> None:
    board = BOARDS[name]
    assert board["description"]
    assert board["refresh"] == "1m"
    assert not board["editable"]
    assert [one["name"] for one in board["templating"]["list"] if one["type"] == "datasource"] == [
        "datasource"
    ]
    identifiers = [panel["id"] for panel in board["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    for panel in panels(board):
        assert panel["description"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["interval"] == "1m"
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert all(target["legendFormat"] for target in panel["targets"])
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_panels_fill_the_grid_and_do_not_overlap(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = set(
            itertools.product(
                range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
            )
        )
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len(taken) == 24 * (1 + max(y for _, y in taken))


def test_the_exporter_gives_every_series_that_is_asked_for() -> None:
    known = exported()
    for title, expression in expressions():
        names = set(NAME.findall(expression))
        assert names, title
        assert names <= set(known) | OWN, title


def test_every_label_that_is_asked_for_exists() -> None:
    known = exported()
    for title, expression in expressions():
        names = set(NAME.findall(expression)) - OWN
        labels = set().union(*(known[name][0] for name in names))
        # A label that is compared with nothing may be missing: it keeps out series that count the same again.
        asked = set(re.findall(r"\bdimension_[A-Za-z]+(?!=\"\"|[A-Za-z])", expression))
        assert asked <= labels, title


def test_what_is_summed_over_time_is_never_nothing() -> None:
    """The exporter gives NaN for a minute without data unless told otherwise, and a sum with NaN is NaN."""
    known = exported()
    for title, expression in expressions():
        for name in re.findall(r"sum_over_time\(([a-z0-9_]+)", expression):
            assert known[name][1], f"{title}: nilToZero of {name}"


def test_every_metric_of_ours_is_on_a_panel() -> None:
    shown = {name for _, expression in expressions() for name in NAME.findall(expression)}
    for metric in Metric:
        stem = metric_name(series.NAMESPACE, metric, "").rstrip("_")
        assert any(name.rpartition("_")[0] == stem for name in shown), metric


def test_every_variable_is_defined_and_every_price_used() -> None:
    for board in BOARDS.values():
        own = {one["name"] for one in board["templating"]["list"]}
        used = {
            name
            for panel in panels(board)
            for target in panel["targets"]
            for name in re.findall(r"\$(\w+)", target["expr"])
        }
        assert used <= own | BUILT_IN, board["title"]
        assert own - used == {"datasource", "runbooks"}, board["title"]


def test_prices_are_numbers() -> None:
    assert all(0 < float(price.value) < 10 for price in PRICES)


def test_runbooks_that_panels_link_to_exist() -> None:
    rules = yaml.safe_load((MONITORING / "prometheus" / "rules" / "alerts.yml").read_text("utf-8"))
    alerts = {
        rule["alert"].lower() for group in rules["groups"] for rule in group["rules"] if "alert" in rule
    }
    for board in BOARDS.values():
        for panel in panels(board):
            for link in panel.get("links", []):
                address, _, anchor = link["url"].partition("#")
                assert address == "${runbooks}"
                assert anchor in alerts, panel["title"]
                assert f"monitoring/runbooks/README.md#{anchor}`" in panel["description"]
