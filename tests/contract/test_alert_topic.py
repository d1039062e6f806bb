"""Alerts reach a topic of SNS: the real Alertmanager, with our configuration, against moto."""

import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import httpx
import pytest
import yaml
from moto import mock_aws

from infra.local.process import Guard, ServerProcess, free_port
from monitoring.alertmanager.render import render

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PROGRAM is None, reason="Alertmanager is not installed (Debian's prometheus-alertmanager)"
    ),
]


@mock_aws
def test_a_critical_alert_is_published_when_it_begins_and_when_it_ends(moto_url: str, tmp_path: Path) -> None:
    topic = boto3.client("sns").create_topic(Name="alarms")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=topic.replace(":sns:", ":sqs:").replace("alarms", "heard")
    )
    config = yaml.safe_load(render({"ALERT_TOPIC_ARN": topic}))
    for receiver in config["receivers"]:
        for told in receiver.get("sns_configs", ()):
            told["api_url"] = moto_url
    for route in (config["route"], *config["route"]["routes"]):
        route.update(group_wait="0s", group_interval="1s")
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    guard = Guard()
    server = ServerProcess(
        name="alertmanager",
        command=[
            *(str(PROGRAM), f"--config.file={tmp_path / 'alertmanager.yml'}"),
            *(f"--storage.path={tmp_path / 'data'}", "--cluster.listen-address="),
            f"--web.listen-address={address}",
        ],
        health_url=f"http://{address}/-/ready",
        log_path=tmp_path / "alertmanager.log",
        guard=guard,
        environment={
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "PATH": os.environ["PATH"],
        },
    )
    try:
        server.start()
        server.wait_ready(30)
        alert = {"labels": {"alertname": "ExporterDown", "severity": "critical", "region": "us-east-1"}}
        note = {"labels": {"alertname": "Deployed", "severity": "info", "region": "us-east-1"}}
        url = f"http://{address}/api/v2/alerts"
        httpx.post(url, json=[alert, note]).raise_for_status()
        begun = _heard(queue)
        assert begun["TopicArn"] == topic
        assert begun["Subject"].startswith("[FIRING:1] ExporterDown")
        ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        httpx.post(url, json=[{**alert, "endsAt": ended}]).raise_for_status()
        assert _heard(queue)["Subject"].startswith("[RESOLVED] ExporterDown")
    finally:
        server.stop()
        guard.close()


def _heard(queue: str) -> dict[str, str]:
    """The next message of the queue, which must be the only one."""
    sqs = boto3.client("sqs")
    deadline = time.monotonic() + 30
    while not (found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages")):
        assert time.monotonic() < deadline, "nothing was published"
        time.sleep(0.2)
    (message,) = found
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    notification: dict[str, str] = json.loads(message["Body"])
    return notification
