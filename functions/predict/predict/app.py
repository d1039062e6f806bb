"""``POST /models/{name}/predict``: decode, call, encode."""

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer import http
from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.metrics import RouteClass
from csv_analyzer.observability import observed
from csv_analyzer.settings import PredictSettings
from csv_analyzer.storage import Storage
from predict import request
from predict.answer import encode
from predict.service import Predictor

settings = PredictSettings.from_environment()
predictor = Predictor(Catalog(Table(settings.catalog_table)), Storage(settings.data_bucket))


@observed(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  # Lambda's signature
    """Answer one request of API Gateway."""
    return http.answer(lambda: _predict(event), settings.cors_origin, RouteClass.PREDICT)


def _predict(event: dict[str, Any]) -> http.Encoded:
    begun = time.perf_counter()
    answer = predictor.predict(
        http.owner_of(event),
        http.path_parameter(event, "name"),
        request.wanted_of(event),
        request.body_of(event),
    )
    encoded = encode(answer)
    predictor.observations.answered((time.perf_counter() - begun) * 1000)
    predictor.observations.flush()
    return encoded
