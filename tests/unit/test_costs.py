"""What a month costs: the table of the document, and that it follows from what is done."""

from dataclasses import replace

import pytest

from infra.costs import USAGES, monthly, table
from infra.local.template import Template
from tests.conftest import ROOT

TEAM = next(usage for usage in USAGES if usage.name == "a team")


def test_the_document_has_the_table() -> None:
    assert table() in (ROOT / "infra" / "operations.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"trainings": 2 * TEAM.trainings}, "training"),
        ({"requests": 2 * TEAM.requests}, "predicting"),
        ({"gigabytes": 2 * TEAM.gigabytes}, "storage"),
    ],
)
def test_twice_the_work_costs_twice_as_much(template: Template, more: dict[str, float], part: str) -> None:
    once = monthly(TEAM, template.functions, alarms=28)
    twice = monthly(replace(TEAM, **more), template.functions, alarms=28)  # type: ignore[arg-type]
    assert twice[part] == pytest.approx(2 * once[part])
    assert {name for name in once if name != "watching" and once[name] != twice[name]} == {part}


def test_a_training_costs_its_seconds_and_its_memory(template: Template) -> None:
    hour = replace(TEAM, trainings=1, budget_seconds=3570)
    analysis = monthly(replace(hour, budget_seconds=-30), template.functions, alarms=28)["training"]
    # 3600 seconds of 8 GB on x86_64, with the 30 around a training.
    assert monthly(hour, template.functions, alarms=28)["training"] - analysis == pytest.approx(
        3600 * 8 * 0.0000166667
    )
