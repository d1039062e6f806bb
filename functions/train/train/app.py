"""A training was ordered: decode the event, train, answer which messages must come back."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer.consumer import consume
from csv_analyzer.dynamo import Table
from csv_analyzer.observability import observed
from csv_analyzer.settings import TrainSettings
from csv_analyzer.storage import Storage
from train.service import Trainer
from train.tracking_service import TrackingService

settings = TrainSettings.from_environment()
table = Table(settings.catalog_table)
storage = Storage(settings.data_bucket)
trainer = Trainer(table, storage, TrackingService(table, storage, settings.mlflow_tracking_uri))


@observed()
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Carry out every order that the messages name."""
    return consume(event, context, trainer.train)
