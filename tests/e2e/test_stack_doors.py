"""Objects and messages reach functions through queues; failures come back and end as dead letters."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.stack import LocalStack

pytestmark = pytest.mark.slow
TINY = Path(__file__).with_name("tiny_stack") / "template.yaml"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(TINY, state_dir=tmp_path_factory.mktemp("state"), mlflow=False) as running:
        running.create_user("a@example.com", "Secret-password-1", groups=("editor",))
        yield running


def wait_until(check, seconds: float = 30.0):
    waiter = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if value := check():
            return value
        waiter.wait(0.1)
    raise AssertionError("it did not happen")


def log_of(stack: LocalStack) -> list[str]:
    return stack.functions["Batch"].logs_path.read_text().splitlines()


def test_only_objects_with_the_prefix_and_suffix_of_the_template_start_the_function(stack: LocalStack):
    s3, bucket = stack.client("s3"), stack.outputs["BucketName"]
    for key in ("out/a.csv", "in/a.txt", "in/my file.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    wait_until(lambda: any("my%20file.csv" in line or "my+file.csv" in line for line in log_of(stack)))
    assert not any("out/a.csv" in line or "a.txt" in line for line in log_of(stack))


def test_a_failed_message_of_a_batch_comes_back_alone_and_ends_as_dead_letter(stack: LocalStack):
    sqs = stack.client("sqs")
    entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(("good one", "poison one"))]
    sqs.send_message_batch(QueueUrl=stack.outputs["QueueUrl"], Entries=entries)

    def dead_letters():
        answer = sqs.receive_message(QueueUrl=stack.outputs["DeadLetterUrl"], WaitTimeSeconds=1)
        return answer.get("Messages")

    (message,) = wait_until(dead_letters)
    assert message["Body"] == "poison one"
    assert log_of(stack).count("got good one") == 1
    assert log_of(stack).count("got poison one") == 2


def test_a_signed_in_user_reaches_the_function_with_the_claims(stack: LocalStack):
    token = stack.sign_in("a@example.com", "Secret-password-1")
    answer = httpx.get(f"{stack.api_url}/things/a%20b?x=1", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["x-echo"] == "yes"
    event = answer.json()["event"]
    assert event["pathParameters"] == {"id": "a b"}
    claims = event["requestContext"]["authorizer"]["claims"]
    assert (claims["cognito:groups"], claims["token_use"]) == ("editor", "id")
    assert all(isinstance(value, str) for value in claims.values())


def test_an_access_token_is_no_id_token(stack: LocalStack):
    token = stack.tokens("a@example.com", "Secret-password-1")["AccessToken"]
    assert httpx.get(f"{stack.api_url}/things/1", headers={"Authorization": token}).status_code == 401


def test_a_token_of_another_pool_is_foreign(stack: LocalStack):
    cognito = stack.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="other", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="a@example.com", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="a@example.com", Password="Secret-password-1", Permanent=True
    )
    token = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "a@example.com", "PASSWORD": "Secret-password-1"},
    )["AuthenticationResult"]["IdToken"]
    assert httpx.get(f"{stack.api_url}/things/1", headers={"Authorization": token}).status_code == 401


def test_no_token_gets_the_problem_document_of_the_template(stack: LocalStack):
    answer = httpx.get(f"{stack.api_url}/things/1")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "https://page.example"
    assert answer.json() == {"title": "Unauthorized", "status": 401, "code": "unauthorized"}


def test_a_preflight_is_answered_from_the_template(stack: LocalStack):
    answer = httpx.options(
        f"{stack.api_url}/things/1",
        headers={"Origin": "https://page.example", "Access-Control-Request-Method": "GET"},
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://page.example"
    assert answer.headers["access-control-allow-headers"] == "Authorization,Content-Type"
    assert "GET" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("megabytes", [7, 11])
def test_a_body_that_lambda_or_api_gateway_does_not_take_is_too_large(stack: LocalStack, megabytes: int):
    body = json.dumps("x" * (megabytes * 1024 * 1024)).encode()
    answer = httpx.post(f"{stack.api_url}/echo", content=body, timeout=30)
    assert answer.status_code == 413


def test_an_unknown_path_is_refused_as_api_gateway_does(stack: LocalStack):
    answer = httpx.get(f"{stack.api_url}/nothing")
    assert answer.status_code == 403
    assert answer.json()["code"] == "MISSING_AUTHENTICATION_TOKEN"
