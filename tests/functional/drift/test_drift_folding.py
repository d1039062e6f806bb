"""Every observation counts exactly once, whatever is repeated, killed or late."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from csv_analyzer import ids, keys
from csv_analyzer.errors import ConflictError, DependencyError
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.storage import Storage
from drift import app as drift_app
from drift import service as drift_service
from drift.service import DriftService
from scoring.drift.observation import Observation
from tests.functional.conftest import ME, Context
from tests.functional.drift.conftest import HOUSES, NOW, TODAY, USUAL, World, run


def test_every_observation_counts_once_however_often_the_run_is_repeated(world: World) -> None:
    for _ in range(3):
        world.observe(300)
    assert run()["folded"] == 3
    assert run()["folded"] == run()["folded"] == 0
    assert world.rows_folded() == 900


def test_an_observation_that_is_written_again_after_it_was_folded_does_not_count(world: World) -> None:
    """Predict did not hear that S3 has it, and writes the same bytes to the same key once more."""
    key = world.observe(300)
    body = world.storage.get(key, 10**6)
    run()
    world.storage.put(key, body, "application/json")
    result = run()

    assert (result["folded"], world.rows_folded()) == (0, 300)
    assert not world.waiting()


Broken = Callable[[Storage, pytest.MonkeyPatch], None]


def _killed_before_the_document(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Storage, "put_if_unchanged", _killed)


def _killed_before_deleting(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Storage, "delete", _killed)


def _unheard(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document was written, but its writer is told that somebody else did."""
    write = Storage.put_if_unchanged

    def unheard(*args: Any) -> None:
        write(*args)
        raise ConflictError("The object has changed meanwhile.")

    monkeypatch.setattr(Storage, "put_if_unchanged", unheard)


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("broken", [_killed_before_the_document, _killed_before_deleting, _unheard])
def test_a_run_that_is_killed_anywhere_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, broken: Broken
) -> None:
    world.observe(300)
    world.observe(600)
    with monkeypatch.context() as patch:
        broken(world.storage, patch)
        with suppress(KeyboardInterrupt):
            run()
    assert len(world.waiting()) == 2
    # Hours later, when ids that can no longer be met are forgotten.
    for hours in (0, 3, 6):
        run(at=NOW + timedelta(hours=hours))
    assert world.rows_folded() == 900
    assert not world.waiting()
    assert world.document()["folded"] == []


def test_of_two_runs_at_once_one_gives_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.observe(300)
    fold = DriftService._fold

    def with_another_run_in_between(service: DriftService, *args: Any) -> Any:
        done = fold(service, *args)
        with monkeypatch.context() as patch:
            patch.setattr(DriftService, "_fold", fold)
            assert run()["folded"] == 1
        return done

    with monkeypatch.context() as patch:
        patch.setattr(DriftService, "_fold", with_another_run_in_between)
        assert run()["folded"] == 0
    world.observe(600)
    run()
    assert world.rows_folded() == 900


def test_the_first_document_is_not_written_over_that_of_another_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.observe(300)
    read = Storage.get_tagged

    def nothing_yet(storage: Storage, key: str, max_bytes: int) -> Any:
        return None if key.startswith(keys.DRIFT) else read(storage, key, max_bytes)

    run()
    world.observe(600)
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "get_tagged", nothing_yet)
        assert run()["folded"] == 0
    assert (world.rows_folded(), len(world.waiting())) == (300, 1)


def test_what_comes_hours_after_its_id_says_is_refused(world: World) -> None:
    """Its id may be forgotten by then, and nobody could tell whether it has been counted."""
    world.observe(300, ago=timedelta(hours=3))
    world.observe(300, ago=timedelta(minutes=90))
    result = run()

    assert (result["folded"], result["refused"]) == (1, 1)
    assert not world.waiting()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"not JSON",
        b'{"manifest_sha256": "other", "rows": 1, "counts": []}',
        b'{"manifest_sha256": "SHA", "rows": 1, "counts": []}',
        b'{"manifest_sha256": "SHA", "rows": 301, "counts": USUAL}',
        b'{"manifest_sha256": "SHA", "rows": 300, "counts": USUALLY}',
        b'{"manifest_sha256": "SHA", "rows": 1e3, "counts": USUAL}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_observation_is_refused_and_the_others_count(world: World, body: bytes) -> None:
    world.observe(300)
    odd = json.dumps([*USUAL[:-1], -1]).encode()
    body = body.replace(b"USUALLY", odd).replace(b"USUAL", json.dumps(USUAL).encode())
    body = body.replace(b"SHA", world.version().manifest_sha256.encode())
    key = keys.observation(ObservationKey(HOUSES, TODAY.isoformat(), ids.new_id()))
    world.storage.put(key, body, "application/json")

    result = run()

    assert (result["folded"], result["refused"]) == (1, 1)
    assert (world.rows_folded(), world.waiting()) == (300, [])


def test_what_is_no_observation_is_left_alone(world: World) -> None:
    world.storage.put("observations/readme.txt", b"hello", "text/plain")
    world.observe(300)
    run()

    assert world.waiting() == ["observations/readme.txt"]


def test_more_than_one_run_can_take_is_left_for_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_service, "MAX_OBSERVATIONS", 2)
    for count in (300, 600, 900):
        world.observe(count)
    world.publish(2)
    other = keys.observation(ObservationKey(VersionKey(ME, "houses", 2), TODAY.isoformat(), ids.new_id()))
    body = Observation(world.version(2).manifest_sha256, 300, np.array(USUAL)).encode()
    world.storage.put(other, body, "application/json")

    assert run()["folded"] == 3
    assert run()["folded"] == 1
    assert world.rows_folded() == 1800


def test_without_time_nothing_is_begun(world: World) -> None:
    world.observe(300)
    assert run(Context(10))["folded"] == 0
    assert len(world.waiting()) == 1


def test_time_that_runs_out_leaves_the_rest_for_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_service, "READ_AT_ONCE", 1)
    for count in (300, 600):
        world.observe(count)
    left = iter([900.0, 900.0, 0.0])
    service = DriftService(drift_app.service.catalog, drift_app.service.storage)
    assert service.run(lambda: next(left)).folded == 1
    assert run()["folded"] == 1
    assert world.rows_folded() == 900


def test_s3_being_away_is_a_fault_that_the_next_run_mends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.observe(300)

    def away(*_: Any) -> None:
        raise DependencyError("S3 did not answer as it should. Please try again.")

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "put_if_unchanged", away)
        with pytest.raises(DependencyError):
            run()
    run()
    assert world.rows_folded() == 300
