"""The proxy lets everything through as it is, and fails a request in just the way it was told."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from tests.drill.answers import refusal, service_of
from tests.drill.plan import Fault, Plan, Rule
from tests.drill.proxy import FaultProxy

BUCKET = "drill-proxy"
BODY = bytes(range(256)) * 40
SERVICES = ("s3", "dynamodb", "sqs")


@pytest.fixture(scope="module")
def proxy(moto_url: str) -> Iterator[FaultProxy]:
    with FaultProxy(moto_url) as running:
        yield running


@pytest.fixture(autouse=True)
def calm(proxy: FaultProxy) -> Iterator[None]:
    proxy.plan = Plan("")
    yield
    proxy.plan = Plan("")


@pytest.fixture(scope="module")
def client(proxy: FaultProxy) -> Callable[[str], Any]:
    made: dict[str, Any] = {}

    def make(service: str, attempts: int = 1) -> Any:
        key = f"{service}/{attempts}"
        if key not in made:
            factory: Any = boto3.client
            config = Config(retries={"total_max_attempts": attempts}, proxies={}, signature_version="v4")
            if service == "s3":
                config = config.merge(Config(signature_version="s3v4"))
            made[key] = factory(service, endpoint_url=proxy.url, config=config)
        return made[key]

    make("s3").create_bucket(Bucket=BUCKET)
    make("s3").put_object(Bucket=BUCKET, Key="there", Body=BODY)
    table: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    make("dynamodb").create_table(TableName=BUCKET, **table)
    make("sqs").create_queue(QueueName=BUCKET)
    return make


def always(proxy: FaultProxy, service: str, fault: Fault) -> None:
    proxy.plan = Plan("seed", {service: Rule(1.0, weights={fault: 1.0}, slow_seconds=(0.3, 0.4))})


def ask(client: Callable[[str], Any], service: str) -> Any:
    if service == "s3":
        return client("s3").list_objects_v2(Bucket=BUCKET)
    if service == "dynamodb":
        return client("dynamodb").describe_table(TableName=BUCKET)
    return client("sqs").get_queue_url(QueueName=BUCKET)


def test_what_goes_through_is_not_changed(client: Callable[[str], Any]) -> None:
    s3 = client("s3")
    key = "a key/mit Umlaut ä + %2F.csv"
    s3.put_object(Bucket=BUCKET, Key=key, Body=BODY, Metadata={"target": "price"})
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentLength"], head["Metadata"]) == (len(BODY), {"target": "price"})
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == BODY
    assert s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=5-9")["Body"].read() == BODY[5:10]
    s3.delete_object(Bucket=BUCKET, Key=key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key=key)
    item = {"pk": {"S": "x"}, "n": {"N": "1.5"}}
    client("dynamodb").put_item(TableName=BUCKET, Item=item)
    assert client("dynamodb").get_item(TableName=BUCKET, Key={"pk": {"S": "x"}})["Item"] == item


def test_presigned_forms_and_addresses_go_through(client: Callable[[str], Any]) -> None:
    form = client("s3").generate_presigned_post(BUCKET, "by form")
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("x.csv", BODY)}, trust_env=False)
    assert sent.status_code == 204
    url = client("s3").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "by form"})
    assert httpx.get(url, trust_env=False).content == BODY


@pytest.mark.parametrize(
    ("service", "fault", "codes"),
    [
        ("s3", Fault.ERROR, {(500, "InternalError")}),
        ("s3", Fault.THROTTLE, {(503, "SlowDown")}),
        ("dynamodb", Fault.ERROR, {(500, "InternalServerError")}),
        (
            "dynamodb",
            Fault.THROTTLE,
            {(400, "ProvisionedThroughputExceededException"), (400, "ThrottlingException")},
        ),
        ("sqs", Fault.ERROR, {(500, "InternalFailure")}),
        ("sqs", Fault.THROTTLE, {(400, "ThrottlingException")}),
    ],
)
def test_boto3_hears_a_refusal_in_the_words_of_the_service(
    proxy: FaultProxy, client: Callable[[str], Any], service: str, fault: Fault, codes: set[tuple[int, str]]
) -> None:
    always(proxy, service, fault)
    heard = set()
    for _ in range(4):
        with pytest.raises(ClientError) as raised:
            ask(client, service)
        response = raised.value.response
        heard.add((response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]))
    assert heard == codes


@pytest.mark.parametrize("service", SERVICES)
def test_boto3_tries_again_what_was_refused(
    proxy: FaultProxy, client: Callable[..., Any], service: str
) -> None:
    seed = next(
        seed
        for seed in map(str, range(1000))
        if [
            Plan(seed, {service: Rule(0.5, weights={Fault.ERROR: 1, Fault.THROTTLE: 1})})
            .decide(service, number)
            .fault
            for number in range(3)
        ]
        == [Fault.THROTTLE, Fault.ERROR, None]
    )
    proxy.plan = Plan(seed, {service: Rule(0.5, weights={Fault.ERROR: 1, Fault.THROTTLE: 1})})
    before = proxy.seen.copy()
    assert ask(lambda name: client(name, 4), service)
    seen = proxy.seen.since(before)
    assert (seen.requests[service], seen.retries) == (3, 2)
    assert seen.faults == {(service, Fault.THROTTLE): 1, (service, Fault.ERROR): 1}


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DENIED])
def test_what_is_lost_has_happened(proxy: FaultProxy, client: Callable[[str], Any], fault: Fault) -> None:
    key = f"written and {fault}"
    always(proxy, "s3", fault)
    with pytest.raises((ClientError, HTTPClientError)):
        client("s3").put_object(Bucket=BUCKET, Key=key, Body=BODY)
    proxy.plan = Plan("")
    assert client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == BODY


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.THROTTLE])
def test_what_is_refused_has_not_happened(
    proxy: FaultProxy, client: Callable[[str], Any], fault: Fault
) -> None:
    key = f"refused by {fault}"
    always(proxy, "s3", fault)
    with pytest.raises(ClientError):
        client("s3").put_object(Bucket=BUCKET, Key=key, Body=BODY)
    with pytest.raises(ClientError):
        client("s3").head_object(Bucket=BUCKET, Key="there")
    proxy.plan = Plan("")
    with pytest.raises(ClientError, match="404"):
        client("s3").head_object(Bucket=BUCKET, Key=key)


def test_an_answer_is_cut_in_its_middle(proxy: FaultProxy, client: Callable[[str], Any]) -> None:
    always(proxy, "s3", Fault.CUT)
    url = client("s3").generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "there"})
    got: list[bytes] = []
    with httpx.stream("GET", url, trust_env=False) as answer:
        assert int(answer.headers["Content-Length"]) == len(BODY)
        with pytest.raises(httpx.RemoteProtocolError):
            got.extend(answer.iter_raw())
    assert b"".join(got) == BODY[: len(BODY) // 2]


@pytest.mark.parametrize("service", SERVICES)
def test_boto3_learns_nothing_from_half_an_answer_and_goes_on_afterwards(
    proxy: FaultProxy, client: Callable[[str], Any], service: str
) -> None:
    always(proxy, service, Fault.CUT)
    learned: dict[str, Any] = {}
    # Half of a JSON document is an empty one to boto3.
    with suppress(BotoCoreError, ClientError):
        learned = ask(client, service)
    assert not learned.keys() - {"ResponseMetadata"}
    proxy.plan = Plan("")
    assert ask(client, service)


def test_what_is_slow_comes_late(proxy: FaultProxy, client: Callable[[str], Any]) -> None:
    always(proxy, "dynamodb", Fault.SLOW)
    begun = time.monotonic()
    assert ask(client, "dynamodb")
    assert time.monotonic() - begun >= 0.3


def test_one_service_fails_and_the_others_do_not(proxy: FaultProxy, client: Callable[[str], Any]) -> None:
    always(proxy, "dynamodb", Fault.ERROR)
    assert ask(client, "s3")
    assert ask(client, "sqs")
    with pytest.raises(ClientError):
        ask(client, "dynamodb")


def test_messages_that_come_again_are_counted(proxy: FaultProxy, client: Callable[[str], Any]) -> None:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=BUCKET)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="once")
    before = proxy.seen.copy()
    for count in ("1", "2", "3"):
        (message,) = sqs.receive_message(
            QueueUrl=url, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
        )["Messages"]
        assert message["Attributes"]["ApproximateReceiveCount"] == count
    assert proxy.seen.since(before).redelivered == 2
    sqs.purge_queue(QueueUrl=url)


def test_a_server_of_one_service_needs_no_name(moto_url: str) -> None:
    with FaultProxy(moto_url, "mlflow") as proxy:
        always(proxy, "mlflow", Fault.THROTTLE)
        answer = httpx.get(f"{proxy.url}/moto-api/data.json", trust_env=False)
        assert (answer.status_code, answer.json()["error_code"]) == (429, "REQUEST_LIMIT_EXCEEDED")
        proxy.plan = Plan("")
        assert httpx.get(f"{proxy.url}/moto-api/data.json", trust_env=False).status_code == 200


def test_a_server_that_is_away_ends_the_connection() -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(proxy.url, trust_env=False)


@pytest.mark.parametrize(
    ("method", "headers", "path", "service"),
    [
        (
            "PUT",
            {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/eu/s3/aws4_request, x"},
            "/b",
            "s3",
        ),
        ("POST", {"Authorization": "A Credential=a/20260101/eu/dynamodb/aws4_request"}, "/", "dynamodb"),
        ("POST", {"X-Amz-Target": "DynamoDB_20120810.GetItem"}, "/", "dynamodb"),
        ("POST", {"X-Amz-Target": "AmazonSQS.SendMessage"}, "/", "sqs"),
        ("POST", {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth"}, "/", ""),
        ("GET", {}, "/b/k?X-Amz-Signature=1", "s3"),
        ("POST", {"Content-Type": "multipart/form-data; boundary=x"}, "/b", "s3"),
        ("GET", {}, "/pool/.well-known/jwks.json", ""),
    ],
)
def test_a_request_says_whom_it_is_for(method: str, headers: dict[str, str], path: str, service: str) -> None:
    assert service_of(method, headers, path) == service


def test_an_answer_without_a_body_has_none() -> None:
    assert refusal("s3", Fault.ERROR, 0, bodyless=True) == (500, {}, b"")
