"""Alerts and what they are computed from, judged by Prometheus' own tool."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.template import Template
from tests.conftest import ROOT

PROMETHEUS = ROOT / "monitoring" / "prometheus"
SUITES = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOKS = ROOT / "monitoring" / "runbooks" / "README.md"
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian's prometheus)"
)


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _rules(name: str) -> list[dict[str, Any]]:
    return [rule for group in _read(PROMETHEUS / "rules" / name)["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in _rules("alerts.yml")}


def _promtool(*arguments: str) -> None:
    done = subprocess.run(
        ["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_prometheus_takes_the_configuration() -> None:
    _promtool("check", "config", "prometheus.yml")


@needs_promtool
def test_prometheus_takes_the_rules() -> None:
    _promtool("check", "rules", "--lint-fatal", "rules/alerts.yml", "rules/recording.yml")


@needs_promtool
@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_alerts_fire_and_are_silent_as_their_cases_say(suite: Path) -> None:
    _promtool("test", "rules", str(suite))


def _cases() -> list[tuple[str, bool]]:
    return [
        (case["alertname"], bool(case["exp_alerts"]))
        for suite in SUITES
        for test in _read(suite)["tests"]
        for case in test["alert_rule_test"]
    ]


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_a_case_that_fires_and_one_that_does_not(alert: str) -> None:
    assert {fires for name, fires in _cases() if name == alert} == {True, False}


def test_cases_are_of_alerts_that_exist() -> None:
    assert {name for name, _ in _cases()} <= set(ALERTS)


def test_alerts_have_names_of_their_own() -> None:
    assert len(ALERTS) == len(_rules("alerts.yml"))


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_says_how_bad_it_is_and_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    path, anchor = rule["annotations"]["runbook_url"].split("#")
    assert ROOT / path == RUNBOOKS
    assert anchor == alert.lower()


def test_runbooks_tell_meaning_looking_and_doing_for_each_alert_and_no_other() -> None:
    sections = re.split(r"^## ", RUNBOOKS.read_text("utf-8"), flags=re.MULTILINE)[1:]
    told = {section.splitlines()[0]: section for section in sections}
    assert set(told) == set(ALERTS)
    for alert, section in told.items():
        parts = re.findall(r"^\*\*(\w+)\.\*\* \S", section, flags=re.MULTILINE)
        assert parts == ["Meaning", "Look", "Do"], alert
        assert f"Severity: {ALERTS[alert]['labels']['severity']}" in section, alert


def test_no_rule_takes_the_rate_of_a_value_of_cloudwatch() -> None:
    for rule in _rules("alerts.yml") + _rules("recording.yml"):
        assert not re.search(r"\b(i?rate|increase|delta|deriv)\(\s*(?!yace_)", rule["expr"]), rule["expr"]


def test_rules_use_recorded_series_that_exist() -> None:
    recorded = {rule["record"] for rule in _rules("recording.yml")}
    used = {
        name
        for rule in _rules("alerts.yml") + _rules("recording.yml")
        for name in re.findall(r"\b\w+:\w+:\w+\b", rule["expr"])
    }
    assert used == recorded


def test_the_estimate_of_cost_knows_the_memory_and_processor_of_each_function(template: Template) -> None:
    prices = {"arm64": "0.0000133334", "x86_64": "0.0000166667"}
    expected = {
        name: (str(source["Properties"]["MemorySize"]), prices[_processor(source, template)])
        for name, source in template.source["Resources"].items()
        if source["Type"] == "AWS::Serverless::Function"
    }
    found = {
        rule["labels"]["function"]: re.search(r"/ 1000 \* (\d+) / 1024 \* ([\d.]+)", rule["expr"])
        for rule in _rules("recording.yml")
        if rule["record"] == "function:cost_usd:sum"
    }
    assert {name: match.groups() if match else None for name, match in found.items()} == expected
    for rule in _rules("recording.yml"):
        if rule["record"] == "function:cost_usd:sum":
            assert rule["expr"].count(f'=~".*{rule["labels"]["function"]}.*"') == 2


def _processor(source: dict[str, Any], template: Template) -> str:
    (processor,) = source["Properties"]["Architectures"]
    return processor if isinstance(processor, str) else template.parameters[processor["Ref"]]


def test_targets_for_containers_are_those_for_this_machine() -> None:
    names = {path.name for path in (PROMETHEUS / "targets").iterdir()}
    assert names == {path.name for path in (PROMETHEUS / "targets-compose").iterdir()}
    config = _read(PROMETHEUS / "prometheus.yml")
    used = {
        file
        for job in [*config["scrape_configs"], *config["alerting"]["alertmanagers"]]
        for target in job["file_sd_configs"]
        for file in target["files"]
    }
    assert used == {f"targets/{name}" for name in names}
