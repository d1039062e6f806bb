"""Alertmanager's configuration, made from the environment and judged by its own tool."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from monitoring.alertmanager import render
from tests.conftest import ROOT

MAIL = {
    "ALERT_EMAIL_TO": "ops@example.com, dev@example.com",
    "ALERT_EMAIL_FROM": "csv-analyzer@example.com",
    "ALERT_SMTP_HOST": "smtp.example.com:587",
}
ALL = {
    **MAIL,
    "ALERT_PAGE_EMAIL_TO": "oncall@example.com",
    "ALERT_SMTP_USERNAME": "user",
    "ALERT_SMTP_PASSWORD": 'a "quoted": #${EMAIL} \\ {{ $x }}',
    "ALERT_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "ALERT_WEBHOOK_URL": "https://hooks.example.com/alerts?key=1&x=#2",
    "ALERT_WEBHOOK_TOKEN": "secret",
}
needs_amtool = pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not installed (Debian's prometheus-alertmanager)"
)


def _receivers(environment: dict[str, str]) -> dict[str, dict[str, list[dict[str, object]]]]:
    receivers = yaml.safe_load(render.render(environment))["receivers"]
    return {receiver.pop("name"): receiver for receiver in receivers}


def test_without_anything_in_the_environment_nobody_is_told() -> None:
    receivers = _receivers({"PATH": "/bin", "ALERT_EMAIL_TO": ""})
    assert set(receivers) == {"page", "daily", "note"}
    assert not any(configs for receiver in receivers.values() for configs in receiver.values())


def test_each_receiver_gets_what_the_environment_says_whatever_characters_it_has() -> None:
    receivers = _receivers(ALL)
    (page,) = receivers["page"]["email_configs"]
    (daily,) = receivers["daily"]["email_configs"]
    assert page["to"] == "oncall@example.com"
    assert daily["to"] == "ops@example.com, dev@example.com"
    assert daily["auth_password"] == ALL["ALERT_SMTP_PASSWORD"]
    assert daily["require_tls"] is True
    for name in ("page", "daily"):
        (topic,) = receivers[name]["sns_configs"]
        assert topic["topic_arn"] == ALL["ALERT_TOPIC_ARN"]
        assert topic["sigv4"] == {"region": "eu-central-1"}
        assert topic["send_resolved"] is True
    assert set(receivers["note"]) == {"webhook_configs"}
    for receiver in receivers.values():
        (webhook,) = receiver["webhook_configs"]
        assert webhook["url"] == ALL["ALERT_WEBHOOK_URL"]
        assert webhook["send_resolved"] is True
        assert webhook["http_config"] == {"authorization": {"credentials": "secret"}}


def test_critical_alerts_are_mailed_to_everybody_without_an_address_of_their_own() -> None:
    receivers = _receivers(MAIL)
    assert receivers["page"]["email_configs"] == receivers["daily"]["email_configs"]


def test_a_mail_server_on_this_machine_needs_no_tls() -> None:
    (email,) = _receivers({**MAIL, "ALERT_SMTP_HOST": "127.0.0.1:25"})["daily"]["email_configs"]
    assert email["require_tls"] is False


@pytest.mark.parametrize(
    ("environment", "faults"),
    [
        ({"ALERT_EMAIL_TO": "ops@example.com"}, ["ALERT_EMAIL_FROM", "ALERT_SMTP_HOST"]),
        ({**MAIL, "ALERT_EMAIL_TO": "no address, ops@example.com"}, ["'no address'"]),
        ({**MAIL, "ALERT_EMAIL_TO": ",".join(["a@b"] * 51)}, ["more than 50"]),
        ({**MAIL, "ALERT_SMTP_HOST": "smtp.example.com"}, ["ALERT_SMTP_HOST"]),
        ({**MAIL, "ALERT_SMTP_USERNAME": "user"}, ["go together"]),
        ({"ALERT_WEBHOOK_URL": "file:///etc/passwd"}, ["ALERT_WEBHOOK_URL"]),
        ({"ALERT_TOPIC_ARN": "arn:aws:sqs:eu-central-1:123456789012:alarms"}, ["ALERT_TOPIC_ARN"]),
        ({"ALERT_WEBHOOK_URL": "http://[::1"}, ["ALERT_WEBHOOK_URL"]),
        ({"ALERT_WEBHOOK_URL": "http://a:99999/"}, ["ALERT_WEBHOOK_URL"]),
        ({"ALERT_WEBHOOK_URL": "http://a/\nreceivers: []"}, ["not printed"]),
        ({"ALERT_WEBHOOK_TOKEN": "x" * 4097}, ["4096"]),
    ],
)
def test_faults_are_all_named(environment: dict[str, str], faults: list[str]) -> None:
    with pytest.raises(ValueError, match="ALERT_") as error:
        render.render(environment)
    assert [fault for fault in faults if fault not in str(error.value)] == []


def test_a_fault_shows_no_secret() -> None:
    wrong = "ftp://user:secret@a/"  # pragma: allowlist secret
    with pytest.raises(ValueError, match="ALERT_WEBHOOK_URL") as error:
        render.render({"ALERT_WEBHOOK_URL": wrong, "ALERT_WEBHOOK_TOKEN": "secret\n"})
    assert "secret" not in str(error.value)


def test_the_program_writes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    target = tmp_path / "alertmanager.yml"
    target.write_text("old", "utf-8")
    target.chmod(0o644)
    program = [sys.executable, "-S", str(ROOT / "monitoring/alertmanager/render.py"), str(target)]
    subprocess.run(program, env={"ALERT_WEBHOOK_URL": "http://127.0.0.1:9/"}, check=True)
    assert target.stat().st_mode & 0o777 == 0o600
    assert json.dumps("http://127.0.0.1:9/") in target.read_text("utf-8")
    failed = subprocess.run(
        program, env={"ALERT_WEBHOOK_URL": "x"}, capture_output=True, text=True, check=False
    )
    assert failed.returncode == 1
    assert failed.stderr == "ALERT_WEBHOOK_URL is no http or https address\n"


@needs_amtool
@pytest.mark.parametrize("environment", [{}, MAIL, ALL], ids=["nobody", "mail", "all"])
def test_alertmanager_takes_the_configuration(environment: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "alertmanager.yml"
    target.write_text(render.render(environment), "utf-8")
    subprocess.run(["amtool", "check-config", str(target)], check=True)


@needs_amtool
@pytest.mark.parametrize(
    ("severity", "receiver"), [("critical", "page"), ("warning", "daily"), ("info", "note"), ("", "daily")]
)
def test_severity_says_who_is_told(severity: str, receiver: str, tmp_path: Path) -> None:
    target = tmp_path / "alertmanager.yml"
    target.write_text(render.render(ALL), "utf-8")
    routed = subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={target}", f"severity={severity}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert routed.stdout.strip() == receiver


def test_inhibition_names_alerts_that_exist() -> None:
    rules = yaml.safe_load((ROOT / "monitoring/prometheus/rules/alerts.yml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    config = yaml.safe_load(render.render({}))
    named = {
        name
        for rule in config["inhibit_rules"]
        for matcher in rule["source_matchers"] + rule["target_matchers"]
        for name in matcher.split('"')[1].split("|")
    }
    assert named
    assert named <= alerts
