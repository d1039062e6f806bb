"""What is wrong with a command in a document shows without running it, as far as it can."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.documents.addresses import address_faults
from tests.documents.commands import CHECKERS, faults_of, program_of
from tests.documents.markdown import (
    ELSEWHERE,
    ROOT,
    RUN,
    SCRIPTS,
    SHELL,
    SHOWN,
    Block,
    blocks,
    documents,
    elsewhere,
    name_of,
    prose,
    spans,
    walks,
)
from tests.documents.programs import SAM
from tests.documents.shell import lines_of

DOCUMENTS = documents()
BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]
SAM_PROGRAM = ROOT / ".venv-sam" / "bin" / "sam"


def block_faults(block: Block) -> list[str]:
    """What shows of a block without running it."""
    if block.kind not in RUN | SHOWN:
        return [f"{block.kind!r} is none of the kinds {', '.join(sorted(RUN | SHOWN))}"]
    if block.kind == "json":
        return _json_faults(block.text)
    if block.kind == "text":
        return [f"a command in a block of text: {line}" for line in _prompts(block.text)]
    if block.kind == "python":
        return _python_faults(block.text)
    faults = address_faults(block.text)
    if block.kind == "console" and not _prompts(block.text):
        faults.append("a console without a prompt")
    if not elsewhere(block):
        return faults + _syntax_faults(block.script)
    for words in lines_of(block.script):
        if program_of(words) in ELSEWHERE or words[0].startswith(SCRIPTS):
            faults += faults_of(words, whole=True)
        elif words[0] != "export":
            faults.append(f"{words[0]} can run here and stands beside what can't: give it a block of its own")
    return faults


def _json_faults(text: str) -> list[str]:
    # What is left out is written as three dots.
    filled = re.sub(r",\s*\.\.\.(?=\s*[]}])", "", text)
    try:
        json.loads(filled)
    except ValueError as error:
        return [f"no JSON: {error}"]
    return []


def _python_faults(text: str) -> list[str]:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return [f"no Python: {error}"]
    return []


def _syntax_faults(script: str) -> list[str]:
    read = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    return [read.stderr] if read.returncode else []


def _prompts(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("$ ")]


def span_faults(span: str) -> list[str]:
    """What is wrong with a command in running text."""
    faults = address_faults(span)
    try:
        found = lines_of(span)
    except ValueError:
        return faults
    for words in found:
        if words[0].startswith(SCRIPTS) or (len(words) > 1 and program_of(words) in CHECKERS):
            faults += faults_of(words, whole=False)
    return faults


def unfenced(document: Path, text: str | None = None) -> list[str]:
    """Commands in blocks that are made by indentation or HTML, which nothing else here looks at."""
    found, before = [], ""
    for number, line in prose(document, text):
        word = Path(next(iter(line.removeprefix("    ").removeprefix("$ ").split()), "")).name
        indented = line.startswith("    ") and not before.strip()
        if re.search(r"<(pre|code)\b", line) or (indented and word in {*CHECKERS, "curl"}):
            found.append(f"{name_of(document)}:{number}")
        before = line
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_stand_in_fences(document: Path) -> None:
    assert unfenced(document) == []


def test_a_command_without_a_fence_is_found() -> None:
    text = "Do\n\n    make test\n\n    $ curl -s address\n\n- as\n    make does\n\n<pre>make run</pre>\n"
    assert [place.partition(":")[2] for place in unfenced(ROOT / "README.md", text)] == ["3", "5", "10"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_block_is_of_a_kind_that_is_run_or_checked(document: Path) -> None:
    faults = {block.place: found for block in blocks(document) if (found := block_faults(block))}
    assert faults == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_in_running_text_are_right(document: Path) -> None:
    faults = {
        f"{name_of(document)}:{line} {span}": found
        for line, span in spans(document)
        if (found := span_faults(span))
    }
    assert faults == {}


def test_every_block_is_run_or_checked_or_only_shown() -> None:
    run = {block for document in DOCUMENTS for walk in walks(document) for block in walk}
    rest = set(BLOCKS) - run
    assert {block.place for block in rest if block.kind not in SHOWN and not elsewhere(block)} == set()
    assert set(CHECKERS) >= ELSEWHERE


def test_there_is_something_to_check() -> None:
    kinds = {block.kind for block in BLOCKS}
    assert kinds >= SHELL | {"python", "json", "text"}
    programs = {program for block in BLOCKS if block.kind in SHELL for program in elsewhere(block)}
    assert programs >= {"aws", "docker", "make", "npm", "pip", "sam"}


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("make deplyo STACK=staging", "no target deplyo"),
        ("make deploy STAGE=staging", "does not look at STAGE"),
        ("make page STACK=staging", "does not look at STACK"),
        ("sam local incoke ApiFunction", "no command local"),
        ("sam build --parameter-override Environment=default", "no option --parameter-override"),
        ("sam deploy --parameter-overrides Enviroment=default", "no parameter Enviroment"),
        ("sam deploy --config-env prod", "no environment prod"),
        ("sam local invoke ApiFunktion", "the template has no ApiFunktion"),
        ("sam local invoke ApiFunction --event events/nothing.json", "no file events/nothing.json"),
        ("aws cognito admin-create-user", "no service cognito"),
        ("aws cognito-idp admin-make-user", "no operation admin-make-user"),
        ("aws cognito-idp admin-create-user --user-pool-id POOL", "--username is missing"),
        ("aws cognito-idp admin-create-user --user-pool POOL --username A", "no option --user-pool"),
        (
            "aws cognito-idp admin-create-user ana --user-pool-id P --username A",
            "takes options only, not ana",
        ),
        (
            "aws cognito-idp admin-create-user --user-pool-id P --username A --message-action HIDE",
            "HIDE is none of RESEND, SUPPRESS",
        ),
        (
            "aws cognito-idp admin-create-user --user-pool-id P --username A --user-attributes Nam=email",
            "it has no Nam",
        ),
        ("aws cloudformation describe-stacks --query 'Stack[0].Outputs'", "the answer has no Stack"),
        ("aws cloudformation describe-stacks --query 'Stacks[0'", "is no JMESPath"),
        ("aws cloudformation describe-stacks --output tabular", "--output tabular is unknown"),
        ("aws cloudformation describe-stacks --stack-name", "--stack-name takes 1 values, not 0"),
        (
            "aws dynamodb restore-table-to-point-in-time --target-table-name B --restore-date-time then",
            "then is no moment",
        ),
        ("aws sqs receive-message --queue-url U --wait-time-seconds long", "long is no whole number"),
        ("aws s3 cp houses.csv", "takes a source and a destination"),
        ("aws s3 cp houses.csv other.csv", "neither place is in S3"),
        ("aws s3 copy houses.csv s3://bucket/houses.csv", "no operation copy"),
        (
            "aws cloudformation deploy --stack-name S --template-file infra/nothing.yaml",
            "no file infra/nothing",
        ),
        (
            "aws cloudformation deploy --template-file infra/edge.yaml --parameter-overrides N=a",
            "no parameter N",
        ),
        ("aws cloudformation deploy --template-file infra/delivery.yaml", "--stack-name is missing"),
        ("docker build -f functions/nothing/Dockerfile .", "no file functions/nothing/Dockerfile"),
        ("docker build -f functions/train/Dockerfile", "needs a folder"),
        ("docker compose -f monitoring/compose.yml up", "no file monitoring/compose.yml"),
        ("docker compose -f monitoring/compose.yaml start-all", "no command start-all"),
        ("docker pusch image", "no command pusch"),
        ("npm --prefix functions/web run nothing", "no script nothing"),
        ("npm --prefix functions/page run dev", "no file functions/page/package.json"),
        ("npm instal", "npm instal is unknown"),
        ("pip install ./layers/nothing", "no package in ./layers/nothing"),
        ("pip install -r nothing.txt", "no file nothing.txt"),
        ("git chekout TAG", "no command chekout"),
        ("yace --config-file y.yml", "no option --config-file"),
        ("python -m infra.nothing", "no module infra.nothing"),
        ("python -m nothing.at.all", "no module nothing.at.all"),
        ("python -m automl fit houses.csv --butget 5", "no option --butget"),
        ("python infra/nothing.py", "no file infra/nothing.py"),
        ("csv-analyzer uplaod houses.csv", "no command uplaod"),
        ("csv-analyzer upload houses.csv --wiat", "--wiat"),
        ("csv-analyzer train $DATASET", "Missing parameter: target"),
        ("csv-analyzer promote houses second", "valid integer"),
        ("csv-analyzer --versoin", "no option --versoin"),
    ],
)
def test_a_wrong_command_is_found(command: str, fault: str) -> None:
    [words] = lines_of(command)
    assert any(fault in found for found in faults_of(words, whole=True)), faults_of(words, whole=True)


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("", "make test\n", "'' is none of the kinds"),
        ("sh", "make test\n", "'sh' is none of the kinds"),
        ("json", '{"a": 1,}\n', "no JSON"),
        ("text", "$ make test\n", "a command in a block of text"),
        ("python", "print(\n", "no Python"),
        ("bash", "for one in a b; do\n", "syntax error"),
        ("bash", 'curl "$API/dataset"\n', "the API has no /dataset"),
        ("bash", 'curl "$API/models/houses/drift?versoin=1"\n', "takes no versoin"),
        ("bash", "curl -s address | aws s3 cp - s3://bucket/key\n", "give it a block of its own"),
        ("bash", ".ci/dokcer\nmake run\n", "no file .ci/dokcer"),
        ("bash", "make run\ncurl -s address\n", "give it a block of its own"),
        ("bash", "POOL=$(aws cognito list-pools)\n", "give it a block of its own"),
        ("bash", "aws cloudformation describe-stacks \\\n    --stack S\n", "no option --stack"),
        ("console", "make test\n", "a console without a prompt"),
        ("console", "$ sudo make tset\n", "no target tset"),
    ],
)
def test_a_wrong_block_is_found(kind: str, text: str, fault: str) -> None:
    found = block_faults(Block(ROOT / "text.md", 1, kind, text))
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("span", "fault"),
    [
        ("make deplyo", "no target deplyo"),
        ("aws ssm start-sesion", "no operation start-sesion"),
        ("$API/modles/houses", "the API has no /modles/houses"),
        ("PYTHONPATH=. .venv/bin/python tests/benchmarks/nothing.py", "no file"),
        ("csv-analyzer job ID --folow", "has no option --folow"),
        ("sam locally", "no command locally"),
    ],
)
def test_a_wrong_command_in_running_text_is_found(span: str, fault: str) -> None:
    assert any(fault in found for found in span_faults(span)), span_faults(span)


@pytest.mark.skipif(not SAM_PROGRAM.exists(), reason="needs the SAM CLI in .venv-sam: make setup-sam")
@pytest.mark.slow
@pytest.mark.parametrize("name", SAM, ids=" ".join)
def test_the_options_of_sam_are_those_that_it_has(name: tuple[str, ...]) -> None:
    helped = subprocess.run(
        [str(SAM_PROGRAM), *name, "--help"], capture_output=True, text=True, check=True, timeout=200
    )
    assert [option for option in SAM[name].known if option not in helped.stdout] == []
