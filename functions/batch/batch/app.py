"""A file of rows was uploaded: decode the event, score, answer which messages must come back."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from batch.service import BatchService
from csv_analyzer.catalog import Catalog
from csv_analyzer.consumer import consume
from csv_analyzer.dynamo import Table
from csv_analyzer.observability import observed
from csv_analyzer.settings import BatchSettings
from csv_analyzer.storage import Storage

settings = BatchSettings.from_environment()
service = BatchService(
    Catalog(Table(settings.catalog_table)), Storage(settings.data_bucket), settings.batch_queue_url
)


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Score every file that the messages name."""
    return consume(event, context, service.score)
