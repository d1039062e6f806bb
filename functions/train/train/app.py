"""A training was ordered: decode the event, train, answer which messages must come back."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from csv_analyzer.dynamo import Table
from csv_analyzer.events import objects_written
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics
from csv_analyzer.settings import TrainSettings
from csv_analyzer.storage import Storage

from train.service import Trainer
from train.tracking_service import TrackingService

settings = TrainSettings.from_environment()
processor = BatchProcessor(event_type=EventType.SQS)
table = Table(settings.catalog_table)
storage = Storage(settings.data_bucket)
trainer = Trainer(table, storage, TrackingService(table, storage, settings.mlflow_tracking_uri))


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Carry out every order that the messages name."""
    return process_partial_response(event, _train, processor, context)


def _train(record: SQSRecord, lambda_context: LambdaContext) -> None:
    metrics.add_metric(Metric.EVENTS, MetricUnit.Count, 1)
    attempt = int(record.attributes.approximate_receive_count)
    for written in objects_written(record.body):
        trainer.train(written.key, lambda_context.get_remaining_time_in_millis() / 1000, attempt)
