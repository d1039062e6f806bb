"""Which model predict answers with, and what it keeps in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from csv_analyzer.errors import (
    ArchivedError,
    ConflictError,
    NoProductionError,
    NotFoundError,
    PayloadTooLargeError,
)
from csv_analyzer.records import Model, Stage, Version
from predict import service
from predict.request import Body
from predict.service import Predictor
from scoring.reader import Rows

BODY = Body(instances=[{}])


class Files:
    """Stands for the bucket; counts what is read."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.largest = 1_000

    def get(self, key: str, max_bytes: int) -> bytes:
        self.reads.append(key)
        if self.largest > max_bytes:
            raise PayloadTooLargeError("The object is too large.")
        return key.encode()


class Loaded:
    """Stands for a loaded model."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256
        self.content = bytes(1_000)

    def read(self, instances: list[dict[str, Any]], *, strict: bool) -> Rows:
        return Rows({}, len(instances), [], 0)

    def answer(
        self, rows: Rows, *, explain: bool, observe: Callable[[Any], object]
    ) -> Iterator[dict[str, Any]]:
        return iter([{"prediction": self.sha256}] * rows.count)


class Entries:
    """Stands for the catalog: one model, its production pointer and the checksums of its versions."""

    def __init__(self) -> None:
        self.production = 1
        self.versions_by_number = {1: "first"}
        self.archived: set[int] = set()
        self.reads = 0

    def model(self, owner: str, name: str) -> Model:
        self.reads += 1
        if owner != "me":
            raise NotFoundError("There is no such model.")
        return Model(owner=owner, created_at="", name=name, production=self.production, versions=1)

    def version(self, owner: str, name: str, number: int) -> Version:
        if number not in self.versions_by_number:
            raise NotFoundError("There is no such version of the model.")
        return self._entry(number)

    def versions(
        self, owner: str, name: str, limit: int, before: str | None
    ) -> tuple[list[Version], str | None]:
        numbers = sorted(self.versions_by_number, reverse=True)
        left = [number for number in numbers if before is None or number < int(before)]
        page = left[:limit]
        return [self._entry(number) for number in page], str(page[-1]) if len(left) > limit else None

    def _entry(self, number: int) -> Version:
        return Version(
            owner="me",
            created_at="",
            model="houses",
            version=number,
            dataset_id="",
            job_id="",
            task="",
            target="",
            metric="",
            npz_sha256=self.versions_by_number[number],
            manifest_sha256="m",
            archived=number in self.archived,
        )


@dataclass
class Parts:
    """A predictor and what stands around it."""

    entries: Entries
    files: Files
    now: float = 1_000.0

    def __post_init__(self) -> None:
        self.predictor = Predictor(self.entries, self.files, lambda: self.now)  # type: ignore[arg-type]

    def ask(self, wanted: int | Stage = Stage.PRODUCTION) -> tuple[int, str, str]:
        """Version, stage and prediction."""
        answer = self.predictor.predict("me", "houses", wanted, BODY)
        (prediction,) = answer["predictions"]
        return answer["version"], answer["stage"], prediction["prediction"]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    monkeypatch.setattr(service.scoring, "load", lambda npz, manifest, sha256, _: Loaded(sha256))
    monkeypatch.setattr(service.scoring, "unpacked_bytes", lambda npz: 1_000)
    monkeypatch.setattr(service, "MAX_KEPT_BYTES", 5_000)
    return Parts(Entries(), Files())


def test_a_model_is_read_once(parts: Parts) -> None:
    for _ in range(3):
        assert parts.ask() == (1, "production", "first")
        parts.now += 10
    assert len(parts.files.reads) == 2


def test_the_catalog_is_asked_once_a_second(parts: Parts) -> None:
    for _ in range(10):
        parts.ask()
        parts.now += 0.25
    assert parts.entries.reads == 3


def test_a_promotion_is_noticed_within_a_second(parts: Parts) -> None:
    parts.entries.versions_by_number = {1: "first", 2: "second"}
    assert parts.ask() == (1, "production", "first")
    assert parts.ask(Stage.STAGING) == (2, "staging", "second")
    parts.entries.production = 2
    parts.now += 1.0
    assert parts.ask() == (2, "production", "second")
    assert parts.ask(2) == (2, "production", "second")
    assert parts.ask(Stage.STAGING) == (1, "staging", "first")


def test_the_newest_version_that_is_not_in_production_is_staging(parts: Parts) -> None:
    parts.entries.versions_by_number = {1: "first", 2: "second", 3: "third"}
    assert parts.ask(Stage.STAGING) == (3, "staging", "third")
    parts.entries.production = 3
    parts.now += 1.0
    assert parts.ask(Stage.STAGING) == (2, "staging", "second")


def test_an_archived_version_answers_nobody(parts: Parts) -> None:
    parts.entries.versions_by_number = {number: f"v{number}" for number in range(1, 300)}
    parts.entries.archived = {1, *range(3, 300)}
    # The pointer counts: a version in production is served, whatever its item said a moment ago.
    assert parts.ask() == parts.ask(1) == (1, "production", "v1")
    assert parts.ask(Stage.STAGING) == parts.ask(2) == (2, "staging", "v2")
    with pytest.raises(ArchivedError, match="Version 299 is archived"):
        parts.ask(299)


def test_a_model_with_nothing_in_production_says_so(parts: Parts) -> None:
    parts.entries.production = 0
    with pytest.raises(NoProductionError, match="No version of the model is in production"):
        parts.ask()
    assert parts.ask(Stage.STAGING) == parts.ask(1) == (1, "staging", "first")
    parts.entries.archived = {1}
    parts.now += 1.0
    with pytest.raises(NotFoundError, match="no version in staging; nor in production"):
        parts.ask(Stage.STAGING)


def test_a_model_without_a_waiting_version_has_nothing_in_staging(parts: Parts) -> None:
    with pytest.raises(NotFoundError, match="no version in staging; version 1 is in production"):
        parts.ask(Stage.STAGING)
    # What is published in the same second is found at once.
    parts.entries.versions_by_number[2] = "second"
    assert parts.ask(Stage.STAGING) == (2, "staging", "second")


def test_owners_have_models_of_their_own(parts: Parts) -> None:
    parts.ask()
    with pytest.raises(NotFoundError):
        parts.predictor.predict("you", "houses", Stage.PRODUCTION, BODY)


def test_a_model_that_was_trained_anew_under_its_old_number_is_read_again(parts: Parts) -> None:
    parts.ask()
    parts.entries.versions_by_number[1] = "second"
    parts.now += 1.0
    assert parts.ask() == (1, "production", "second")


def test_what_is_kept_is_bounded_by_the_bytes_in_memory(parts: Parts) -> None:
    parts.entries.versions_by_number = {number: str(number) for number in range(1, 20)}
    for number in range(1, 20):
        parts.ask(number)
        assert parts.predictor._kept.held <= service.MAX_KEPT_BYTES
    reads = len(parts.files.reads)
    parts.ask(19)
    assert len(parts.files.reads) == reads
    parts.ask(1)
    assert len(parts.files.reads) == reads + 2


def test_a_model_over_the_bound_is_served_and_not_kept(parts: Parts) -> None:
    parts.entries.versions_by_number[1] = "large" * 2_000
    for _ in range(2):
        assert parts.ask() == (1, "production", "large" * 2_000)
        assert parts.predictor._kept.held == 0
    assert len(parts.files.reads) == 4


def test_a_model_that_memory_can_not_hold_is_refused_before_it_is_loaded(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.scoring, "unpacked_bytes", lambda npz: service.MAX_MODEL_BYTES + 1)
    monkeypatch.setattr(service.scoring, "load", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(ConflictError, match="larger than what is served"):
        parts.ask()
    parts.files.largest = service.MAX_FILE_BYTES + 1
    with pytest.raises(ConflictError, match="larger than what is served"):
        parts.ask()


def test_what_is_held_at_most_fits_into_the_memory_of_the_function(template: Any) -> None:
    memory = template.functions["PredictFunction"].memory_mb * 1024 * 1024
    # One model is loaded while its file is still there; room for it was made before.
    loading = service.MAX_FILE_BYTES + max(service.MAX_MODEL_BYTES, service.MAX_KEPT_BYTES)
    assert loading <= memory // 2
