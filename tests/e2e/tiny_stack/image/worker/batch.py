"""Fails the messages that say so, one by one."""

import shared


def handler(event, context):
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    for body in bodies.values():
        print(f"{shared.GREETING} {body}")
    return {
        "batchItemFailures": [{"itemIdentifier": key} for key, body in bodies.items() if "poison" in body]
    }
