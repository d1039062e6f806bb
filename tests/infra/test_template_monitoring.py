"""Rules for what calls the operator: alarms with their topic, the dashboard, the budget."""

import json
from collections.abc import Callable

import pytest

from csv_analyzer.metrics import Dimension, Metric
from infra.local.template import Template

OPERATOR = "ops@example.com"
FREE_METRICS_OF_A_DASHBOARD = 50


@pytest.fixture(scope="module")
def monitoring(template: Template) -> Template:
    """The nested stack of alarms."""
    return template.nested["Monitoring"]


def test_errors_and_throttles_of_every_function_raise_an_alarm(
    template: Template, monitoring: Template
) -> None:
    watched = _watched(monitoring, "AWS/Lambda", "FunctionName")
    for function in template.functions.values():
        assert watched[function.name] == {"Errors", "Throttles"}


def test_every_queue_is_watched(template: Template, monitoring: Template) -> None:
    watched = _watched(monitoring, "AWS/SQS", "QueueName")
    for queue in template.queues.values():
        metric = (
            "ApproximateAgeOfOldestMessage"
            if queue.dead_letter_queue
            else "ApproximateNumberOfMessagesVisible"
        )
        assert watched[queue.name] == {metric}


def test_server_errors_of_the_api_raise_an_alarm(template: Template, monitoring: Template) -> None:
    alarm = monitoring.properties("ApiServerErrorsAlarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5XXError")
    assert alarm["Dimensions"] == [
        {"Name": "ApiName", "Value": template.properties("Api")["Name"]},
        {"Name": "Stage", "Value": template.api.stage},
    ]


def test_faults_of_the_engine_raise_an_alarm(template: Template, monitoring: Template) -> None:
    alarm = monitoring.properties("EngineFaultsAlarm")
    environment = template.functions["TrainFunction"].environment
    assert alarm["Namespace"] == environment["POWERTOOLS_METRICS_NAMESPACE"]
    assert alarm["MetricName"] == Metric.ENGINE_FAULTS
    assert alarm["Dimensions"] == [{"Name": "service", "Value": environment["POWERTOOLS_SERVICE_NAME"]}]


def test_a_model_in_production_that_drifted_raises_an_alarm(template: Template, monitoring: Template) -> None:
    alarm = monitoring.properties("DriftedModelsAlarm")
    function = template.functions["DriftFunction"]
    assert alarm["Namespace"] == function.environment["POWERTOOLS_METRICS_NAMESPACE"]
    assert alarm["MetricName"] == Metric.DRIFTED_MODELS
    assert alarm["Dimensions"] == [
        {"Name": "service", "Value": function.environment["POWERTOOLS_SERVICE_NAME"]}
    ]
    (schedule,) = [schedule for schedule in template.schedules if schedule.function == "DriftFunction"]
    assert alarm["Period"] == schedule.interval_seconds


def test_erasures_that_fail_again_and_again_raise_an_alarm(template: Template, monitoring: Template) -> None:
    alarm = monitoring.properties("ErasuresFailedAlarm")
    environment = template.functions["EraseFunction"].environment
    assert alarm["MetricName"] == Metric.ERASURES_FAILED
    assert alarm["Dimensions"] == [{"Name": "service", "Value": environment["POWERTOOLS_SERVICE_NAME"]}]


def test_an_alarm_tells_the_topic_what_to_do_and_stays_quiet_without_traffic(
    template: Template, monitoring: Template
) -> None:
    topic = monitoring.resolve({"Ref": "AlarmTopic"})
    assert template.outputs["AlarmTopicArn"] == topic
    alarms = monitoring.of_type("AWS::CloudWatch::Alarm") | template.of_type("AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic], name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert " - " in alarm["AlarmDescription"], name


def test_alarms_are_mailed_where_an_address_is_given(template_with: Callable[..., Template]) -> None:
    assert not template_with().nested["Monitoring"].of_type("AWS::SNS::Subscription")
    watched = template_with(AlarmEmail=OPERATOR).nested["Monitoring"]
    (subscription,) = watched.of_type("AWS::SNS::Subscription").values()
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", OPERATOR)


def test_the_topic_answers_over_tls_only(monitoring: Template) -> None:
    policy = monitoring.properties("AlarmTopicPolicy")["PolicyDocument"]
    (statement,) = [s for s in policy["Statement"] if s["Effect"] == "Deny"]
    assert statement["Action"] == "sns:Publish"
    assert statement["Principal"] == "*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_alarms_are_encrypted_with_a_key_that_changes(monitoring: Template) -> None:
    assert monitoring.properties("AlarmTopic")["KmsMasterKeyId"] == monitoring.resolve({"Ref": "AlarmKey"})
    assert monitoring.properties("AlarmKey")["EnableKeyRotation"] is True


@pytest.mark.parametrize(
    ("email", "limit", "made"), [(OPERATOR, "50", True), (OPERATOR, "0", False), ("", "50", False)]
)
def test_a_budget_tells_the_operator(
    template_with: Callable[..., Template], email: str, limit: str, made: bool
) -> None:
    template = template_with(AlarmEmail=email, MonthlyBudgetUsd=limit)
    budgets = list(template.nested["Monitoring"].of_type("AWS::Budgets::Budget").values())
    assert len(budgets) == made
    for budget in budgets:
        assert budget["Budget"]["BudgetLimit"] == {"Amount": limit, "Unit": "USD"}
        for notice in budget["NotificationsWithSubscribers"]:
            assert notice["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": email}]


def test_the_dashboard_shows_what_is_measured_within_what_is_free(
    template: Template, monitoring: Template
) -> None:
    board = json.loads(monitoring.properties("Dashboard")["DashboardBody"])
    metrics = [entry for widget in board["widgets"] for entry in widget["properties"]["metrics"]]
    assert len(metrics) <= FREE_METRICS_OF_A_DASHBOARD
    shown: dict[str, set[str]] = {}
    for namespace, metric, *rest in metrics:
        *dimensions, options = rest
        assert options["label"]
        if namespace == "CsvAnalyzer":
            assert metric in set(Metric)
            assert dimensions[0] == Dimension.SERVICE
        shown.setdefault(namespace, set()).add(dimensions[1])
    names = {function.name for function in template.functions.values()}
    assert shown["AWS/Lambda"] == names
    assert shown["AWS/SQS"] == {queue.name for queue in template.queues.values()}
    assert shown["AWS/ApiGateway"] == {template.api.name}
    services = {function.environment["POWERTOOLS_SERVICE_NAME"] for function in template.functions.values()}
    assert shown["CsvAnalyzer"] <= services


def test_widgets_of_the_dashboard_lie_beside_each_other(monitoring: Template) -> None:
    board = json.loads(monitoring.properties("Dashboard")["DashboardBody"])
    places = [(widget["x"], widget["y"]) for widget in board["widgets"]]
    assert len(set(places)) == len(places)
    assert all(widget["x"] + widget["width"] <= 24 for widget in board["widgets"])


def _watched(template: Template, namespace: str, dimension: str) -> dict[str, set[str]]:
    watched: dict[str, set[str]] = {}
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        if alarm["Namespace"] == namespace:
            (found,) = [item["Value"] for item in alarm["Dimensions"] if item["Name"] == dimension]
            watched.setdefault(found, set()).add(alarm["MetricName"])
    return watched
