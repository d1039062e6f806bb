"""The clock of the chain test divides durations, all of them, and nothing else."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from monitoring.alertmanager.render import render as render_alertmanager
from monitoring.exporter.render import jobs, render
from tests.chain.clock import Clock
from tests.conftest import ROOT

PROMETHEUS = ROOT / "monitoring" / "prometheus"
FILES = [PROMETHEUS / "prometheus.yml", *sorted((PROMETHEUS / "rules").glob("*.yml"))]
DURATION = re.compile(r"\b\d+(?:ms|[smhd])\b")
CLOCK = Clock(20, 120)


def code(text: str) -> str:
    """Text without comments and what is said to people, which may speak of minutes."""
    lines = [line for line in text.splitlines() if not re.match(r"\s*(#|summary:|description:)", line)]
    return "\n".join(lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_durations_are_divided_and_the_rest_stays(path: Path) -> None:
    before = path.read_text("utf-8")
    after = CLOCK.transform(path.name, before)
    assert DURATION.sub("t", code(after)) == DURATION.sub("t", code(before))
    found = DURATION.findall(code(after))
    assert found
    assert all(duration.endswith("ms") for duration in found)


def test_a_duration_is_divided() -> None:
    rule = "expr: sum_over_time(a:b:sum1d[1h] offset 1d) > 60\n    for: 2m\n"
    divided = "expr: sum_over_time(a:b:sum1d[180000ms] offset 4320000ms) > 60\n    for: 6000ms\n"
    assert CLOCK.transform("rules/x.yml", rule) == divided
    assert CLOCK.transform("alertmanager.yml", "  group_wait: 30s\n") == "  group_wait: 250ms\n"


def test_alertmanager_and_the_exporter_are_faster_but_for_what_is_measured_once_a_day() -> None:
    text = render_alertmanager({})
    assert DURATION.sub("t", code(CLOCK.transform("alertmanager.yml", text))) == DURATION.sub("t", code(text))
    local = render({"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    config = yaml.safe_load(CLOCK.transform("yace.yml", yaml.safe_dump(local)))
    windows = {(job["period"], job["length"], job.get("delay", 0)) for job in jobs(config)}
    assert windows == {(3, 3, 6), (86400, 172800, 0)}


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian's prometheus)"
)
def test_prometheus_takes_the_faster_rules(tmp_path: Path) -> None:
    for path in FILES[1:]:
        (tmp_path / path.name).write_text(CLOCK.transform(path.name, path.read_text("utf-8")))
    command = ["promtool", "check", "rules", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
