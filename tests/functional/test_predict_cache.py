"""Which models predict keeps in memory."""

from typing import Any

import pytest

from csv_analyzer.catalog import Version
from predict import service
from predict.service import Predictor


class Files:
    """Stands for the bucket; counts what is read."""

    def __init__(self) -> None:
        self.reads: list[str] = []

    def get(self, key: str, max_bytes: int) -> bytes:
        self.reads.append(key)
        return key.encode()


class Loaded:
    """Stands for a loaded model."""

    def __init__(self, *checksums: str) -> None:
        self.checksums = checksums

    def predict(self, instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"prediction": self.checksums[0]} for _ in instances]


class Entries:
    """Stands for the catalog: one model whose only version has the given checksum."""

    def __init__(self) -> None:
        self.sha256 = "first"

    def model(self, owner: str, name: str) -> Any:
        return type("Pointer", (), {"production": 1})()

    def version(self, owner: str, name: str, number: int) -> Version:
        return Version(
            owner=owner,
            created_at="",
            model=name,
            version=number,
            dataset_id="",
            job_id="",
            task="",
            target="",
            metric="",
            npz_sha256=self.sha256,
            manifest_sha256="m",
        )


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> tuple[Predictor, Entries, Files]:
    monkeypatch.setattr(service.scoring, "load", lambda npz, manifest, *checksums: Loaded(*checksums))
    entries, files = Entries(), Files()
    return Predictor(entries, files), entries, files  # type: ignore[arg-type]


def test_a_model_is_read_once(parts: tuple[Predictor, Entries, Files]) -> None:
    predictor, _, files = parts
    for _ in range(3):
        assert predictor.predict("me", "houses", None, [{}])["predictions"] == [{"prediction": "first"}]
    assert len(files.reads) == 2


def test_a_model_that_was_trained_anew_under_its_old_number_is_read_again(
    parts: tuple[Predictor, Entries, Files],
) -> None:
    predictor, entries, _ = parts
    predictor.predict("me", "houses", None, [{}])
    entries.sha256 = "second"
    assert predictor.predict("me", "houses", None, [{}])["predictions"] == [{"prediction": "second"}]


def test_what_is_kept_is_bounded_by_bytes(
    parts: tuple[Predictor, Entries, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor, entries, files = parts
    monkeypatch.setattr(service, "MAX_KEPT_BYTES", 100)
    for sha256 in ("a", "b", "c", "a"):
        entries.sha256 = sha256
        predictor.predict("me", "houses", None, [{}])
    assert len(predictor._kept) == 1
    assert len(files.reads) == 8
