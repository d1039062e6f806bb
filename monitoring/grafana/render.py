"""All dashboards as the files that Grafana reads."""

import json
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from infra.local.template import Template
from monitoring.grafana.cost import cost
from monitoring.grafana.drift import drift
from monitoring.grafana.health import health
from monitoring.grafana.training import training

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = Path(__file__).resolve().parent / "dashboards"


def files() -> dict[str, str]:
    """Text of each dashboard by the name of its file."""
    functions = Template.load(ROOT / "template.yaml").functions
    boards = {
        "health.json": health(),
        "training.json": training(),
        "drift.json": drift(),
        "cost.json": cost(functions),
    }
    return {
        name: json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
        for name, board in boards.items()
    }
