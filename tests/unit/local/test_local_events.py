"""Messages and schedules become events; what a function reports decides which messages come back."""

import asyncio
import json

import pytest

from infra.local.environment import Outcome, function_error
from infra.local.events import ScheduleTimer, failed_messages, schedule_event, sqs_event
from infra.local.physical import PhysicalIds
from infra.local.runtime import ThrottledError
from infra.local.specs import Schedule

IDS = ["m1", "m2", "m3"]


def test_received_messages_become_records():
    message = {
        "MessageId": "m1",
        "ReceiptHandle": "r1",
        "Body": "text",
        "MD5OfBody": "md5",
        "Attributes": {"ApproximateReceiveCount": "1"},
        "MessageAttributes": {"kind": {"StringValue": "x", "DataType": "String"}},
    }
    (record,) = sqs_event([message], "arn:aws:sqs:us-east-1:1:work", "us-east-1")["Records"]
    assert record["messageId"] == "m1"
    assert record["receiptHandle"] == "r1"
    assert record["body"] == "text"
    assert record["attributes"] == {"ApproximateReceiveCount": "1"}
    assert record["messageAttributes"]["kind"]["stringValue"] == "x"
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", "arn:aws:sqs:us-east-1:1:work")


def test_a_failed_function_fails_the_whole_batch():
    assert failed_messages(function_error("Error", "no"), IDS, partial=True) == set(IDS)


@pytest.mark.parametrize(
    "payload", [b"null", b"", b"{}", b'{"batchItemFailures": []}', b'{"batchItemFailures": null}']
)
def test_a_report_without_failures_is_a_success(payload: bytes):
    assert failed_messages(Outcome(payload, error=False), IDS, partial=True) == set()


def test_only_the_reported_messages_come_back():
    payload = json.dumps({"batchItemFailures": [{"itemIdentifier": "m2"}]}).encode()
    assert failed_messages(Outcome(payload, error=False), IDS, partial=True) == {"m2"}
    assert failed_messages(Outcome(payload, error=False), IDS, partial=False) == set()


@pytest.mark.parametrize(
    "payload",
    [
        b"[]]",
        b'"text"',
        b'{"batchItemFailures": [{"itemIdentifier": "unknown"}]}',
        b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
        b'{"batchItemFailures": [{"id": "m1"}]}',
        b'{"batchItemFailures": ["m1"]}',
    ],
)
def test_a_report_that_cannot_be_understood_fails_the_whole_batch(payload: bytes):
    assert failed_messages(Outcome(payload, error=False), IDS, partial=True) == set(IDS)


def test_a_schedule_sends_an_event_of_eventbridge_or_its_own_input():
    plain = Schedule("Rule", "Worker", "rate(5 minutes)", 300, None, enabled=True)
    event = json.loads(schedule_event(plain, PhysicalIds()))
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
    assert event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/Rule"]
    with_input = Schedule("Rule", "Worker", "rate(5 minutes)", 300, '{"a": 1}', enabled=True)
    assert json.loads(schedule_event(with_input, PhysicalIds())) == {"a": 1}


class FakePool:
    """A function that is throttled at first and remembers when it was called often enough."""

    def __init__(self, enough: int) -> None:
        self.calls = 0
        self._enough = enough
        self.called_enough = asyncio.Event()

    async def invoke(self, payload: bytes) -> Outcome:
        self.calls += 1
        if self.calls == 1:
            raise ThrottledError("busy")
        if self.calls == self._enough:
            self.called_enough.set()
        return Outcome(payload, error=False)


def test_a_rate_fires_again_and_again_until_it_is_stopped():
    async def run() -> None:
        pool = FakePool(enough=3)
        timer = ScheduleTimer(
            Schedule("Rule", "Worker", "rate(1 minute)", 0.01, None, enabled=True), PhysicalIds(), pool
        )
        timer.start()
        await asyncio.wait_for(pool.called_enough.wait(), 20)
        await timer.stop()

    asyncio.run(run())


@pytest.mark.parametrize(("interval", "enabled"), [(None, True), (0.0, False)])
def test_a_cron_expression_or_a_disabled_schedule_fires_only_by_hand(interval: float | None, enabled: bool):
    async def run() -> int:
        pool = FakePool(enough=1)
        pool.calls = 1
        schedule = Schedule("Rule", "Worker", "cron(0 3 * * ? *)", interval, '{"a": 1}', enabled=enabled)
        timer = ScheduleTimer(schedule, PhysicalIds(), pool)
        timer.start()
        await asyncio.sleep(0)
        assert pool.calls == 1
        outcome = await timer.fire()
        await timer.stop()
        assert outcome.payload == b'{"a": 1}'
        return pool.calls

    assert asyncio.run(run()) == 2
