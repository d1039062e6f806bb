"""Every two minutes: delete what was erased, and sweep up after workers that had begun."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import metrics, observed
from csv_analyzer.settings import EraseSettings
from csv_analyzer.storage import Storage
from erase.service import Eraser

settings = EraseSettings.from_environment()
eraser = Eraser(
    Catalog(Table(settings.catalog_table)),
    Storage(settings.data_bucket),
    with_mlflow=bool(settings.mlflow_tracking_uri),
)


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001  # Lambda's signature
    """Go on with pending erasures as long as the time allows."""
    metrics.add_metric(Metric.EVENTS, MetricUnit.Count, 1)
    return {"advanced": eraser.run(lambda: context.get_remaining_time_in_millis() / 1000)}
