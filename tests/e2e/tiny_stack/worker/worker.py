"""Does what the event says: answers, sleeps, eats memory, dies."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

COUNT = {"events": 0}


def handler(event, context):
    COUNT["events"] += 1
    return ACTIONS[event.get("do", "answer")](event, context)


def answer(event, context):
    print("working on", event.get("source", event.get("do")))
    return {
        "pid": os.getpid(),
        "count": COUNT["events"],
        "environment": dict(os.environ),
        "remaining_ms": context.get_remaining_time_in_millis(),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
    }


def sleep(event, context):
    time.sleep(60)


def sleep_with_child(event, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(event["file"]).write_text(str(child.pid))
    time.sleep(60)


def eat(event, context):
    block = bytearray(os.urandom(1024) * 1024 * 400)
    time.sleep(60)
    return len(block)


def die(event, context):
    os._exit(7)


def fail(event, context):
    raise ValueError("this event is wrong")


def large(event, context):
    return "x" * (7 * 1024 * 1024)


def meet(event, context):
    """Return only when as many events are being worked on at the same time as the event says."""
    folder = Path(event["folder"])
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < event["people"]:
        time.sleep(0.01)
    return os.getpid()


def wait_for(event, context):
    Path(event["started"]).touch()
    while not Path(event["file"]).exists():
        time.sleep(0.01)
    return "waited"


def measure(event, context):
    directive = {
        "Namespace": "Tiny",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "Seen", "Unit": "Count"}],
    }
    stamp = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": stamp, "service": "worker", "Seen": [3]}))


ACTIONS = {
    action.__name__: action
    for action in (answer, sleep, sleep_with_child, eat, die, fail, large, meet, wait_for, measure)
}
