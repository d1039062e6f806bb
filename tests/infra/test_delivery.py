"""Rules for what may deploy: nothing beyond one stack, and no role beyond the boundary of functions."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from infra.local.template import Template
from tests.infra.conftest import EVERYTHING
from tests.infra.test_template_permissions import LOGS, MAY, SHIFTS

ROOT = Path(__file__).parent.parent.parent
REPOSITORY = "someone/csv-analyzer"
BOUNDARY = "arn:aws:iam::123456789012:policy/csv-analyzer-functions"
# The prefix of IAM's actions for the resources of a service, where it is not its name in CloudFormation.
ACTIONS = {"ApiGateway": "apigateway", "Cognito": "cognito-idp"}


@pytest.fixture(scope="module")
def delivery() -> Template:
    """What deploys staging."""
    return Template.load(ROOT / "infra" / "delivery.yaml", {"Repository": REPOSITORY})


def _statements(delivery: Template, role: str) -> Iterator[dict[str, Any]]:
    for policy in delivery.properties(role)["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for statement in statements for action in _listed(statement["Action"])}


def test_only_jobs_of_the_environment_sign_in(delivery: Template) -> None:
    (statement,) = delivery.properties("DeployRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": f"repo:{REPOSITORY}:environment:staging",
        }
    }


def test_a_job_sends_code_and_templates_and_builds_nothing_itself(delivery: Template) -> None:
    statements = list(_statements(delivery, "DeployRole"))
    assert {action.partition(":")[0] for action in _actions(statements)} == {
        "cloudformation",
        "ecr",
        "iam",
        "s3",
    }
    (passes,) = (statement for statement in statements if "iam:PassRole" in _listed(statement["Action"]))
    assert passes["Action"] == "iam:PassRole"
    assert passes["Resource"] == delivery.resolve({"Fn::GetAtt": ["ExecutionRole", "Arn"]})
    assert passes["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


@pytest.mark.parametrize("role", ["DeployRole", "ExecutionRole"])
def test_no_action_is_a_wildcard(delivery: Template, role: str) -> None:
    for statement in _statements(delivery, role):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in _listed(statement["Action"]))


def test_a_role_without_the_boundary_can_not_be_made_nor_one_be_freed_of_it(delivery: Template) -> None:
    boundary = delivery.resolve({"Ref": "FunctionBoundary"})
    for statement in _statements(delivery, "ExecutionRole"):
        granting = {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"} & set(
            _listed(statement["Action"])
        )
        if granting:
            assert statement["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    actions = _actions(list(_statements(delivery, "ExecutionRole")))
    assert "iam:DeleteRolePermissionsBoundary" not in actions
    assert not any(re.match(r"iam:.*(User|AccessKey|LoginProfile)", action) for action in actions)


def test_the_boundary_itself_is_out_of_reach(delivery: Template) -> None:
    # As CloudFormation names it: after the stack of the delivery, not after the one that is delivered.
    name = "arn:aws:iam::123456789012:policy/csv-analyzer-staging-delivery-FunctionBoundary-0A1B2C"
    for statement in _statements(delivery, "ExecutionRole"):
        if "iam:CreatePolicyVersion" in _listed(statement["Action"]):
            assert not any(fnmatchcase(name, pattern) for pattern in _listed(statement["Resource"]))


def test_what_the_templates_are_made_of_can_be_built(delivery: Template, template_with: Any) -> None:
    # What runs in containers, with its network, is an administrator's to build.
    template = template_with(**{**EVERYTHING, "MonitoringContainers": "false"})
    assert set(template.nested) == {"Monitoring", "Edge", "MlflowStack"}
    services = {
        resource["Type"].split("::")[1]
        for stack in (template, *template.nested.values())
        for resource in stack.active.values()
    }
    granted = {action.partition(":")[0] for action in _actions(list(_statements(delivery, "ExecutionRole")))}
    needed = {ACTIONS.get(service, service.lower()) for service in services}
    assert needed <= granted


def test_roles_may_do_within_the_boundary_what_they_are_allowed(template: Template) -> None:
    delivery = Template.load(
        ROOT / "infra" / "delivery.yaml", {"Repository": REPOSITORY, "AppStack": template.ids.stack_name}
    )
    boundary = delivery.properties("FunctionBoundary")["PolicyDocument"]["Statement"]
    roles = [
        (stack, name)
        for stack in (template, template.nested["MlflowStack"])
        for name, role in stack.of_type("AWS::IAM::Role").items()
        if role.get("Policies")
    ]
    assert len(roles) == len(template.functions) + len(("ShiftRole", "AppRole"))
    for stack, name in roles:
        for statement in _statements(stack, name):
            for action in _listed(statement["Action"]):
                patterns = [
                    pattern
                    for bound in boundary
                    if action in _listed(bound["Action"])
                    for pattern in _listed(bound["Resource"])
                ]
                for resource in _listed(statement["Resource"]):
                    assert any(fnmatchcase(resource, pattern) for pattern in patterns), (action, resource)


def test_the_boundary_allows_nothing_that_no_function_does(delivery: Template) -> None:
    needed = {action for grants in MAY.values() for action in grants} | set(LOGS) | SHIFTS
    allowed = _actions(delivery.properties("FunctionBoundary")["PolicyDocument"]["Statement"])
    # The gateway's role writes its log, and all functions trace: neither is in the table.
    assert {action for action in allowed - needed if not action.startswith(("logs:", "xray:"))} == set()


def test_every_role_of_the_stack_has_the_boundary_that_is_given(
    template_with: Any, template: Template
) -> None:
    bounded = template_with(PermissionsBoundary=BOUNDARY)
    roles = [
        role
        for stack in (bounded, *bounded.nested.values())
        for role in stack.of_type("AWS::IAM::Role").values()
    ]
    assert roles
    assert {role["PermissionsBoundary"] for role in roles} == {BOUNDARY}
    assert not any("PermissionsBoundary" in role for role in template.of_type("AWS::IAM::Role").values())
