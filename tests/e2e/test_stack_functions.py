"""Functions run as on Lambda: own processes, limits enforced, warm ones used again, faults reported."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.local.environment import Conditions
from infra.local.runtime import ThrottledError
from infra.local.stack import LocalStack

pytestmark = pytest.mark.slow
TINY = Path(__file__).with_name("tiny_stack") / "template.yaml"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(TINY, state_dir=tmp_path_factory.mktemp("state"), mlflow=False) as running:
        yield running


def wait_until(check, seconds: float = 20.0):
    waiter = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if value := check():
            return value
        waiter.wait(0.05)
    raise AssertionError("it did not happen")


def test_a_function_sees_lambdas_environment_and_context(stack: LocalStack):
    result, failed = stack.invoke("Worker", {"do": "answer"})
    assert not failed
    assert result["environment"]["BUCKET"] == stack.outputs["BucketName"]
    assert result["environment"]["AWS_ENDPOINT_URL"] == stack.aws_url
    assert result["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == stack.template.functions["Worker"].name
    assert "VIRTUAL_ENV" not in result["environment"]
    assert 0 < result["remaining_ms"] <= 2000
    assert result["arn"].endswith(":function:csv-analyzer-local-Worker")


def test_a_warm_environment_is_used_again(stack: LocalStack):
    first, _failed = stack.invoke("Worker", {"do": "answer"})
    starts = stack.functions["Worker"].cold_starts
    second, _failed = stack.invoke("Worker", {"do": "answer"})
    assert second["pid"] == first["pid"]
    assert second["count"] == first["count"] + 1
    assert stack.functions["Worker"].cold_starts == starts
    assert len(stack.functions["Worker"].init_ms) == starts


def test_under_other_conditions_other_processes_run(stack: LocalStack):
    def asked() -> dict[str, Any]:
        result, failed = stack.invoke("Worker", {"do": "answer"})
        assert not failed
        return dict(result)

    usual = asked()
    conditions = Conditions(("env", "SEEN=yes"), {"MORE": "x"}, memory_mb=256, clock_seconds=3600)
    with stack.functions["Worker"].under(conditions):
        first, second = asked(), asked()
    assert first["pid"] == second["pid"] != usual["pid"]
    environment = first["environment"]
    assert (environment["SEEN"], environment["MORE"]) == ("yes", "x")
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    # The deadline is told by a clock that the process does not have here.
    assert 3_600_000 < first["remaining_ms"] <= 3_602_000
    after = asked()
    assert after["pid"] not in {first["pid"], usual["pid"]}
    assert "SEEN" not in after["environment"]


def test_less_memory_than_the_template_says_is_enforced(stack: LocalStack):
    with stack.functions["Worker"].under(Conditions(memory_mb=5)):
        result, failed = stack.invoke("Worker", {"do": "sleep"})
    assert failed
    assert result["errorType"] == "Runtime.OutOfMemory"
    assert "5 MB allowed" in stack.functions["Worker"].logs_path.read_text()


def test_events_at_the_same_time_get_processes_of_their_own(stack: LocalStack, tmp_path: Path):
    event = {"do": "meet", "people": 3, "folder": str(tmp_path)}
    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(lambda _: stack.invoke("Worker", event), range(3)))
    assert len({pid for pid, _failed in results}) == 3
    assert len(stack.functions["Worker"].environments) >= 3


def test_a_function_is_killed_at_its_timeout_with_all_that_it_has_started(stack: LocalStack, tmp_path: Path):
    file = tmp_path / "child"
    result, failed = stack.invoke("Worker", {"do": "sleep_with_child", "file": str(file)})
    assert failed
    assert "Task timed out after 2.00 seconds" in result["errorMessage"]
    assert "Task timed out after 2.00 seconds" in stack.functions["Worker"].logs_path.read_text()
    wait_until(lambda: not psutil.pid_exists(int(file.read_text())))
    assert stack.invoke("Worker", {"do": "answer"})[1] is False


def test_a_function_above_its_memory_is_killed(stack: LocalStack):
    result, failed = stack.invoke("Worker", {"do": "eat"})
    assert failed
    assert result["errorType"] == "Runtime.OutOfMemory"
    assert stack.functions["Worker"].peak_memory_mb > 128


def test_a_process_that_dies_in_the_middle_is_an_error_and_the_next_event_gets_a_new_one(stack: LocalStack):
    before, _failed = stack.invoke("Narrow", {"do": "answer"})
    result, failed = stack.invoke("Narrow", {"do": "die"})
    assert failed
    assert result["errorType"] == "Runtime.ExitError"
    assert "exit status 7" in result["errorMessage"]
    after, failed = stack.invoke("Narrow", {"do": "answer"})
    assert not failed
    assert after["pid"] != before["pid"]


def test_an_exception_is_reported_and_the_process_stays(stack: LocalStack):
    before, _failed = stack.invoke("Narrow", {"do": "answer"})
    result, failed = stack.invoke("Narrow", {"do": "fail"})
    assert failed
    assert (result["errorType"], result["errorMessage"]) == ("ValueError", "this event is wrong")
    assert stack.invoke("Narrow", {"do": "answer"})[0]["pid"] == before["pid"]


def test_a_result_above_6_mb_is_an_error(stack: LocalStack):
    result, failed = stack.invoke("Worker", {"do": "large"})
    assert failed
    assert result["errorType"] == "Function.ResponseSizeTooLarge"


def test_an_import_that_fails_is_reported_with_its_exception(stack: LocalStack):
    result, failed = stack.invoke("BrokenImport", {})
    assert failed
    assert (result["errorType"], result["errorMessage"]) == ("RuntimeError", "no way to start")
    assert stack.functions["BrokenImport"].environments == []


def test_a_process_that_ends_while_it_starts_is_reported(stack: LocalStack):
    result, failed = stack.invoke("ExitingImport", {})
    assert failed
    assert "exit status 3" in result["errorMessage"]


def test_more_events_than_the_reserved_concurrency_are_throttled(stack: LocalStack, tmp_path: Path):
    started, file = tmp_path / "started", tmp_path / "go"
    event = {"do": "wait_for", "started": str(started), "file": str(file)}
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(stack.invoke, "Narrow", event)
        wait_until(started.exists)
        with pytest.raises(ThrottledError):
            stack.invoke("Narrow", {"do": "answer"})
        file.touch()
        assert first.result() == ("waited", False)
    assert stack.functions["Narrow"].throttles == 1


def test_without_reserved_concurrency_events_wait_for_one_of_ten_processes(stack: LocalStack):
    with ThreadPoolExecutor(14) as threads:
        results = list(threads.map(lambda _: stack.invoke("Worker", {"do": "answer"}), range(14)))
    assert not any(failed for _result, failed in results)
    assert len(stack.functions["Worker"].environments) <= 10


def test_a_killed_function_fails_its_event_and_comes_back(stack: LocalStack, tmp_path: Path):
    started = tmp_path / "started"
    event = {"do": "wait_for", "started": str(started), "file": str(tmp_path / "never")}
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(stack.invoke, "Narrow", event)
        wait_until(started.exists)
        assert stack.functions["Narrow"].kill()
        result, failed = first.result()
    assert failed
    assert "signal: killed" in result["errorMessage"]
    assert stack.invoke("Narrow", {"do": "answer"})[1] is False


def test_the_log_has_the_functions_lines_between_start_and_end(stack: LocalStack):
    result, _failed = stack.invoke("Worker", {"do": "answer", "source": "the log test"})
    lines = stack.functions["Worker"].logs_path.read_text().splitlines()
    start = lines.index(f"START RequestId: {result['request_id']} Version: $LATEST")
    assert lines[start + 1 : start + 3] == [
        "working on the log test",
        f"END RequestId: {result['request_id']}",
    ]
    assert lines[start + 3].startswith(f"REPORT RequestId: {result['request_id']}\tDuration: ")
    assert "Max Memory Used: " in lines[start + 3]


def test_a_schedule_runs_its_function_with_an_event_of_eventbridge(stack: LocalStack):
    stack.run_schedule("WorkerOften")
    assert "working on aws.events" in stack.functions["Worker"].logs_path.read_text()


def test_metrics_in_the_log_reach_cloudwatch(stack: LocalStack):
    stack.invoke("Worker", {"do": "measure"})
    (metric,) = wait_until(lambda: stack.client("cloudwatch").list_metrics(Namespace="Tiny")["Metrics"])
    assert metric["MetricName"] == "Seen"
    assert metric["Dimensions"] == [{"Name": "service", "Value": "worker"}]


def test_the_urls_of_the_stack_are_in_its_state_folder(stack: LocalStack):
    state = json.loads((stack.state_dir / "stack.json").read_text())
    assert state["api_url"] == stack.api_url == stack.outputs["ApiUrl"]
    assert state["aws_url"] == stack.aws_url
