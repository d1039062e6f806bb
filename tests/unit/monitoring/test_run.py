"""`make monitoring` says plainly what is missing and what helps."""

import json
from pathlib import Path

import pytest

from monitoring import run


def program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_everything_that_is_missing_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(run.MonitoringError) as caught:
        run.find_programs(tmp_path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    for line, remedy in zip(lines, ("make exporter", "install prometheus", "alertmanager"), strict=True):
        assert remedy in line


def test_programs_are_found_under_the_names_that_they_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    built = program(tmp_path / "own", "yace")
    prometheus = program(tmp_path / "bin", "prometheus")
    plain = program(tmp_path / "bin", "alertmanager")
    expected = run.Programs(str(built), str(prometheus), str(plain))
    assert run.find_programs(tmp_path / "own") == expected
    debian = program(tmp_path / "bin", "prometheus-alertmanager")
    assert run.find_programs(tmp_path / "own").alertmanager == str(debian)


@pytest.mark.parametrize("state", [None, {"aws_url": "http://127.0.0.1:9", "api_url": ""}])
def test_without_a_stack_that_answers_it_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: dict | None
) -> None:
    monkeypatch.setattr(run, "find_programs", lambda: run.Programs("yace", "prometheus", "alertmanager"))
    if state:
        (tmp_path / "stack.json").write_text(json.dumps(state))
    assert run.main(tmp_path) == 1
    assert capsys.readouterr().err == (
        "Error: No local stack runs here. Start it with make run in another terminal.\n"
    )
