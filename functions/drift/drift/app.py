"""Every hour: fold what predictions counted, and say how far it is from the training."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer.catalog import Catalog
from csv_analyzer.dynamo import Table
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import metrics, observed
from csv_analyzer.settings import DriftSettings
from csv_analyzer.storage import Storage
from drift.service import DriftService

settings = DriftSettings.from_environment()
service = DriftService(Catalog(Table(settings.catalog_table)), Storage(settings.data_bucket))


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001  # Lambda's signature
    """Measure drift as long as the time allows."""
    metrics.add_metric(Metric.EVENTS, MetricUnit.Count, 1)
    return asdict(service.run(lambda: context.get_remaining_time_in_millis() / 1000))
