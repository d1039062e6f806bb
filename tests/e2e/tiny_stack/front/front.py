"""Answers with what it has received."""

import json

import shared


def handler(event, context):
    answer = {"event": event, "greeting": shared.GREETING}
    return {"statusCode": 200, "headers": {"X-Echo": "yes"}, "body": json.dumps(answer)}
