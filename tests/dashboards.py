"""The expressions of the dashboards that are committed, as Grafana sends them."""

import json
from dataclasses import dataclass
from pathlib import Path

from monitoring.grafana.cost import PRICES

_BOARDS = Path(__file__).parent.parent / "monitoring" / "grafana" / "dashboards"


@dataclass(frozen=True)
class Panel:
    """One expression of a panel."""

    board: str
    title: str
    expression: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.title}"


def panels() -> list[Panel]:
    """All expressions of all dashboards."""
    return [
        Panel(path.stem, panel["title"], target["expr"], bool(target.get("instant")))
        for path in sorted(_BOARDS.glob("*.json"))
        for panel in json.loads(path.read_text("utf-8"))["panels"]
        for target in panel.get("targets", [])
    ]


def filled(expression: str, step: int = 60, span: int = 3600) -> str:
    """Expression as Grafana sends it with a step and a range in seconds."""
    values = {
        "__interval_ms": str(step * 1000),
        "__rate_interval": f"{4 * step}s",
        "__interval": f"{step}s",
        "__range_s": str(span),
        "__range": f"{span}s",
        **{price.name: price.value for price in PRICES},
    }
    for name in sorted(values, key=len, reverse=True):
        expression = expression.replace(f"${name}", values[name])
    return expression
