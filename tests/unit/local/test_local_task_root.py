"""The task root of an image is made from the COPY lines of its Dockerfile."""

import os
from pathlib import Path

import pytest

from infra.local.intrinsics import TemplateError
from infra.local.task_root import Copy, parse_copies, prepare, stage_image
from infra.local.template import Template

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests" / "e2e" / "tiny_stack" / "template.yaml"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY src/pkg ${LAMBDA_TASK_ROOT}/pkg/", Copy(("src/pkg",), "pkg", True)),
        ("COPY src/pkg $LAMBDA_TASK_ROOT/pkg", Copy(("src/pkg",), "pkg", False)),
        ("copy a.py b.py /var/task", Copy(("a.py", "b.py"), "", True)),
        ("COPY a.py .", Copy(("a.py",), "", True)),
        ("COPY --chown=1:1 --link a.py ./b.py", Copy(("a.py",), "b.py", False)),
        ('COPY ["my file.py", "${LAMBDA_TASK_ROOT}/"]', Copy(("my file.py",), "", True)),
        ("COPY a.py \\\n  # why\n  b.py \\\n  ./", Copy(("a.py", "b.py"), "", True)),
    ],
)
def test_a_copy_into_the_task_root_is_read(line: str, expected: Copy):
    assert parse_copies(f"FROM base\n{line}\n") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "COPY requirements.txt /tmp/",
        "COPY --from=builder /out ${LAMBDA_TASK_ROOT}",
        "# COPY a.py ./",
        "RUN echo COPY a.py ./",
        "WORKDIR /build\nCOPY a.py .",
        "COPY a.py /var/tasks/",
    ],
)
def test_what_does_not_reach_the_task_root_from_the_context_is_left_out(text: str):
    assert parse_copies(f"FROM base\n{text}\n") == []


def test_a_new_stage_starts_in_the_task_root_again():
    text = "FROM base AS build\nWORKDIR /build\nCOPY a.py .\nFROM base\nCOPY b.py .\n"
    assert parse_copies(text) == [Copy(("b.py",), "", True)]


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_staged_folder_looks_like_the_task_root(tmp_path: Path):
    context = tmp_path / "context"
    write(context / "one" / "pkg" / "a.py", "A")
    write(context / "two" / "pkg" / "b.py", "B")
    write(context / "main.py", "M")
    write(
        context / "Dockerfile",
        "FROM base\n"
        "COPY one ${LAMBDA_TASK_ROOT}\n"
        "COPY two/pkg ${LAMBDA_TASK_ROOT}/pkg\n"
        "COPY main.py ${LAMBDA_TASK_ROOT}/app.py\n"
        "COPY *.py ${LAMBDA_TASK_ROOT}/all/\n",
    )
    folder = tmp_path / "staged"
    stage_image(context / "Dockerfile", context, folder)
    staged = [Path(at) / name for at, _dirs, names in os.walk(folder, followlinks=True) for name in names]
    assert {str(path.relative_to(folder)) for path in staged} == {
        "pkg/a.py",
        "pkg/b.py",
        "app.py",
        "all/main.py",
    }
    assert not (context / "one" / "pkg" / "b.py").exists()
    assert (folder / "app.py").read_text() == "M"


def test_a_change_of_the_code_is_seen_without_staging_again(tmp_path: Path):
    write(tmp_path / "pkg" / "a.py", "old")
    write(tmp_path / "Dockerfile", "FROM base\nCOPY pkg ./pkg/\n")
    stage_image(tmp_path / "Dockerfile", tmp_path, tmp_path / "staged")
    write(tmp_path / "pkg" / "a.py", "new")
    assert (tmp_path / "staged" / "pkg" / "a.py").read_text() == "new"


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        (None, "there is no Dockerfile"),
        ("FROM base\n", "copies nothing"),
        ("FROM base\nCOPY lost.py ./\n", "lost.py, which does not exist"),
    ],
)
def test_what_cannot_be_staged_is_said(tmp_path: Path, dockerfile: str | None, message: str):
    if dockerfile is not None:
        write(tmp_path / "Dockerfile", dockerfile)
    with pytest.raises(TemplateError, match=message):
        stage_image(tmp_path / "Dockerfile", tmp_path, tmp_path / "staged")


def test_a_zip_function_imports_its_code_before_its_layers(tmp_path: Path):
    function = Template.load(TINY).functions["Front"]
    task_root, import_path = prepare(function, tmp_path)
    assert task_root == TINY.parent / "front"
    assert import_path == [TINY.parent / "front", TINY.parent / "layer"]


def test_every_function_of_the_project_has_its_handler_in_its_task_root(tmp_path: Path):
    for function in Template.load(ROOT / "template.yaml").functions.values():
        task_root, _import_path = prepare(function, tmp_path)
        module = function.handler.rpartition(".")[0].replace(".", "/")
        assert (task_root / f"{module}.py").is_file(), function.logical_id
