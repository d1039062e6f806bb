"""Every few minutes: tell MLflow what could not be told in time: versions, their stages, and erasures."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer.dynamo import Table
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import metrics, observed
from csv_analyzer.settings import TrackingSettings
from csv_analyzer.storage import Storage
from train.tracking_erasure import TrackingErasure
from train.tracking_service import TrackingService

settings = TrackingSettings.from_environment()
service = TrackingService(
    Table(settings.catalog_table), Storage(settings.data_bucket), settings.mlflow_tracking_uri
)
erasure = TrackingErasure(service.table, settings.mlflow_tracking_uri)


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  # Lambda's signature
    """Log pending versions, mirror changed stages and delete what was erased as long as the time allows."""
    metrics.add_metric(Metric.EVENTS, MetricUnit.Count, 1)

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    return {
        "logged": service.log_pending(seconds_left),
        "mirrored": service.mirror_pending(seconds_left),
        "erased": erasure.run(seconds_left),
    }
