"""Rules for what holds data: encrypted, reached over TLS only, never public, hard to lose."""

from collections.abc import Callable

import pytest

from infra.local.template import Template
from scoring.drift.report import WINDOWS

KEPT = ("DataBucket", "Catalog", "UserPool")


def test_the_bucket_is_versioned_encrypted_and_owned_by_the_account(template: Template) -> None:
    bucket = template.properties("DataBucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_can_not_be_made_public(template: Template) -> None:
    blocked = template.properties("DataBucket")["PublicAccessBlockConfiguration"]
    assert blocked == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_the_bucket_answers_over_tls_only(template: Template) -> None:
    policy = template.properties("DataBucketPolicy")
    bucket = template.resolve({"Fn::GetAtt": ["DataBucket", "Arn"]})
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == template.buckets["DataBucket"].name
    assert statement["Resource"] == [bucket, f"{bucket}/*"]
    _assert_denies_plain_text(statement, "s3:*")


def test_the_queues_answer_over_tls_only(template: Template) -> None:
    policies = template.of_type("AWS::SQS::QueuePolicy").values()
    for name in template.queues:
        url = template.resolve({"Ref": name})
        # A queue has one policy: a second resource for it would overwrite the first.
        (policy,) = [policy for policy in policies if url in policy["Queues"]]
        (statement,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert statement["Resource"] == template.resolve({"Fn::GetAtt": [name, "Arn"]})
        _assert_denies_plain_text(statement, "sqs:*")


def test_queues_and_catalog_are_encrypted(template: Template) -> None:
    assert all(queue.properties["SqsManagedSseEnabled"] is True for queue in template.queues.values())
    assert template.properties("Catalog")["SSESpecification"] == {"SSEEnabled": True}


def test_the_catalog_costs_nothing_idle_and_can_be_turned_back(template: Template) -> None:
    catalog = template.properties("Catalog")
    assert catalog["BillingMode"] == "PAY_PER_REQUEST"
    assert catalog["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert catalog["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


@pytest.mark.parametrize("name", KEPT)
def test_deleting_the_stack_keeps_the_data(template: Template, name: str) -> None:
    resource = template.source["Resources"][name]
    # A creation that failed leaves nothing behind that the next one would stumble over.
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize(("environment", "protected"), [("production", True), ("staging", False)])
def test_production_protects_catalog_and_users_against_deletion(
    template_with: Callable[..., Template], environment: str, *, protected: bool
) -> None:
    template = template_with(Environment=environment)
    assert template.properties("Catalog")["DeletionProtectionEnabled"] is protected
    state = "ACTIVE" if protected else "INACTIVE"
    assert template.properties("UserPool")["DeletionProtection"] == state


def test_old_bytes_go_away_by_themselves(template: Template) -> None:
    rules = template.properties("DataBucket")["LifecycleConfiguration"]["Rules"]
    assert all(rule["Status"] == "Enabled" for rule in rules)
    everywhere = {key: rule[key] for rule in rules if "Prefix" not in rule for key in rule}
    assert everywhere["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert everywhere["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert set(expiring) == {"training/", "batch/", "results/", "observations/"}
    # No window of drift reaches further back.
    assert expiring["observations/"] > max(WINDOWS)


def test_what_drift_overwrites_and_deletes_every_hour_is_not_kept_for_a_month(template: Template) -> None:
    rules = template.properties("DataBucket")["LifecycleConfiguration"]["Rules"]
    days = {rule.get("Prefix"): rule.get("NoncurrentVersionExpiration") for rule in rules}
    assert days["drift/"] == days["observations/"] == {"NoncurrentDays": 1}


def test_a_training_order_outlives_its_dead_letter(template: Template) -> None:
    rules = template.properties("DataBucket")["LifecycleConfiguration"]["Rules"]
    (days,) = [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "training/"]
    retention = template.queues["TrainDeadLetterQueue"].properties["MessageRetentionPeriod"]
    assert days * 86_400 > 2 * retention


def test_a_browser_of_the_configured_origin_may_post_files(template_with: Callable[..., Template]) -> None:
    (rule,) = template_with(CorsOrigin="https://example.com").buckets["DataBucket"].cors_rules
    assert rule["AllowedOrigins"] == ["https://example.com"]
    assert {"POST", "GET"} <= set(rule["AllowedMethods"])


def test_users_sign_in_by_mail_with_a_strong_password(template: Template) -> None:
    pool = template.properties("UserPool")
    password = pool["Policies"]["PasswordPolicy"]
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert password["MinimumLength"] >= 12
    assert all(password[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


@pytest.mark.parametrize(("allowed", "closed"), [("true", False), ("false", True)])
def test_an_operator_may_close_the_sign_up(
    template_with: Callable[..., Template], allowed: str, *, closed: bool
) -> None:
    pool = template_with(SelfSignUp=allowed).properties("UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": closed}


def test_the_client_has_no_secret_and_tells_nobody_who_is_a_user(template: Template) -> None:
    client = template.properties("UserPoolClient")
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client["TokenValidityUnits"]["IdToken"] == "minutes"
    assert client["IdTokenValidity"] <= 60


def test_there_are_three_groups_of_users(template: Template) -> None:
    assert set(template.user_pools["UserPool"].groups) == {"viewer", "editor", "admin"}


def _assert_denies_plain_text(statement: dict[str, object], action: str) -> None:
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Action"] == action
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
