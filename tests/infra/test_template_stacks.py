"""Rules for the nested stacks: MLflow, monitoring on Fargate, and what stands before the API."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from infra.local.template import Template
from tests.infra.conftest import EVERYTHING, ROOT, Stacks

# What CloudFormation can't tag, and what belongs to something that is tagged.
WITHOUT_TAGS = {
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::RestApi",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
}
TAGS_OF = {"AWS::Cognito::UserPool": "UserPoolTags", "AWS::Budgets::Budget": "ResourceTags"}


def _resources(stacks: Stacks, kind: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    for stack in stacks:
        for name, resource in stack.active.items():
            if not kind or resource["Type"] == kind:
                yield name, resource["Type"], stack.properties(name)


def test_every_nested_template_is_a_file_of_ours(stacks: Stacks) -> None:
    urls = [
        properties["TemplateURL"] for _, _, properties in _resources(stacks, "AWS::CloudFormation::Stack")
    ]
    assert sorted(urls) == [
        *("infra/edge.yaml", "infra/mlflow.yaml", "infra/monitoring-containers.yaml", "infra/monitoring.yaml")
    ]
    assert all((ROOT / url).is_file() for url in urls)


def test_every_resource_and_output_resolves(stacks: Stacks) -> None:
    for stack in stacks:
        assert all(stack.outputs.values())
        for name in stack.active:
            stack.properties(name)


def test_all_that_can_be_tagged_is(stacks: Stacks) -> None:
    for name, kind, properties in _resources(stacks):
        if kind in WITHOUT_TAGS:
            continue
        tags = properties[TAGS_OF.get(kind, "Tags")]
        pairs = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
        assert pairs.items() >= {"application": "csv-analyzer", "environment": "default"}.items(), name


def test_every_bucket_is_closed_and_encrypted_and_answers_over_tls_only(stacks: Stacks) -> None:
    buckets = list(_resources(stacks, "AWS::S3::Bucket"))
    assert {name for name, _, _ in buckets} == {"DataBucket", "Artifacts"}
    policies = [properties for _, _, properties in _resources(stacks, "AWS::S3::BucketPolicy")]
    for name, _, bucket in buckets:
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"], name
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], name
        (policy,) = [policy for policy in policies if policy["Bucket"] == bucket["BucketName"]]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        arn = f"arn:aws:s3:::{bucket['BucketName']}"
        assert statement["Resource"] == [arn, f"{arn}/*"]


def test_every_log_group_of_every_stack_forgets(template_with: Callable[..., Template]) -> None:
    for kind in ("managed", "server"):
        template = template_with(**EVERYTHING, Mlflow=kind, LogRetentionDays="14")
        for stack in (template, *template.nested.values()):
            for name, group in stack.of_type("AWS::Logs::LogGroup").items():
                assert int(group["RetentionInDays"]) == 14, name


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, set()),
        ({"Mlflow": "server", "MlflowImage": "i"}, {"AWS::ECS::Service", "AWS::RDS::DBInstance"}),
        ({"MonitoringContainers": "true", "MonitoringImage": "i"}, {"AWS::ECS::Service"}),
    ],
)
def test_nothing_but_what_was_asked_for_costs_by_the_hour(
    template_with: Callable[..., Template], parameters: dict[str, str], expected: set[str]
) -> None:
    template = template_with(**parameters)
    by_the_hour = {kind for _, kind, _ in _resources((template, *template.nested.values()))} & {
        "AWS::EC2::NatGateway",
        "AWS::ECS::Service",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::RDS::DBInstance",
    }
    assert by_the_hour == expected


# ---------------------------------------------------------------- MLflow


@pytest.fixture(scope="module")
def server(template_with: Callable[..., Template]) -> Template:
    """The stack whose MLflow is a server of its own."""
    return template_with(Mlflow="server", MlflowImage="mlflow:1")


@pytest.mark.parametrize(
    ("kind", "uri"),
    [
        ("managed", "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/csv-analyzer-local"),
        ("server", "http://mlflow.csv-analyzer-local.internal:5000"),
        ("external", "https://mlflow.example.com"),
        ("none", ""),
    ],
)
def test_functions_are_told_where_mlflow_is(
    template_with: Callable[..., Template], kind: str, uri: str
) -> None:
    given = "https://mlflow.example.com" if kind == "external" else ""
    functions = template_with(Mlflow=kind, MlflowTrackingUri=given, MlflowImage="mlflow:1").functions
    told = {
        name: function.environment["MLFLOW_TRACKING_URI"]
        for name, function in functions.items()
        if "MLFLOW_TRACKING_URI" in function.environment
    }
    assert told == dict.fromkeys(("TrainFunction", "TrackingFunction", "EraseFunction"), uri)
    # People are shown a run only where a browser finds it.
    assert functions["ApiFunction"].environment["MLFLOW_PAGE_URL"] == given


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"Mlflow": "external"}, "Mlflow=external needs MlflowTrackingUri."),
        ({"MlflowTrackingUri": "https://mlflow.example.com"}, "MlflowTrackingUri is for Mlflow=external."),
        ({"Mlflow": "server"}, "Mlflow=server needs MlflowImage, see infra/README.md."),
        (
            {
                "Mlflow": "server",
                "MlflowImage": "i",
                "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b",
            },
            "Mlflow=server does not go with the boundary of infra/delivery.yaml.",
        ),
        ({"DomainName": "models.example.com"}, "DomainName needs CertificateArn."),
        (
            {"MonitoringContainers": "true"},
            "MonitoringContainers=true needs MonitoringImage, see infra/README.md.",
        ),
        (
            {
                "MonitoringContainers": "true",
                "MonitoringImage": "i",
                "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b",
            },
            "MonitoringContainers=true does not go with the boundary of infra/delivery.yaml.",
        ),
        ({}, None),
        ({"Mlflow": "server", "MlflowImage": "i"}, None),
        ({"Mlflow": "external", "MlflowTrackingUri": "https://mlflow.example.com"}, None),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    template_with: Callable[..., Template], parameters: dict[str, str], complaint: str | None
) -> None:
    template = template_with(**parameters)
    complaints = [
        assertion["AssertDescription"]
        for rule in template.source["Rules"].values()
        if template.resolve(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not template.resolve(assertion["Assert"])
    ]
    assert complaints == ([complaint] if complaint else [])


def test_the_functions_that_log_stand_where_the_server_can_be_reached(
    server: Template, template: Template
) -> None:
    mlflow = server.nested["MlflowStack"]
    for name in server.functions:
        network = server.properties(name).get("VpcConfig")
        if name in {"TrainFunction", "TrackingFunction"}:
            assert network == {
                "SubnetIds": mlflow.outputs["WorkerSubnets"].split(","),
                "SecurityGroupIds": [mlflow.outputs["WorkerGroup"]],
            }
        else:
            assert network is None, name
        assert "VpcConfig" not in template.properties(name)


def test_only_workers_reach_the_server_and_only_it_reaches_the_database(server: Template) -> None:
    mlflow = server.nested["MlflowStack"]
    groups = mlflow.of_type("AWS::EC2::SecurityGroup")
    ways = {
        (group, way["FromPort"], way.get("SourceSecurityGroupId"), way.get("CidrIp"))
        for group, properties in groups.items()
        for way in properties.get("SecurityGroupIngress", ())
    }
    assert ways == {
        ("ServerGroup", 5000, mlflow.resolve({"Ref": "WorkerGroup"}), None),
        ("DatabaseGroup", 5432, mlflow.resolve({"Ref": "ServerGroup"}), None),
    }
    database = mlflow.properties("Database")
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    assert database["BackupRetentionPeriod"] >= 7
    assert mlflow.active["Database"]["DeletionPolicy"] == "Snapshot"


def test_workers_and_database_have_no_way_out(server: Template) -> None:
    mlflow = server.nested["MlflowStack"]
    private = mlflow.resolve({"Ref": "PrivateRoutes"})
    assert private not in [route["RouteTableId"] for route in mlflow.of_type("AWS::EC2::Route").values()]
    for endpoint in mlflow.of_type("AWS::EC2::VPCEndpoint").values():
        assert private in endpoint["RouteTableIds"]


def test_the_password_of_the_database_stands_nowhere(server: Template) -> None:
    mlflow = server.nested["MlflowStack"]
    assert "{{resolve:secretsmanager:" in mlflow.properties("Database")["MasterUserPassword"]
    (container,) = mlflow.properties("ServerTask")["ContainerDefinitions"]
    assert {item["Name"] for item in container["Secrets"]} == {"PGUSER", "PGPASSWORD"}
    assert "PASSWORD" not in json.dumps([container["Environment"], container["Command"]])


# ---------------------------------------------------------------- monitoring on Fargate


def _containers(stack: Template) -> dict[str, dict[str, Any]]:
    return {each["Name"]: each for each in stack.properties("Task")["ContainerDefinitions"]}


def test_there_are_no_containers_unless_asked_for(template: Template) -> None:
    assert "MonitoringContainersStack" not in template.nested


def test_containers_are_those_of_compose(containers: Template) -> None:
    services = yaml.safe_load((ROOT / "monitoring" / "compose.yaml").read_text("utf-8"))["services"]
    del services["receivers"]
    found = _containers(containers)
    assert found.pop("settings")["Image"] == "monitoring:1"
    assert {name: each["Image"] for name, each in found.items()} == {
        name: service["image"] for name, service in services.items()
    }
    for name, service in services.items():
        # Where files are and who listens is another matter there.
        told = {word for word in service.get("command", ()) if not word.startswith(("--config", "--listen"))}
        assert told <= set(found[name].get("Command", ())), name
        if "healthcheck" in service:
            assert found[name]["HealthCheck"]["Command"] == service["healthcheck"]["test"]
    settings = {each["Name"]: each["Value"] for each in found["grafana"]["Environment"]}
    for name, value in services["grafana"]["environment"].items():
        if not name.endswith(("_URL", "_PASSWORD")):
            assert settings[name] == value, name


def test_nobody_reaches_the_containers_over_a_network(containers: Template) -> None:
    (group,) = containers.of_type("AWS::EC2::SecurityGroup").values()
    assert not group.get("SecurityGroupIngress")
    listen = {}
    for name, container in _containers(containers).items():
        assert not container.get("PortMappings"), name
        told = " ".join(container.get("Command", ()))
        listen[name] = re.findall(r"--(?:web\.)?listen-address=(\S+)", told)
    assert listen == {
        "settings": [],
        "yace": ["127.0.0.1:5000"],
        "prometheus": ["127.0.0.1:9090"],
        "alertmanager": ["127.0.0.1:9093"],
        "grafana": [],
    }
    assert _environment(_containers(containers)["grafana"])["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"


def _environment(container: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in container.get("Environment", ())}


def test_only_the_container_of_sessions_may_write_into_its_root(containers: Template) -> None:
    open_ = {name for name, each in _containers(containers).items() if not each.get("ReadonlyRootFilesystem")}
    assert open_ == {"grafana"}


def test_the_password_of_grafana_stands_nowhere(containers: Template) -> None:
    grafana = _containers(containers)["grafana"]
    assert [each["Name"] for each in grafana["Secrets"]] == ["GF_SECURITY_ADMIN_PASSWORD"]
    assert "PASSWORD" not in json.dumps(grafana["Environment"])


def test_containers_may_read_what_the_exporter_asks_and_tell_the_topic_only(
    template_with: Callable[..., Template],
) -> None:
    template = template_with(MonitoringContainers="true", MonitoringImage="monitoring:1")
    containers = template.nested["MonitoringContainersStack"]
    told = (ROOT / "monitoring" / "exporter" / "README.md").read_text("utf-8")
    (documented,) = re.findall(r"```json\n(.*?)```", told, flags=re.DOTALL)
    allowed: dict[str, set[str]] = {}
    for policy in containers.properties("TaskRole")["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            for action in (
                statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            ):
                resources = statement["Resource"]
                allowed.setdefault(action, set()).update(
                    [resources] if isinstance(resources, str) else resources
                )
    exporter = {
        action
        for statement in json.loads(documented)["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    sessions = {action for action in allowed if action.startswith("ssmmessages:")}
    topic = template.nested["Monitoring"].outputs
    assert set(allowed) - sessions == exporter | {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"}
    assert allowed["sns:Publish"] == {topic["AlarmTopicArn"]}
    assert allowed["kms:Decrypt"] == allowed["kms:GenerateDataKey"] == {topic["AlarmKeyArn"]}
    assert _environment(_containers(containers)["settings"])["ALERT_TOPIC_ARN"] == topic["AlarmTopicArn"]


def test_containers_that_stop_raise_an_alarm(containers: Template) -> None:
    alarm = containers.properties("MonitoringStoppedAlarm")
    assert alarm["TreatMissingData"] == "breaching"
    assert {each["Name"] for each in alarm["Dimensions"]} == {"ClusterName", "ServiceName"}
    assert alarm["AlarmActions"] == [containers.parameters["AlarmTopic"]]


# ---------------------------------------------------------------- before the door


def test_there_is_nothing_before_the_door_unless_asked_for(template: Template) -> None:
    assert "Edge" not in template.nested


def test_an_address_that_asks_too_often_is_told_so(template_with: Callable[..., Template]) -> None:
    template = template_with(RequestsPerAddress="1000")
    edge = template.nested["Edge"]
    assert not edge.of_type("AWS::ApiGateway::DomainName")
    firewall = edge.properties("Firewall")
    rate = firewall["Rules"][0]
    assert rate["Statement"]["RateBasedStatement"]["Limit"] == "1000"
    response = rate["Action"]["Block"]["CustomResponse"]
    assert response["ResponseCode"] == 429
    problem = json.loads(firewall["CustomResponseBodies"][response["CustomResponseBodyKey"]]["Content"])
    # The same words that API Gateway itself is told to use.
    throttled = template.properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"]["THROTTLED"]
    ours = json.loads(throttled["responseTemplates"]["application/json"])
    assert {**problem, "detail": ""} == {**ours, "detail": ""}
    stage = edge.properties("FirewallOfTheApi")["ResourceArn"]
    assert stage.endswith(f"/restapis/{template.api.rest_api_id}/stages/{template.api.stage}")
    assert edge.properties("FirewallLog")["RedactedFields"] == [{"SingleHeader": {"Name": "authorization"}}]


def test_a_name_of_its_own_leads_to_the_stage(template_with: Callable[..., Template]) -> None:
    template = template_with(
        DomainName="models.example.com", CertificateArn=EVERYTHING["CertificateArn"], HostedZoneId=""
    )
    edge = template.nested["Edge"]
    assert edge.properties("Domain")["SecurityPolicy"] == "TLS_1_2"
    assert edge.properties("DomainMapping")["Stage"] == template.api.stage
    assert not edge.of_type("AWS::Route53::RecordSet")
    assert template.outputs["ApiUrl"] == "https://models.example.com"
    assert template.outputs["PageUrl"] == "https://models.example.com/app/"
