"""What configures the programs of monitoring, as files: ``python -m monitoring.settings FOLDER RUNBOOKS``.

The container that starts before the others of ``infra/monitoring-containers.yaml`` runs it.

Environment
-----------
AWS_REGION
    The region of the stack; must be set.
ALERT_TOPIC_ARN
    The topic that alerts are published to. All containers of the task read these files, so no other receiver,
    which could be secret, is put into them.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from monitoring.alertmanager.render import render as render_alertmanager
from monitoring.exporter.render import as_text
from monitoring.exporter.render import render as render_exporter

_HERE = Path(__file__).parent
_PROMETHEUS = _HERE / "prometheus"
_GRAFANA = _HERE / "grafana"
_NOT_SECRET = ("ALERT_TOPIC_ARN",)


def rendered(
    exporter: Mapping[str, str], receivers: Mapping[str, str], addresses: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the texts of what the exporter, Alertmanager and Prometheus read, by the names of their files.

    Parameters
    ----------
    exporter : mapping
        The variables of the exporter's configuration.
    receivers : mapping
        The variables ``ALERT_*``.
    addresses : mapping, optional
        Where Prometheus finds each of the three; by default at the ports that people know, on this machine.

    Raises
    ------
    ValueError
        If a variable is missing or cannot be right.
    """
    texts = {
        "yace.yml": as_text(render_exporter(exporter)),
        "alertmanager.yml": render_alertmanager(receivers),
    }
    targets = () if addresses else _PROMETHEUS.glob("targets/*.yml")
    for path in (_PROMETHEUS / "prometheus.yml", *_PROMETHEUS.glob("rules/*.yml"), *targets):
        texts[f"prometheus/{path.relative_to(_PROMETHEUS)}"] = path.read_text(encoding="utf-8")
    for kind, address in (addresses or {}).items():
        texts[f"prometheus/targets/{kind}.yml"] = json.dumps([{"targets": [address]}])
    return texts


def write(folder: Path, runbooks: Path, environment: Mapping[str, str]) -> None:
    """Write what all containers of one task read, Grafana's too.

    Parameters
    ----------
    folder : Path
        Takes all but the runbooks.
    runbooks : Path
        Takes the texts that Grafana shows beside its panels.
    environment : mapping
        The variables above.

    Raises
    ------
    ValueError
        If a variable is missing or cannot be right; nothing is written then.
    """
    receivers = {name: environment[name] for name in _NOT_SECRET if name in environment}
    for name, text in rendered({"AWS_REGION": environment.get("AWS_REGION", "")}, receivers).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("provisioning", "dashboards"):
        shutil.copytree(_GRAFANA / name, folder / name, dirs_exist_ok=True)
    shutil.copytree(_HERE / "runbooks", runbooks, dirs_exist_ok=True)


def main(arguments: list[str]) -> int:
    """Write the files; return the exit status."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m monitoring.settings FOLDER RUNBOOKS\n")
        return 2
    try:
        write(Path(arguments[0]), Path(arguments[1]), os.environ)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
