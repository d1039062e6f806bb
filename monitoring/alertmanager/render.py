"""Write Alertmanager's configuration: ``python monitoring/alertmanager/render.py FILE``.

Needs the standard library only, so that any image of Python can run it before Alertmanager starts.

Environment
-----------
ALERT_EMAIL_TO
    Addresses, with commas between, mailed of alerts of severity critical and warning; empty for no mail.
ALERT_PAGE_EMAIL_TO
    Addresses that are mailed of critical ones instead.
ALERT_EMAIL_FROM, ALERT_SMTP_HOST
    Sender, and server with port (``smtp.example.com:587``); needed as soon as somebody is to be mailed.
ALERT_SMTP_USERNAME, ALERT_SMTP_PASSWORD
    Sign-in at the server; none without a name. TLS is asked for unless the server is on this machine.
ALERT_TOPIC_ARN
    A topic of SNS that alerts of severity critical and warning are published to, with the credentials that
    Alertmanager finds; empty for none.
ALERT_WEBHOOK_URL
    Where all alerts are posted to as JSON, also when they are over; empty for nowhere.
ALERT_WEBHOOK_TOKEN
    Sent to the webhook as a bearer token.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

TEMPLATE = Path(__file__).with_name("alertmanager.yml")
_ADDRESS = re.compile(r"[^@\s,<>]{1,64}@[^@\s,<>]{1,255}")
_SERVER = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):[0-9]{1,5}")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]{1,32}):\d{12}:[\w-]{1,256}")
_HERE = ("localhost:", "127.", "[::1]:")
_MOST_ADDRESSES = 50
_LONGEST = 4096


def render(environment: Mapping[str, str]) -> str:
    """Return the configuration as YAML.

    Values are written as JSON, which is YAML: none can become anything but text.

    Raises
    ------
    ValueError
        If a value cannot be right or a needed one is missing; all faults are named, secrets are not shown.
    """
    values = {name: value for name, value in environment.items() if name.startswith("ALERT_") and value}
    faults = [
        f"{name} has more than {_LONGEST} characters or one that is not printed"
        for name, value in values.items()
        if len(value) > _LONGEST or not value.isprintable()
    ]
    everybody = _addresses("ALERT_EMAIL_TO", values, faults)
    paged = _addresses("ALERT_PAGE_EMAIL_TO", values, faults) or everybody
    if paged or everybody:
        _check_sender(values, faults)
    topic = values.get("ALERT_TOPIC_ARN", "")
    if topic and not _TOPIC.fullmatch(topic):
        faults.append("ALERT_TOPIC_ARN is not the ARN of a topic")
    webhook = values.get("ALERT_WEBHOOK_URL", "")
    if webhook and not _is_url(webhook):
        faults.append("ALERT_WEBHOOK_URL is no http or https address")
    if faults:
        raise ValueError("; ".join(faults))
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        PAGE_EMAIL=json.dumps(_email(paged, values)),
        EMAIL=json.dumps(_email(everybody, values)),
        TOPIC=json.dumps(_topic(topic)),
        WEBHOOK=json.dumps(_webhook(webhook, values)),
    )


def _addresses(name: str, values: Mapping[str, str], faults: list[str]) -> list[str]:
    addresses = [part.strip() for part in values.get(name, "").split(",") if part.strip()]
    if len(addresses) > _MOST_ADDRESSES:
        faults.append(f"{name} names more than {_MOST_ADDRESSES} addresses")
    faults += [
        f"{name}: {address[:100]!r} is no mail address"
        for address in addresses[:_MOST_ADDRESSES]
        if not _ADDRESS.fullmatch(address)
    ]
    return addresses


def _check_sender(values: Mapping[str, str], faults: list[str]) -> None:
    if not _ADDRESS.fullmatch(values.get("ALERT_EMAIL_FROM", "")):
        faults.append("ALERT_EMAIL_FROM must be a mail address, for alerts are to be mailed")
    if not _SERVER.fullmatch(values.get("ALERT_SMTP_HOST", "")):
        faults.append("ALERT_SMTP_HOST must be a server with its port, for alerts are to be mailed")
    if ("ALERT_SMTP_USERNAME" in values) != ("ALERT_SMTP_PASSWORD" in values):
        faults.append("ALERT_SMTP_USERNAME and ALERT_SMTP_PASSWORD go together")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _email(addresses: list[str], values: Mapping[str, str]) -> list[dict[str, Any]]:
    if not addresses:
        return []
    config: dict[str, Any] = {
        "to": ", ".join(addresses),
        "from": values["ALERT_EMAIL_FROM"],
        "smarthost": values["ALERT_SMTP_HOST"],
        "require_tls": not values["ALERT_SMTP_HOST"].startswith(_HERE),
        "send_resolved": True,
    }
    if "ALERT_SMTP_USERNAME" in values:
        config["auth_username"] = values["ALERT_SMTP_USERNAME"]
        config["auth_password"] = values["ALERT_SMTP_PASSWORD"]
    return [config]


def _topic(arn: str) -> list[dict[str, Any]]:
    found = _TOPIC.fullmatch(arn)
    if not found:
        return []
    return [{"topic_arn": arn, "sigv4": {"region": found["region"]}, "send_resolved": True}]


def _webhook(url: str, values: Mapping[str, str]) -> list[dict[str, Any]]:
    if not url:
        return []
    config: dict[str, Any] = {"url": url, "send_resolved": True}
    if "ALERT_WEBHOOK_TOKEN" in values:
        config["http_config"] = {"authorization": {"credentials": values["ALERT_WEBHOOK_TOKEN"]}}
    return [config]


def main(arguments: list[str]) -> int:
    """Write the configuration to the file named, readable by its owner alone."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python monitoring/alertmanager/render.py FILE\n")
        return 2
    try:
        text = render(os.environ)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    target = Path(arguments[0])
    target.unlink(missing_ok=True)
    with os.fdopen(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
