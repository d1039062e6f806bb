"""Counting of predictions: what is written when, and what becomes of it when S3 is away or slow."""

import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from csv_analyzer import keys
from csv_analyzer.errors import DependencyError
from csv_analyzer.keys import VersionKey
from predict.observations import (
    MAX_COUNTED,
    MAX_WAITING,
    RETRY_SECONDS,
    ROWS_AT_ONCE,
    SECONDS_BETWEEN_WRITES,
    Observations,
)
from scoring.drift.traffic import one_request
from tests.unit.scoring.batch_samples import REFERENCE, model

NOON = 1_774_958_400.0  # 2026-03-31T12:00:00Z
HOUSES = VersionKey("me", "houses", 3)
SHA = "ab" * 32
MODEL = model(reference=REFERENCE)


class Bucket:
    """What stands in for S3: keeps what is written, fails or waits when told to."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.attempts = 0
        self.fails = False
        self.forgets_to_answer = False
        self.opened = threading.Event()
        self.opened.set()

    def put_quickly(self, key: str, body: bytes, content_type: str) -> None:
        assert content_type == "application/json"
        self.attempts += 1
        self.opened.wait(30)
        if self.fails:
            raise DependencyError("S3 is away.")
        assert self.objects.setdefault(key, body) == body
        if self.forgets_to_answer:
            raise DependencyError("S3 has it, and nobody knows.")

    def rows(self) -> int:
        return sum(json.loads(body)["rows"] for body in self.objects.values())


@pytest.fixture
def now() -> list[float]:
    return [NOON]


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def counted(bucket: Bucket, now: list[float]) -> Observations:
    return Observations(bucket, lambda: now[0], wait_seconds=30)  # type: ignore[arg-type]  # as far as it is used


def count(counted: Observations, rows: int = 1, version: VersionKey = HOUSES, flush: bool = True) -> None:
    read = MODEL.read([MODEL.example] * rows)
    counted.count(version, SHA, MODEL, read, MODEL.score(read.columns, rows))
    if flush:
        counted.flush()


def test_many_rows_are_written_at_once_as_counts_alone(counted: Observations, bucket: Bucket) -> None:
    count(counted, ROWS_AT_ONCE)

    ((key, body),) = bucket.objects.items()
    place = keys.parse_observation(key)
    assert place is not None
    assert (place.version, place.date) == (HOUSES, "2026-03-31")
    found = json.loads(body)
    assert (found["manifest_sha256"], found["rows"]) == (SHA, ROWS_AT_ONCE)
    assert len(found["counts"]) == MODEL.reference.size  # type: ignore[union-attr]
    assert sorted(set(found["counts"])) == [0, ROWS_AT_ONCE]
    assert set(found) == {"manifest_sha256", "rows", "counts", "requests"}


def test_few_rows_wait_for_a_minute(counted: Observations, bucket: Bucket, now: list[float]) -> None:
    count(counted)
    now[0] += SECONDS_BETWEEN_WRITES - 1
    count(counted)
    assert not bucket.objects
    now[0] += 1
    count(counted)
    assert bucket.rows() == 3
    assert len(bucket.objects) == 1


def test_a_process_writes_once_a_minute_at_most(
    counted: Observations, bucket: Bucket, now: list[float]
) -> None:
    for _ in range(10):
        count(counted, ROWS_AT_ONCE)
        now[0] += SECONDS_BETWEEN_WRITES / 10
    assert bucket.rows() == ROWS_AT_ONCE
    count(counted)
    assert bucket.rows() == 10 * ROWS_AT_ONCE + 1
    assert bucket.attempts == 2


def test_versions_and_days_are_counted_apart(counted: Observations, bucket: Bucket, now: list[float]) -> None:
    other = VersionKey("you", "houses", 4)
    count(counted, 60, flush=False)
    count(counted, 50, other, flush=False)
    now[0] += 12 * 3600
    count(counted, 40)

    found = {}
    for key, body in bucket.objects.items():
        place = keys.parse_observation(key)
        assert place is not None
        found[place.version, place.date] = json.loads(body)["rows"]
    assert found == {(HOUSES, "2026-03-31"): 60, (other, "2026-03-31"): 50, (HOUSES, "2026-04-01"): 40}


def test_what_failed_is_written_later_and_once(
    counted: Observations, bucket: Bucket, now: list[float]
) -> None:
    bucket.fails = True
    count(counted, ROWS_AT_ONCE)
    bucket.fails, bucket.forgets_to_answer = False, True
    for _ in range(3):
        now[0] += SECONDS_BETWEEN_WRITES
        count(counted)
    bucket.forgets_to_answer = False
    now[0] += SECONDS_BETWEEN_WRITES
    count(counted)

    # The bucket itself insists that a repeat brings the same bytes.
    assert bucket.rows() == ROWS_AT_ONCE + 4
    assert not counted._waiting


def test_what_can_not_be_written_for_an_hour_is_given_up(
    counted: Observations, bucket: Bucket, now: list[float]
) -> None:
    bucket.fails = True
    count(counted, ROWS_AT_ONCE)
    now[0] += RETRY_SECONDS
    bucket.fails = False
    count(counted, ROWS_AT_ONCE)

    assert bucket.rows() == ROWS_AT_ONCE


def test_a_thread_that_was_frozen_for_an_hour_writes_nothing_old(bucket: Bucket) -> None:
    times = iter([NOON, NOON, NOON + RETRY_SECONDS])
    late = Observations(bucket, lambda: next(times), wait_seconds=30)  # type: ignore[arg-type]
    count(late, ROWS_AT_ONCE)

    assert not bucket.attempts


def test_an_answer_waits_a_bounded_time_and_the_write_goes_on(bucket: Bucket, now: list[float]) -> None:
    counted = Observations(bucket, lambda: now[0], wait_seconds=0.01)  # type: ignore[arg-type]
    bucket.opened.clear()
    count(counted, ROWS_AT_ONCE)
    assert not bucket.objects
    now[0] += SECONDS_BETWEEN_WRITES
    count(counted, ROWS_AT_ONCE)
    assert bucket.attempts == 1
    bucket.opened.set()
    assert counted._settle(30)
    count(counted, ROWS_AT_ONCE)
    assert counted._settle(30)
    assert bucket.rows() == 3 * ROWS_AT_ONCE


def test_what_waits_is_bounded(counted: Observations, bucket: Bucket) -> None:
    bucket.fails = True
    for number in range(MAX_COUNTED + MAX_WAITING + 20):
        count(counted, 1, VersionKey("me", "houses", number + 1), flush=False)
        assert len(counted._counted) <= MAX_COUNTED
    counted.flush()

    assert len(counted._waiting) == MAX_WAITING


def test_a_model_without_a_reference_is_not_counted(counted: Observations, bucket: Bucket) -> None:
    plain = model()
    read = plain.read([plain.example] * ROWS_AT_ONCE)
    counted.count(HOUSES, SHA, plain, read, plain.score(read.columns, read.count))
    counted.flush()

    assert not bucket.attempts


Break = Callable[[pytest.MonkeyPatch, Bucket], None]


def _break_counting(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    monkeypatch.setattr(MODEL, "decided", lambda outputs: 1 / 0)


def _break_writing(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    monkeypatch.setattr(bucket, "put_quickly", lambda *_: 1 / 0)


@pytest.mark.parametrize("break_something", [_break_counting, _break_writing])
def test_no_fault_reaches_the_prediction(
    counted: Observations, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, break_something: Break
) -> None:
    break_something(monkeypatch, bucket)
    count(counted, ROWS_AT_ONCE)

    assert not bucket.objects


def test_counts_are_those_of_the_rows(counted: Observations, bucket: Bucket) -> None:
    example: dict[str, Any] = MODEL.example
    read = MODEL.read([{**example, "kind": kind} for kind in (None, "flat", "flat", "castle")] * 25)
    counted.count(HOUSES, SHA, MODEL, read, MODEL.score(read.columns, read.count))
    counted.flush()

    (body,) = bucket.objects.values()
    reference = MODEL.reference
    assert reference is not None
    kinds = reference.split(np.array(json.loads(body)["counts"]))[4]
    assert kinds.tolist() == [25, 50, 25, 0]


def test_a_request_counts_with_the_rows_that_were_counted_last(counted: Observations, bucket: Bucket) -> None:
    count(counted, rows=ROWS_AT_ONCE, flush=False)
    counted.answered(3.0)
    # A second answer without rows, such as a refusal, is of no version.
    counted.answered(3.0)
    counted.flush()

    (body,) = bucket.objects.values()
    assert json.loads(body)["requests"] == one_request(3.0).tolist()
