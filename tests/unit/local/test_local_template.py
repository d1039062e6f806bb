"""The local stack reads everything from the template."""

from pathlib import Path

import pytest

from infra.local.template import PhysicalIds, Template, TemplateError

TINY = Path(__file__).parents[2] / "e2e" / "tiny_stack" / "template.yaml"


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.load(TINY)


def test_a_zip_function_runs_from_its_code_and_its_layers(template: Template):
    function = template.functions["Front"]
    assert function.handler == "front.handler"
    assert function.code_dir == TINY.parent / "front"
    assert function.layer_dirs == (TINY.parent / "layer",)
    assert function.package_type == "Zip"


def test_an_image_function_runs_the_handler_of_its_command(template: Template):
    function = template.functions["Batch"]
    assert function.handler == "worker.batch.handler"
    assert function.dockerfile == TINY.parent / "image" / "Dockerfile"
    assert function.docker_context == TINY.parent
    assert function.code_dir is None


def test_memory_timeout_and_reserved_concurrency_are_numbers(template: Template):
    function = template.functions["Narrow"]
    assert (function.memory_mb, function.timeout_seconds, function.reserved_concurrency) == (128, 2.0, 1)
    assert template.functions["Worker"].reserved_concurrency is None


def test_environment_variables_are_resolved(template: Template):
    environment = template.functions["Worker"].environment
    assert environment["BUCKET"] == template.buckets["Bucket"].name == "csv-analyzer-local-data-us"
    assert environment["ORIGIN"] == "origin https://page.example"


def test_a_value_of_a_false_condition_is_absent_until_a_parameter_makes_it_true(template: Template):
    assert "MLFLOW" not in template.functions["Worker"].environment
    assert "MlflowUrl" not in template.outputs
    with_mlflow = Template.load(TINY, {"MlflowTrackingUri": "http://127.0.0.1:5000"})
    assert with_mlflow.functions["Worker"].environment["MLFLOW"] == "yes"
    assert with_mlflow.outputs["MlflowUrl"] == "http://127.0.0.1:5000"


def test_routes_name_their_function_and_authorizer(template: Template):
    routes = {(route.method, route.path): route for route in template.api.routes}
    assert routes["GET", "/things/{id}"].authorizer == "Cognito"
    assert routes["POST", "/echo"].authorizer is None
    assert {route.function for route in routes.values()} == {"Front"}
    assert template.api.stage == "v1"


def test_the_authorizer_names_the_pool_of_the_template(template: Template):
    (pool_id,) = template.api.authorizers["Cognito"].user_pool_ids
    assert pool_id == template.resolve({"Ref": "Pool"})


def test_every_path_has_a_preflight_answer(template: Template):
    preflights = {preflight.path: preflight.headers for preflight in template.api.preflights}
    assert set(preflights) == {"/echo", "/things/{id}"}
    assert preflights["/echo"]["Access-Control-Allow-Origin"] == "https://page.example"
    assert preflights["/echo"]["Access-Control-Max-Age"] == "600"


def test_a_queue_mapping_knows_how_failures_and_concurrency_work(template: Template):
    (mapping,) = template.queue_mappings
    assert (mapping.function, mapping.queue, mapping.batch_size) == ("Batch", "Work", 2)
    assert mapping.report_batch_item_failures
    assert mapping.maximum_concurrency == 2


def test_queues_know_their_visibility_and_their_dead_letters(template: Template):
    queue = template.queues["Work"]
    assert (queue.visibility_timeout_seconds, queue.dead_letter_queue, queue.maximum_receives) == (
        1,
        "Dead",
        2,
    )


def test_bucket_notifications_name_the_queue_with_prefix_and_suffix(template: Template):
    (notification,) = template.buckets["Bucket"].notifications
    assert (notification.queue, notification.prefix, notification.suffix) == ("Work", "in/", ".csv")


def test_a_rate_has_an_interval_and_a_cron_expression_has_none(template: Template):
    schedules = {schedule.logical_id: schedule for schedule in template.schedules}
    assert schedules["WorkerOften"].interval_seconds == 60
    assert schedules["WorkerOften"].enabled
    assert schedules["WorkerNightly"].interval_seconds is None
    assert not schedules["WorkerNightly"].enabled


def test_tables_and_user_pools_are_read(template: Template):
    table = template.tables["Catalog"]
    assert (table.indexes, table.ttl_attribute) == (("by-owner",), "expires_at")
    pool = template.user_pools["Pool"]
    assert (tuple(pool.clients), pool.groups) == (("Client",), ("editor",))


def test_ids_recorded_after_creation_reach_every_place_that_names_them():
    ids = PhysicalIds()
    template = Template.load(TINY, ids=ids)
    ids.record(
        "Pool", ref="us-east-1_real", Arn="arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_real"
    )
    ids.record("Work", ref="http://127.0.0.1:5001/work")
    assert template.api.authorizers["Cognito"].user_pool_ids == ("us-east-1_real",)
    assert template.user_pools["Pool"].groups == ("editor",)
    assert template.outputs["QueueUrl"] == "http://127.0.0.1:5001/work"


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TemplateError, match="no parameter Colour"):
        Template.load(TINY, {"Colour": "blue"})


def test_a_parameter_without_default_needs_a_value(tmp_path: Path):
    path = tmp_path / "template.yaml"
    path.write_text("Parameters: {Name: {Type: String}}\nResources: {Queue: {Type: AWS::SQS::Queue}}\n")
    with pytest.raises(TemplateError, match="Name needs a value"):
        Template.load(path)


@pytest.mark.parametrize("text", ["", "just text", "Parameters: {}"])
def test_a_file_that_is_no_template_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "template.yaml"
    path.write_text(text)
    with pytest.raises(TemplateError, match="has no Resources"):
        Template.load(path)


def test_what_sam_refuses_is_said_with_its_reason(tmp_path: Path):
    path = tmp_path / "template.yaml"
    path.write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources: {Work: {Type: AWS::Serverless::Function, Properties: {Colour: blue}}}\n"
    )
    with pytest.raises(TemplateError, match="Work"):
        Template.load(path)


NESTING = """
Parameters: {Size: {Type: String, Default: small}}
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: below/child.yaml
      Parameters: {Size: !Ref Size, Queues: [a, b]}
Outputs: {Queue: {Value: !GetAtt Child.Outputs.Queue}}
"""
CHILD = """
Parameters: {Size: {Type: String}, Queues: {Type: CommaDelimitedList}}
Conditions: {IsLarge: !Equals [!Ref Size, large]}
Resources: {Queue: {Type: AWS::SQS::Queue, Condition: IsLarge}}
Outputs: {Queue: {Condition: IsLarge, Value: !Join [" and ", !Ref Queues]}}
"""


@pytest.fixture
def nesting(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(NESTING)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "child.yaml").write_text(CHILD)
    return path


def test_a_nested_stack_is_read_with_the_values_that_it_is_given(nesting: Path):
    template = Template.load(nesting, {"Size": "large"})
    assert template.outputs == {"Queue": "a and b"}
    child = template.nested["Child"]
    assert child.resolve({"Ref": "AWS::StackName"}) == f"{template.ids.stack_name}-Child"
    assert [queue.name for queue in child.queues.values()] == [f"{template.ids.stack_name}-Child-Queue"]


def test_an_output_that_a_nested_stack_has_not_is_said(nesting: Path):
    with pytest.raises(TemplateError, match="the nested stack Child has no output Queue"):
        _ = Template.load(nesting).outputs


def test_a_value_that_a_nested_stack_does_not_take_is_said(nesting: Path):
    nesting.write_text(NESTING.replace("Size: !Ref Size", "Colour: red"))
    with pytest.raises(TemplateError, match="the template has no parameter Colour"):
        _ = Template.load(nesting).nested
