"""What starts functions beside the API: SQS event source mappings and schedules."""

import asyncio
import contextlib
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.environment import Outcome
from infra.local.physical import PhysicalIds
from infra.local.runtime import FunctionPool, PayloadTooLargeError, ThrottledError
from infra.local.specs import QueueMapping, Schedule

LOGGER = logging.getLogger("infra.local")
_LONG_POLL_SECONDS = 20
_DEFAULT_CONCURRENCY = 5
_RETRY_SECONDS = 1.0


def sqs_event(messages: Sequence[Mapping[str, Any]], queue_arn: str, region: str) -> dict[str, Any]:
    """Return the event for received messages."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {
                    name: _message_attribute(value)
                    for name, value in message.get("MessageAttributes", {}).items()
                },
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": region,
            }
            for message in messages
        ]
    }


def _message_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stringValue": value.get("StringValue"),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value["DataType"],
    }


def failed_messages(outcome: Outcome, message_ids: Sequence[str], *, partial: bool) -> set[str]:
    """Return the messages of a batch that have to come back.

    Parameters
    ----------
    outcome:
        What the function ended with.
    message_ids:
        The ids of the batch.
    partial:
        Whether the mapping lets the function report single messages. A report that cannot be
        understood fails the whole batch, as on AWS.
    """
    everything = set(message_ids)
    if outcome.error:
        return everything
    if not partial:
        return set()
    try:
        result = json.loads(outcome.payload or b"null")
        items = (result or {}).get("batchItemFailures") or []
        failed = {item["itemIdentifier"] for item in items}
    except (ValueError, TypeError, AttributeError, KeyError):
        return everything
    # An unknown id makes the report unusable.
    return everything if failed - everything else failed


class QueuePoller:
    """Feeds a function from a queue, as an event source mapping does.

    A message that fails is left alone: it becomes visible again after the queue's visibility timeout,
    and the queue's redrive policy moves it to the dead-letter queue after too many receives.

    Parameters
    ----------
    mapping:
        The mapping as the template declares it.
    queue_url, queue_arn, region:
        The queue.
    pool:
        The function.
    sqs:
        The SQS client.
    """

    def __init__(
        self, mapping: QueueMapping, queue_url: str, ids: tuple[str, str], pool: FunctionPool, sqs: Any
    ) -> None:
        self._mapping = mapping
        self._queue_url = queue_url
        self._queue_arn, self._region = ids
        self._pool = pool
        self._sqs = sqs
        self._stopping = False
        concurrency = mapping.maximum_concurrency or _DEFAULT_CONCURRENCY
        if pool.function.reserved_concurrency:
            concurrency = min(concurrency, pool.function.reserved_concurrency)
        self._places = asyncio.Semaphore(concurrency)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix=f"poll-{mapping.logical_id}")
        self._batches: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to poll."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop polling; moto must be down already, so that the long poll ends at once."""
        self._stopping = True
        tasks = [*self._batches, *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping:
            # A message is taken only when there is a place for it: it would wait hidden otherwise.
            await self._places.acquire()
            try:
                messages = await loop.run_in_executor(self._threads, self._receive)
            except (BotoCoreError, ClientError) as error:
                self._places.release()
                if not self._stopping:
                    LOGGER.warning("%s: the queue does not answer: %s", self._mapping.logical_id, error)
                    await asyncio.sleep(_RETRY_SECONDS)
                continue
            if not messages:
                self._places.release()
                continue
            task = asyncio.create_task(self._process(messages))
            self._batches.add(task)
            task.add_done_callback(self._batches.discard)

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(self._mapping.batch_size, 10),
            WaitTimeSeconds=_LONG_POLL_SECONDS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    async def _process(self, messages: Sequence[Mapping[str, Any]]) -> None:
        try:
            event = json.dumps(sqs_event(messages, self._queue_arn, self._region)).encode()
            try:
                outcome = await self._pool.invoke(event)
            except (ThrottledError, PayloadTooLargeError) as error:
                LOGGER.warning("%s: %s", self._mapping.logical_id, error)
                return
            failed = failed_messages(
                outcome,
                [message["MessageId"] for message in messages],
                partial=self._mapping.report_batch_item_failures,
            )
            done = [message for message in messages if message["MessageId"] not in failed]
            if done:
                with contextlib.suppress(BotoCoreError, ClientError):
                    await asyncio.to_thread(self._delete, done)
        finally:
            self._places.release()

    def _delete(self, messages: Sequence[Mapping[str, Any]]) -> None:
        self._sqs.delete_message_batch(
            QueueUrl=self._queue_url,
            Entries=[
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages)
            ],
        )


def schedule_event(schedule: Schedule, ids: PhysicalIds) -> bytes:
    """Return the event of a schedule: its own input, or the one of EventBridge."""
    if schedule.input is not None:
        return schedule.input.encode()
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ids.account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": ids.region,
        "resources": [f"arn:aws:events:{ids.region}:{ids.account}:rule/{schedule.logical_id}"],
        "detail": {},
    }
    return json.dumps(event).encode()


class ScheduleTimer:
    """Fires a schedule; one with a cron expression fires only by hand.

    Parameters
    ----------
    schedule:
        The schedule as the template declares it.
    ids:
        The ids of the stack.
    pool:
        The function.
    """

    def __init__(self, schedule: Schedule, ids: PhysicalIds, pool: FunctionPool) -> None:
        self.schedule = schedule
        self._ids = ids
        self._pool = pool
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to count, if the schedule is enabled and is a rate."""
        if self.schedule.enabled and self.schedule.interval_seconds is not None:
            self._task = asyncio.create_task(self._run(self.schedule.interval_seconds))

    async def stop(self) -> None:
        """Stop counting."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def fire(self) -> Outcome:
        """Run the function now."""
        return await self._pool.invoke(schedule_event(self.schedule, self._ids))

    async def _run(self, interval_seconds: float) -> None:
        while True:
            await asyncio.sleep(interval_seconds)
            with contextlib.suppress(ThrottledError):
                await self.fire()
