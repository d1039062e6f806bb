"""How SAM is told what to deploy: by samconfig.toml alone, or with the outputs of the delivery stack."""

import pytest

from infra.deploy import DELIVERY, configured

GIVEN = {
    "DEPLOY_EXECUTION_ROLE_ARN": "arn:aws:iam::123456789012:role/x-ExecutionRole-1",
    "DEPLOY_PERMISSIONS_BOUNDARY": "arn:aws:iam::123456789012:policy/x-FunctionBoundary-1",
    "DEPLOY_ARTIFACTS_BUCKET": "csv-analyzer-staging-artifacts",
    "DEPLOY_IMAGE_REPOSITORY": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/csv-analyzer-staging-images",
}


@pytest.mark.parametrize("environment", ["default", "staging", "production"])
def test_by_hand_sam_makes_what_it_needs(environment: str) -> None:
    deploy = configured(environment, {})[environment]["deploy"]["parameters"]
    assert deploy["resolve_s3"] is deploy["resolve_image_repos"] is True
    assert "role_arn" not in deploy
    assert f"Environment={environment}" in deploy["parameter_overrides"]


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_job_uses_what_the_delivery_stack_made(environment: str) -> None:
    section = configured(environment, GIVEN)[environment]
    deploy = section["deploy"]["parameters"]
    assert section["global"]["parameters"]["stack_name"] == f"csv-analyzer-{environment}"
    assert deploy["role_arn"] == GIVEN["DEPLOY_EXECUTION_ROLE_ARN"]
    assert deploy["s3_bucket"] == GIVEN["DEPLOY_ARTIFACTS_BUCKET"]
    assert deploy["image_repository"] == GIVEN["DEPLOY_IMAGE_REPOSITORY"]
    # SAM refuses both a bucket and to find one.
    assert not {"resolve_s3", "resolve_image_repos"} & set(deploy)
    # Nobody is there to confirm: the approval is that of the environment on GitHub.
    assert deploy["confirm_changeset"] is False
    assert deploy["parameter_overrides"][-1] == f"PermissionsBoundary={GIVEN['DEPLOY_PERMISSIONS_BOUNDARY']}"


@pytest.mark.parametrize("absent", DELIVERY)
def test_half_of_the_outputs_is_a_fault(absent: str) -> None:
    with pytest.raises(ValueError, match=f"^{absent} must be set, too: .*{DELIVERY[absent]}"):
        configured("staging", {**GIVEN, absent: ""})


def test_an_unknown_environment_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"'prod' is none of .*: default, staging, production"):
        configured("prod", {})
