"""Rules for events: what starts which function, what happens to an event that fails."""

from collections.abc import Callable

from csv_analyzer import erasures
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.storage import UPLOAD_SECONDS
from infra.local.specs import Schedule
from infra.local.template import Template
from predict import observations
from predict import service as predictor

DEAD_LETTERS = {
    "AnalyzeQueue": "AnalyzeDeadLetterQueue",
    "TrainQueue": "TrainDeadLetterQueue",
    "BatchQueue": "BatchDeadLetterQueue",
}


def test_new_files_and_orders_reach_the_function_that_handles_them(template: Template) -> None:
    functions = {mapping.queue: mapping.function for mapping in template.queue_mappings}
    started = {
        (notification.prefix, notification.suffix): functions[notification.queue]
        for notification in template.buckets["DataBucket"].notifications
    }
    assert started == {
        ("uploads/", ""): "AnalyzeFunction",
        ("drop/", ""): "AnalyzeFunction",
        ("recipes/", ".json"): "AnalyzeFunction",
        ("training/", ".json"): "TrainFunction",
        ("batch/", "input.csv"): "BatchFunction",
    }


def test_what_a_function_writes_starts_no_loop(template: Template) -> None:
    sources = {
        mapping.function: tuple(
            notification.prefix
            for notification in template.buckets["DataBucket"].notifications
            if notification.queue == mapping.queue
        )
        for mapping in template.queue_mappings
    }
    bucket = template.resolve({"Fn::GetAtt": ["DataBucket", "Arn"]})
    for function, prefixes in sources.items():
        for policy in template.properties(f"{function}Role")["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                if "s3:PutObject" in statement["Action"]:
                    resources = statement["Resource"]
                    for resource in [resources] if isinstance(resources, str) else resources:
                        assert not resource.removeprefix(f"{bucket}/").startswith(prefixes)


def test_the_bucket_may_send_to_its_queues_and_no_other_bucket_may(template: Template) -> None:
    bucket = template.resolve({"Fn::GetAtt": ["DataBucket", "Arn"]})
    for name in DEAD_LETTERS:
        statements = template.properties(f"{name}Policy")["PolicyDocument"]["Statement"]
        (allow,) = [statement for statement in statements if statement["Effect"] == "Allow"]
        assert allow["Action"] == "sqs:SendMessage"
        assert allow["Principal"] == {"Service": "s3.amazonaws.com"}
        assert allow["Condition"]["ArnEquals"]["aws:SourceArn"] == bucket


def test_the_queues_let_the_bucket_send_before_the_bucket_is_made(template: Template) -> None:
    assert set(template.source["Resources"]["DataBucket"]["DependsOn"]) == {
        "AnalyzeQueuePolicy",
        "TrainQueuePolicy",
        "BatchQueuePolicy",
    }


def test_a_message_that_keeps_failing_becomes_a_dead_letter(template: Template) -> None:
    queues = template.queues
    assert {name: queue.dead_letter_queue for name, queue in queues.items() if queue.dead_letter_queue} == (
        DEAD_LETTERS
    )
    for name, dead_letters in DEAD_LETTERS.items():
        assert queues[name].maximum_receives == LAST_ATTEMPT
        longest = queues[dead_letters].properties["MessageRetentionPeriod"]
        assert longest == 14 * 86_400
        assert longest > queues[name].properties["MessageRetentionPeriod"]


def test_a_message_stays_hidden_while_its_worker_can_still_hold_the_lease(template: Template) -> None:
    # A lease ends with its invocation; a message that came back earlier would spend a try on it.
    for mapping in template.queue_mappings:
        timeout = template.functions[mapping.function].timeout_seconds
        assert template.queues[mapping.queue].visibility_timeout_seconds >= timeout + 30


def test_one_failed_message_does_not_bring_back_its_neighbours(template: Template) -> None:
    assert len(template.queue_mappings) == len(DEAD_LETTERS)
    for mapping in template.queue_mappings:
        assert mapping.batch_size == 1
        assert mapping.report_batch_item_failures
        assert mapping.enabled


def test_a_flood_of_files_leaves_the_api_its_concurrency(template: Template) -> None:
    # A new account may run ten functions at once.
    at_once = [mapping.maximum_concurrency for mapping in template.queue_mappings]
    assert all(at_once)
    assert sum(limit or 0 for limit in at_once) < 10
    assert not any(function.reserved_concurrency for function in template.functions.values())


def test_an_order_lives_in_the_queue_through_all_its_tries(template: Template) -> None:
    for name in DEAD_LETTERS:
        queue = template.queues[name]
        tries = (queue.maximum_receives or 0) * queue.visibility_timeout_seconds
        assert queue.properties["MessageRetentionPeriod"] > 2 * tries


def test_mlflow_is_asked_again_every_five_minutes_where_there_is_one(
    template_with: Callable[..., Template],
) -> None:
    for kind in ("managed", "server", "external", "none"):
        schedule = _schedules(template_with(Mlflow=kind))["TrackingFunction"]
        assert schedule.expression == "rate(5 minutes)"
        assert schedule.enabled == (kind != "none")


def test_drift_is_measured_every_hour(template: Template) -> None:
    (schedule,) = [one for one in template.schedules if one.function == "DriftFunction"]
    assert (schedule.expression, schedule.enabled) == ("rate(1 hour)", True)


def test_what_was_erased_is_deleted_within_minutes(template: Template) -> None:
    schedule = _schedules(template)["EraseFunction"]
    assert schedule.expression == "rate(2 minutes)"
    assert schedule.enabled


def test_the_last_sweep_comes_when_no_worker_can_still_write(template: Template) -> None:
    longest = max(function.timeout_seconds for function in template.functions.values())
    assert longest + UPLOAD_SECONDS <= erasures.SWEEP_SECONDS
    # What predict counted before it could not see the model any more, and could not write at once.
    waiting = observations.RETRY_SECONDS + template.functions["PredictFunction"].timeout_seconds
    assert waiting + predictor.FRESH_SECONDS <= erasures.SWEEP_SECONDS


def test_a_scheduled_run_is_not_repeated_by_lambda_too(template: Template) -> None:
    configs = template.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert len(configs) == len(template.schedules)
    assert {config["MaximumRetryAttempts"] for config in configs} == {0}


def _schedules(template: Template) -> dict[str, Schedule]:
    return {schedule.function: schedule for schedule in template.schedules}


def test_functions_that_read_files_have_room_for_the_largest(template: Template) -> None:
    largest = int(template.parameters["MaxUploadBytes"])
    for name in ("AnalyzeFunction", "TrainFunction"):
        assert template.properties(name)["EphemeralStorage"]["Size"] * 1024 * 1024 >= 3 * largest
