"""Rules for functions: settings, code, logs, alarms, tags; and for the three environments."""

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyze import recipes
from csv_analyzer import settings
from csv_analyzer.settings import Settings
from infra.local.task_root import parse_copies
from infra.local.template import Template
from train import service as train_service

ROOT = Path(__file__).parent.parent.parent
READ_BY_NUMPY = {"OPENBLAS_NUM_THREADS"}
SETTINGS: dict[str, type[Settings]] = {
    "ApiFunction": settings.ApiSettings,
    "PredictFunction": settings.PredictSettings,
    "BatchFunction": settings.BatchSettings,
    "DriftFunction": settings.DriftSettings,
    "AnalyzeFunction": settings.AnalyzeSettings,
    "TrainFunction": settings.TrainSettings,
    "TrackingFunction": settings.TrackingSettings,
    "EraseFunction": settings.EraseSettings,
    "WebFunction": settings.WebSettings,
}
# Those that answer requests: a new version of them gets its requests by and by.
SHIFTED = ("ApiFunction", "PredictFunction", "WebFunction")
ENVIRONMENTS = ("default", "staging", "production")
TAGS = {"application": "csv-analyzer", "environment": "staging"}


@pytest.mark.parametrize("function", SETTINGS)
def test_a_function_is_given_the_variables_its_settings_read(template: Template, function: str) -> None:
    environment = template.functions[function].environment
    assert set(environment) - READ_BY_NUMPY == SETTINGS[function].variables()
    SETTINGS[function].from_environment(environment)


def test_every_function_has_settings(template: Template) -> None:
    assert set(template.functions) == set(SETTINGS)


@pytest.mark.parametrize("text", ["true", "false"])
def test_clients_are_told_who_may_sign_up(template_with: Callable[..., Template], text: str) -> None:
    template = template_with(SelfSignUp=text)
    told = settings.ApiSettings.from_environment(template.functions["ApiFunction"].environment).self_sign_up
    closed = template.properties("UserPool")["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"]
    assert (told, closed) == (text == "true", text == "false")


def test_no_endpoint_is_ever_deployed(template: Template) -> None:
    for function in template.functions.values():
        assert not any(name.startswith("AWS_") for name in function.environment)


def test_a_function_is_known_by_its_own_name_in_logs_and_metrics(template: Template) -> None:
    services = [function.environment["POWERTOOLS_SERVICE_NAME"] for function in template.functions.values()]
    assert services == ["api", "predict", "batch", "drift", "analyze", "train", "tracking", "erase", "web"]


def test_handlers_are_files_of_the_repository(template: Template) -> None:
    for function in template.functions.values():
        package, module, name = function.handler.split(".")
        assert name == "handler"
        folder = function.code_dir or ROOT / "functions" / package
        assert (folder / package / f"{module}.py").is_file()


def test_the_runtime_is_the_python_of_development(template: Template) -> None:
    version = (ROOT / ".python-version").read_text().strip()
    layers = [item for item in template.source["Resources"].values() if "LayerVersion" in item["Type"]]
    runtimes = {function.runtime for function in template.functions.values() if function.runtime}
    assert runtimes == {f"python{version}"}
    assert {layer["Metadata"]["BuildMethod"] for layer in layers} == runtimes
    dockerfile = (ROOT / "functions/train/Dockerfile").read_text()
    assert f"FROM public.ecr.aws/lambda/python:{version}\n" in dockerfile


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_zip_functions_and_their_layers_are_of_one_architecture_and_the_image_is_x86_64(
    template_with: Callable[..., Template], architecture: str
) -> None:
    template = template_with(ZipArchitecture=architecture)
    built = {function.package_type: set[str]() for function in template.functions.values()}
    for function in template.functions.values():
        built[function.package_type].add(function.architecture)
    assert built == {"Zip": {architecture}, "Image": {"x86_64"}}
    for name, layer in template.of_type("AWS::Lambda::LayerVersion").items():
        assert layer["CompatibleArchitectures"] == [architecture], name
    for name, resource in template.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            assert resource["Metadata"]["BuildArchitecture"] == {"Ref": "ZipArchitecture"}, name


def test_arm64_is_what_is_deployed(template: Template) -> None:
    assert template.functions["PredictFunction"].architecture == "arm64"


def test_predict_starts_from_a_snapshot_unless_it_is_turned_off(
    template_with: Callable[..., Template],
) -> None:
    for parameter, applied in (("true", "PublishedVersions"), ("false", "None")):
        template = template_with(SnapStart=parameter)
        properties = template.properties("PredictFunction")
        assert properties["SnapStart"] == {"ApplyOn": applied}
        # What SnapStart does not go along with.
        assert not {"FileSystemConfigs", "EphemeralStorage"} & properties.keys()


@pytest.mark.parametrize("function", SHIFTED)
def test_routes_and_their_permissions_name_the_alias(template: Template, function: str) -> None:
    alias = template.resolve({"Ref": f"{function}Aliaslive"})
    assert alias == f"{template.functions[function].arn}:live"
    permissions = template.of_type("AWS::Lambda::Permission").items()
    assert {item["FunctionName"] for name, item in permissions if name.startswith(function)} == {alias}
    body = str(template.properties("Api")["Body"])
    assert f"/functions/{alias}/invocations" in body
    assert f"/functions/{template.functions[function].arn}/invocations" not in body


def test_every_function_that_the_api_calls_moves_gradually(template: Template) -> None:
    assert {route.function for route in template.api.routes} == set(SHIFTED)


@pytest.mark.parametrize("function", SHIFTED)
def test_requests_go_back_when_the_new_version_fails(
    template_with: Callable[..., Template], function: str
) -> None:
    alarm = f"{function}NewVersionErrorsAlarm"
    for shift, watched in (
        ("AllAtOnce", [alarm]),
        ("Canary10Percent5Minutes", [alarm, "Monitoring-ApiServerErrorsAlarm"]),
    ):
        template = template_with(TrafficShift=shift)
        group = template.properties(f"{function}DeploymentGroup")
        assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{shift}"
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert [item["Name"] for item in group["AlarmConfiguration"]["Alarms"]] == [
            f"{template.ids.stack_name}-{name}" for name in watched
        ]
        assert group["ServiceRoleArn"] == template.resolve({"Fn::GetAtt": ["ShiftRole", "Arn"]})
    dimensions = {item["Name"]: item["Value"] for item in template.properties(alarm)["Dimensions"]}
    name = template.functions[function].name
    # Errors of the version before must not stop the one that mends them.
    assert dimensions == {"FunctionName": name, "Resource": f"{name}:live", "ExecutedVersion": "1"}


def test_production_moves_gradually() -> None:
    shifts = {
        environment: dict(pair.split("=", 1) for pair in settings["parameter_overrides"])["TrafficShift"]
        for environment in ("staging", "production")
        for settings in [_samconfig()[environment]["deploy"]["parameters"]]
    }
    assert shifts == {"staging": "AllAtOnce", "production": "Canary10Percent5Minutes"}


@pytest.mark.parametrize("function", SHIFTED)
def test_every_change_of_what_a_function_runs_publishes_a_version(template: Template, function: str) -> None:
    """Else the alias would go on with the old code, layers and variables."""

    def version(change: Callable[[dict[str, Any]], object] = lambda _: None) -> str:
        source = copy.deepcopy(template.source)
        change(source["Resources"])
        versions = Template(source, ROOT, None, None).of_type("AWS::Lambda::Version")
        (found,) = [name for name in versions if name.startswith(function)]
        return found

    assert version() == version()
    layers = [layer["Ref"] for layer in template.source["Resources"][function]["Properties"]["Layers"]]
    changed = [
        *(
            version(lambda r, name=layer: r[name]["Properties"].update(Description="other code"))
            for layer in layers
        ),
        version(lambda r: r[function]["Properties"].update(MemorySize=2048)),
        version(lambda r: r[function]["Properties"]["Environment"]["Variables"].update(X="1")),
    ]
    assert len({version(), *changed}) == 1 + len(changed)


def test_a_version_that_nobody_asks_any_more_is_deleted_with_its_snapshot(template: Template) -> None:
    versions = [item for item in template.active.values() if item["Type"] == "AWS::Lambda::Version"]
    assert [item["DeletionPolicy"] for item in versions] == ["Delete"] * len(SHIFTED)


def test_the_three_image_functions_share_one_image(template: Template) -> None:
    images = [function for function in template.functions.values() if function.package_type == "Image"]
    assert [function.logical_id for function in images] == [
        "AnalyzeFunction",
        "TrainFunction",
        "TrackingFunction",
    ]
    sources = [template.source["Resources"][function.logical_id]["Metadata"] for function in images]
    assert sources[0] == sources[1] == sources[2]
    assert len({function.handler for function in images}) == 3


def test_the_image_holds_the_packages_that_it_can_not_take_from_layers(template: Template) -> None:
    copies = parse_copies((ROOT / "functions/train/Dockerfile").read_text())
    assert {(copy.sources, copy.target) for copy in copies} == {
        (("layers/core/csv_analyzer",), "csv_analyzer"),
        (("layers/scoring/scoring",), "scoring"),
        (("layers/automl/automl",), "automl"),
        (("functions/analyze/analyze",), "analyze"),
        (("functions/train/train",), "train"),
    }
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert all(f"!{source}" in allowed for copy in copies for source in copy.sources)


def test_every_log_group_forgets(template_with: Callable[..., Template]) -> None:
    template = template_with(LogRetentionDays="14")
    groups = template.of_type("AWS::Logs::LogGroup")
    assert {int(group["RetentionInDays"]) for group in groups.values()} == {14}
    for name, function in template.functions.items():
        assert function.log_group == groups[f"{name}LogGroup"]["LogGroupName"]
        assert template.properties(name)["LoggingConfig"]["LogFormat"] == "JSON"


def test_every_function_is_traced(template: Template) -> None:
    for name in template.functions:
        assert template.properties(name)["TracingConfig"] == {"Mode": "Active"}


def test_what_can_carry_tags_says_whose_it_is(template_with: Callable[..., Template]) -> None:
    template = template_with(Environment="staging")
    names = [
        *template.functions,
        *template.queues,
        "DataBucket",
        "Catalog",
        "UserPool",
    ]
    for name in names:
        assert _tags(template.properties(name)).items() >= TAGS.items(), name
    (stage,) = template.of_type("AWS::ApiGateway::Stage").values()
    assert _tags(stage).items() >= TAGS.items()


def test_the_outputs_are_what_a_client_and_an_operator_need(template: Template) -> None:
    assert set(template.outputs) == {
        "PageUrl",
        "ApiUrl",
        "UserPoolId",
        "UserPoolClientId",
        "UserPoolIssuer",
        "DataBucketName",
        "CatalogTable",
        "AlarmTopicArn",
        "Region",
    }
    assert template.outputs["ApiUrl"].endswith(f"/{template.api.stage}")
    assert template.outputs["PageUrl"] == f"{template.outputs['ApiUrl']}/app/"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_configured_environment_resolves(environment: str) -> None:
    deploy = _samconfig()[environment]["deploy"]["parameters"]
    overrides = dict(pair.split("=", 1) for pair in deploy["parameter_overrides"])
    # Loading refuses a parameter that the template does not declare.
    template = Template.load(ROOT / "template.yaml", overrides)
    for name in template.active:
        template.properties(name)
    assert template.parameters["Environment"] == environment
    for name, value in overrides.items():
        allowed = template.source["Parameters"][name].get("AllowedValues", [value])
        assert value in map(str, allowed)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_deployment_is_tagged_and_asks_for_no_named_iam(environment: str) -> None:
    deploy = _samconfig()[environment]["deploy"]["parameters"]
    assert deploy["tags"] == ["application=csv-analyzer", f"environment={environment}"]
    assert deploy["capabilities"] == "CAPABILITY_IAM"


def test_the_environments_are_stacks_of_their_own() -> None:
    names = [_samconfig()[environment]["global"]["parameters"]["stack_name"] for environment in ENVIRONMENTS]
    assert len(set(names)) == len(names)
    # The bucket's name is made of it: S3 takes lower case and at most 63 characters.
    longest = "-data-123456789012-ap-southeast-1"
    assert all(name == name.lower() and len(name + longest) <= 63 for name in names)


def _samconfig() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())


def _tags(properties: dict[str, Any]) -> dict[str, str]:
    tags = properties.get("Tags") or properties.get("UserPoolTags") or []
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def test_the_largest_table_that_is_trained_on_fits_into_the_memory(template: Template) -> None:
    needed = train_service.MAX_CELLS * train_service.BYTES_PER_CELL
    assert template.functions["TrainFunction"].memory_mb * 1024**2 > needed


def test_the_largest_table_that_a_recipe_is_applied_to_fits_into_the_memory(template: Template) -> None:
    needed = recipes.MAX_CELLS * recipes.BYTES_PER_CELL
    assert template.functions["AnalyzeFunction"].memory_mb * 1024**2 > needed
    assert recipes.MAX_CELLS >= train_service.MAX_CELLS
