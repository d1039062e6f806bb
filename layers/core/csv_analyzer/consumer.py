"""The edge of functions behind a queue: which objects a batch of messages names, and which must come back."""

import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from csv_analyzer.errors import ErasedError
from csv_analyzer.events import objects_written
from csv_analyzer.metrics import Metric
from csv_analyzer.observability import logger, metrics

Work = Callable[[str, float, int], None]


def consume(event: dict[str, Any], context: LambdaContext, work: Work) -> Any:
    """Do the work for every object that the messages name; what was erased meanwhile needs none.

    Parameters
    ----------
    event : dict
        Batch of SQS messages that carry S3 notifications.
    context : LambdaContext
        Says how much time is left.
    work : callable
        Takes the object's key, the seconds left and how often the message was delivered.

    Returns
    -------
    dict
        Ids of the messages that must come back (partial batch response).

    Raises
    ------
    BatchProcessingError
        If none of the messages could be worked on.
    """

    def work_on(record: SQSRecord) -> None:
        metrics.add_metric(Metric.EVENTS, MetricUnit.Count, 1)
        waited = time.time() - int(record.attributes.sent_timestamp) / 1000
        metrics.add_metric(Metric.QUEUE_SECONDS, MetricUnit.Seconds, max(0.0, waited))
        attempt = int(record.attributes.approximate_receive_count)
        for written in objects_written(record.body):
            try:
                work(written.key, context.get_remaining_time_in_millis() / 1000, attempt)
            except ErasedError as error:
                logger.info("erased meanwhile", reason=str(error))

    return process_partial_response(event, work_on, BatchProcessor(event_type=EventType.SQS), context)
