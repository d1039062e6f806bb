"""The page and its files: decode, look up, encode."""

import json
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer import http
from csv_analyzer.errors import CsvAnalyzerError
from csv_analyzer.metrics import RouteClass
from csv_analyzer.observability import observed
from csv_analyzer.settings import AwsSettings, WebSettings
from web import address, headers
from web.page import Page, unbuilt

NEVER_STORED = "no-store"

settings = WebSettings.from_environment()
page = Page.load(Path(__file__).with_name("dist"))
_aws = AwsSettings.from_environment()
shield = headers.Shield((_aws.endpoint("cognito-idp"), _aws.bucket_endpoint(settings.data_bucket)))


@observed(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> http.Proxy:  # noqa: ARG001  # Lambda's signature
    """Answer one request of API Gateway."""
    https = (event.get("headers") or {}).get("X-Forwarded-Proto") == "https"
    return http.resolve(
        lambda: _answer(event, https=https), lambda error: _refuse(error, https=https), RouteClass.PAGE
    )


def _answer(event: dict[str, Any], *, https: bool) -> http.Proxy:
    asked = address.of(event)
    if asked.is_elsewhere:
        return _reply(302, "", {"Location": asked.mounted, "Cache-Control": NEVER_STORED}, https=https)
    if file := page.file(asked.below):
        kept = {"Content-Type": file.media_type, "Cache-Control": file.cache_control}
        return _reply(200, file.text, kept, https=https)
    document = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": NEVER_STORED}
    if not page.is_built:
        return _reply(503, unbuilt(asked.base), document, https=https)
    nonce = headers.new_nonce()
    return _reply(200, page.document(asked.mounted, nonce), document, https=https, nonce=nonce)


def _refuse(error: CsvAnalyzerError, *, https: bool) -> http.Proxy:
    described = {"Content-Type": http.PROBLEM_TYPE, "Cache-Control": NEVER_STORED}
    return _reply(error.status, json.dumps(http.problem(error)), described, https=https)


def _reply(status: int, body: str, own: dict[str, str], *, https: bool, nonce: str = "") -> http.Proxy:
    return {"statusCode": status, "headers": own | shield.headers(nonce, https=https), "body": body}
