"""Which series are asked for where: metric -> name at the exporter -> rules and panels."""

import functools
import re
from typing import Any

import yaml

from monitoring.exporter.names import metric_name
from monitoring.exporter.render import jobs, render
from tests.conftest import ROOT
from tests.dashboards import panels

MONITORING = ROOT / "monitoring"
_NAME = re.compile(r"\b(?:aws_|yace_)[a-z0-9_]+\b|\b[a-z_]+:[a-z_]+:[a-z0-9]+\b")


@functools.cache
def rules() -> dict[str, str]:
    """Expression of each alert and each recorded series, by name; of one recorded by parts all of them."""
    found: dict[str, str] = {}
    for path in (MONITORING / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            for rule in group["rules"]:
                name = rule.get("alert") or rule["record"]
                found[name] = f"{found.get(name, '')}\n{rule['expr']}"
    return found


def series_in(expression: str) -> set[str]:
    """Names of the series of the exporter in an expression, and behind the recorded ones in it."""
    found: set[str] = set()
    recorded = rules()
    for name in _NAME.findall(expression):
        found |= series_in(recorded[name]) if name in recorded else {name}
    return found


def exported() -> dict[tuple[str, str], list[str]]:
    """Names at the exporter of each metric, by namespace and metric."""
    config: dict[str, Any] = render({"AWS_REGION": "us-east-1"})
    found: dict[tuple[str, str], list[str]] = {}
    for job in jobs(config):
        namespace = job.get("namespace") or job["type"]
        for metric in job["metrics"]:
            names = found.setdefault((namespace, metric["name"]), [])
            for statistic in metric.get("statistics", job["statistics"]):
                name = metric_name(namespace, metric["name"], statistic)
                if name not in names:
                    names.append(name)
    return found


def places() -> dict[str, list[str]]:
    """Rules, panels and runbooks that ask for a series, by its name."""
    asked: dict[str, list[str]] = {}
    sections = re.split(
        r"^## ", (MONITORING / "runbooks" / "README.md").read_text("utf-8"), flags=re.MULTILINE
    )
    expressions = [
        *rules().items(),
        *((str(panel), panel.expression) for panel in panels()),
        *((f"runbook: {section.split()[0]}", section) for section in sections[1:]),
    ]
    for place, expression in expressions:
        for name in series_in(expression):
            if place not in asked.setdefault(name, []):
                asked[name].append(place)
    return asked
