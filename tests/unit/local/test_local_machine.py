"""What is missing on the machine is said in one sentence, and what may be lost in moto is not lost."""

import socket
import sys
from typing import Any

import boto3
import pytest
from moto.sqs.models import Queue

from infra.local.errors import StackError
from infra.local.isolation import isolate
from infra.local.machine import check_machine
from infra.local.process import free_port
from infra.local.template import Template


def test_missing_packages_are_named():
    with pytest.raises(StackError, match=r"has no nowhere_one, nowhere_two: install requirements\.txt"):
        check_machine(("json", "nowhere_one", "nowhere_two"))


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 11, 9))
    with pytest.raises(StackError, match=r"needs Python 3\.12 or later"):
        check_machine()


def test_a_port_that_is_taken_is_not_given_out_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in {port, 0}
    assert free_port(port) == port


class Message:
    """Remembers whether the queue was locked while it was looked at."""

    all_receipt_handles = frozenset({"r1"})

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self.was_locked: list[bool] = []

    def had_receipt_handle(self, _handle: str) -> bool:
        self.was_locked.append(self._queue._messages_lock._is_owned())
        return True


def test_a_message_is_deleted_while_none_can_be_sent():
    isolate()
    queue = Queue("work", "us-east-1", "123456789012")
    message = Message(queue)
    queue._messages = [message]
    queue.delete_message("r1")
    assert queue._messages == []
    assert message.was_locked
    assert all(message.was_locked)


def test_a_transaction_that_comes_again_is_known_by_its_token(aws: Template):
    dynamodb = boto3.client("dynamodb")
    item = {"pk": {"S": "x"}, "sk": {"S": "x"}}
    put: Any = {
        "TableName": aws.tables["Catalog"].name,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[{"Put": put}], ClientRequestToken="once")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[{"Put": put}], ClientRequestToken="again")
