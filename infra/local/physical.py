"""Physical ids and attributes of resources: those known at once, and those known after creation."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.intrinsics import TemplateError

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
STACK_NAME = "csv-analyzer-local"

# Where the property that names a resource is, and what Ref answers for it.
_NAME_PROPERTY = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Cognito::UserPoolGroup": "GroupName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Events::Rule": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::SageMaker::MlflowApp": "Name",
}
_ARN = {
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Alias": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Version": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:{region}:{account}:layer:{name}:1",
    "AWS::Cognito::UserPool": "arn:aws:cognito-idp:{region}:{account}:userpool/{id}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{id}",
    "AWS::SageMaker::MlflowApp": "arn:aws:sagemaker:{region}:{account}:mlflow-app/{name}",
}
_OPAQUE_ID = {"AWS::ApiGateway::RestApi", "AWS::ApiGateway::Deployment", "AWS::Cognito::UserPoolClient"}
_REF_IS_ARN = {
    "AWS::SNS::Topic",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
}
# Named by their function and a qualifier: what this property says, else the number of the first version.
_QUALIFIER = {"AWS::Lambda::Alias": "Name", "AWS::Lambda::Version": ""}
_FIRST_VERSION = "1"


class PhysicalIds:
    """Ids and attributes of the stack's resources.

    Names follow from the template, so most answers exist before anything is created. What only the
    created resource knows (the id of a user pool, the URL of a queue) is a stand-in until `record`
    replaces it.
    """

    def __init__(self, region: str = REGION, account: str = ACCOUNT_ID, stack_name: str = STACK_NAME) -> None:
        self.region = region
        self.account = account
        self.stack_name = stack_name
        self._refs: dict[str, str] = {}
        self._attributes: dict[tuple[str, str], str] = {}

    def record(self, logical_id: str, ref: str | None = None, **attributes: str) -> None:
        """Remember what the creation of a resource answered."""
        if ref is not None:
            self._refs[logical_id] = ref
        for name, value in attributes.items():
            self._attributes[logical_id, name] = value

    def pseudo_parameters(self) -> dict[str, Any]:
        """Return the pseudo parameters of CloudFormation."""
        return {
            "AWS::AccountId": self.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.stack_name}/0",
            "AWS::StackName": self.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def name(self, logical_id: str, resource: Mapping[str, Any], resolve: Callable[[Any], Any]) -> str:
        """Return the name of a resource: the declared one, or one made from the stack and the logical id."""
        if resource["Type"] in _QUALIFIER:
            properties = resource["Properties"]
            qualifier = properties.get(_QUALIFIER[resource["Type"]], _FIRST_VERSION)
            return f"{resolve(properties['FunctionName'])}:{resolve(qualifier)}"
        property_name = _NAME_PROPERTY.get(resource["Type"], "")
        declared = resource.get("Properties", {}).get(property_name)
        if declared is not None:
            return str(resolve(declared))
        name = f"{self.stack_name}-{logical_id}"
        return name.lower() if resource["Type"] == "AWS::S3::Bucket" else name

    def reference(self, logical_id: str, resource: Mapping[str, Any], resolve: Callable[[Any], Any]) -> str:
        """Return what ``Ref`` answers for a resource."""
        if logical_id in self._refs:
            return self._refs[logical_id]
        kind = resource["Type"]
        if kind in _REF_IS_ARN:
            return self.attribute(logical_id, "Arn", resource, resolve)
        if kind == "AWS::SQS::Queue":
            return self.attribute(logical_id, "QueueUrl", resource, resolve)
        if kind in {
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGateway::Deployment",
            "AWS::Cognito::UserPoolClient",
        }:
            return self._made_up_id(logical_id)
        if kind == "AWS::Cognito::UserPool":
            return f"{self.region}_{self._made_up_id(logical_id)}"
        return self.name(logical_id, resource, resolve)

    def attribute(
        self, logical_id: str, attribute: str, resource: Mapping[str, Any], resolve: Callable[[Any], Any]
    ) -> str:
        """Return what ``Fn::GetAtt`` answers for a resource."""
        if (logical_id, attribute) in self._attributes:
            return self._attributes[logical_id, attribute]
        kind = resource["Type"]
        name = self.name(logical_id, resource, resolve)
        if attribute in {"Arn", "TopicArn"}:
            pattern = _ARN.get(kind, "arn:aws:{service}:{region}:{account}:{name}")
            identifier = "" if kind in _REF_IS_ARN else self.reference(logical_id, resource, resolve)
            return pattern.format(
                service=kind.split("::")[1].lower(),
                region=self.region,
                account=self.account,
                name=name,
                id=identifier,
            )
        if attribute in {"QueueName", "TopicName"}:
            return name
        answers = {
            ("AWS::SQS::Queue", "QueueUrl"): f"https://sqs.{self.region}.amazonaws.com/{self.account}/{name}",
            ("AWS::S3::Bucket", "DomainName"): f"{name}.s3.amazonaws.com",
            ("AWS::S3::Bucket", "RegionalDomainName"): f"{name}.s3.{self.region}.amazonaws.com",
            ("AWS::ApiGateway::RestApi", "RootResourceId"): "root",
            ("AWS::IAM::Role", "RoleId"): self._made_up_id(logical_id),
            ("AWS::Lambda::Version", "Version"): _FIRST_VERSION,
            ("AWS::ECS::Service", "Name"): name,
            ("AWS::EC2::VPC", "CidrBlock"): str(resource.get("Properties", {}).get("CidrBlock", "")),
            ("AWS::RDS::DBInstance", "Endpoint.Address"): f"{name}.{self.region}.rds.amazonaws.com".lower(),
            ("AWS::ApiGateway::DomainName", "RegionalDomainName"): f"{name}.example.com".lower(),
            ("AWS::ApiGateway::DomainName", "RegionalHostedZoneId"): self._made_up_id(logical_id),
        }
        if (kind, attribute) in answers:
            return answers[kind, attribute]
        if kind.startswith("AWS::Cognito::") and attribute in {"UserPoolId", "ClientId"}:
            return self.reference(logical_id, resource, resolve)
        if kind == "AWS::Cognito::UserPool" and attribute in {"ProviderName", "ProviderURL"}:
            provider = f"cognito-idp.{self.region}.amazonaws.com/" + self.reference(
                logical_id, resource, resolve
            )
            return provider if attribute == "ProviderName" else f"https://{provider}"
        raise TemplateError(f"{logical_id} ({kind}) has no attribute {attribute} in the local stack")

    def _made_up_id(self, logical_id: str) -> str:
        return hashlib.sha256(f"{self.stack_name}/{logical_id}".encode()).hexdigest()[:10]
