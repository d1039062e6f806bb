"""Calls the predict function's handler as Lambda does, in one process: from its start, then warm.

``handled.py ROWS.json OWNER MODEL`` prints what ``served.py`` prints.
"""

import json
import sys
from pathlib import Path

from predict.app import handler
from tests.benchmarks.predict.served import TIMES, median_ms, peak_mb


class Context:
    function_name = "predict"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:predict"
    aws_request_id = "00000000-0000-4000-8000-000000000000"


def main():
    rows_file, owner, model = sys.argv[1:4]
    # What the handler logs and counts goes to stdout on Lambda; here that is for the figures.
    out, sys.stdout = sys.stdout, sys.stderr

    def predict(rows):
        claims = {"authorizer": {"claims": {"sub": owner}}, "requestId": "1"}
        event = {"requestContext": claims, "pathParameters": {"name": model}}
        answer = handler({**event, "body": json.dumps({"instances": rows})}, Context())
        if answer["statusCode"] != 200:
            raise RuntimeError(answer["body"])

    predict(json.loads(Path(f"{rows_file}.one").read_text()))
    out.write("first\n")
    out.flush()
    rows = json.loads(Path(rows_file).read_text())
    figures = {f"row{count}_ms": median_ms(predict, rows, count, TIMES[count]) for count in (1, 100)}
    out.write(json.dumps({**figures, "peak_rss_mb": peak_mb()}) + "\n")


if __name__ == "__main__":
    main()
