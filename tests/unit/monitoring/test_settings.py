"""What the containers of monitoring read: written by one of them before the others start."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from monitoring import settings
from tests.conftest import ROOT

MONITORING = ROOT / "monitoring"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:csv-analyzer-alarms"
ENVIRONMENT = {"AWS_REGION": "eu-central-1", "ALERT_TOPIC_ARN": TOPIC}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What was written for one region and topic."""
    settings.write(tmp_path / "settings", tmp_path / "runbooks", ENVIRONMENT)
    return tmp_path


def test_region_and_topic_are_put_in(folder: Path) -> None:
    exporter = yaml.safe_load((folder / "settings" / "yace.yml").read_text("utf-8"))
    assert {region for job in exporter["discovery"]["jobs"] for region in job["regions"]} == {"eu-central-1"}
    receivers = yaml.safe_load((folder / "settings" / "alertmanager.yml").read_text("utf-8"))["receivers"]
    told = {each["name"]: [to["topic_arn"] for to in each.get("sns_configs", ())] for each in receivers}
    assert told == {"page": [TOPIC], "daily": [TOPIC], "note": []}


def test_prometheus_watches_this_machine_by_the_rules_of_the_repository(folder: Path) -> None:
    written = folder / "settings" / "prometheus"
    names = {str(path.relative_to(written)) for path in written.rglob("*") if path.is_file()}
    source = MONITORING / "prometheus"
    assert names == {"prometheus.yml"} | {
        str(path.relative_to(source)) for part in ("rules", "targets") for path in (source / part).iterdir()
    }
    targets = [yaml.safe_load(path.read_text("utf-8")) for path in (written / "targets").iterdir()]
    assert {target for (group,) in targets for target in group["targets"]} == {
        *("127.0.0.1:5000", "127.0.0.1:9090", "127.0.0.1:9093")
    }


def test_grafana_finds_its_dashboards_where_its_provisioning_says(folder: Path) -> None:
    provider = yaml.safe_load(
        (folder / "settings" / "provisioning" / "dashboards" / "csv-analyzer.yml").read_text("utf-8")
    )
    place = Path(provider["providers"][0]["options"]["path"])
    # Where infra/monitoring-containers.yaml mounts the folder.
    written = folder / "settings" / place.relative_to("/var/lib/csv-analyzer")
    assert {path.name for path in written.iterdir()} == {
        path.name for path in (MONITORING / "grafana" / "dashboards").iterdir()
    }
    assert (folder / "runbooks" / "README.md").is_file()


def test_no_receiver_that_could_be_secret_is_written(tmp_path: Path) -> None:
    secret = {"ALERT_WEBHOOK_URL": "https://hooks.example.com/secret"}
    settings.write(tmp_path, tmp_path / "runbooks", ENVIRONMENT | secret)
    assert not [path for path in tmp_path.rglob("*.yml") if "hooks.example.com" in path.read_text("utf-8")]


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "AWS_REGION is ''"),
        (ENVIRONMENT | {"ALERT_TOPIC_ARN": "alarms"}, "ALERT_TOPIC_ARN is not the ARN of a topic"),
    ],
)
def test_nothing_is_written_from_what_cannot_be_right(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: dict[str, str],
    complaint: str,
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert settings.main([str(tmp_path / "settings"), str(tmp_path / "runbooks")]) == 1
    assert complaint in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian's prometheus)"
)
def test_prometheus_takes_what_was_written(folder: Path) -> None:
    subprocess.run(
        ["promtool", "check", "config", str(folder / "settings/prometheus/prometheus.yml")], check=True
    )


@pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not installed (Debian's prometheus-alertmanager)"
)
def test_alertmanager_takes_what_was_written(folder: Path) -> None:
    subprocess.run(["amtool", "check-config", str(folder / "settings/alertmanager.yml")], check=True)
