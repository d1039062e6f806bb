"""Gives moto the isolation that the real services have.

moto carries out a DynamoDB transaction on the live table and, when a condition fails, puts back the copy
that it took before: writes of other threads in between are lost, two transactions can both see the old
state, and readers see items that are half written. Two receivers of a queue can both find a message
visible and take it, and a message that is sent while another is deleted is lost. A transaction that a client
sends again, because the answer did not reach it, is carried out again, where DynamoDB knows its token.
"""

import functools
import threading
import time
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import Message, Queue, SQSBackend

_dynamodb_lock = threading.RLock()
_receive_lock = threading.RLock()
# So long DynamoDB knows the token of a transaction.
_TOKEN_SECONDS = 600
_known_tokens: dict[str, tuple[float, Any]] = {}
_call_action = DynamoHandler.call_action
_transact_write_items = DynamoHandler.transact_write_items
_receive_message = SQSBackend.receive_message
_delete_message = Queue.delete_message


@functools.wraps(_call_action)
def _call_action_alone(handler: DynamoHandler) -> Any:
    with _dynamodb_lock:
        return _call_action(handler)


@functools.wraps(_transact_write_items)
def _transact_write_items_once(handler: DynamoHandler) -> Any:
    now = time.monotonic()
    for token in [token for token, (moment, _) in _known_tokens.items() if moment < now - _TOKEN_SECONDS]:
        del _known_tokens[token]
    token = handler.body.get("ClientRequestToken", "")
    if token in _known_tokens:
        return _known_tokens[token][1]
    answer = _transact_write_items(handler)
    if token:
        _known_tokens[token] = (now, answer)
    return answer


@functools.wraps(_receive_message)
def _receive_message_alone(
    backend: SQSBackend, queue_name: str, count: int, wait_seconds_timeout: int, *rest: Any, **named: Any
) -> list[Message]:
    deadline = time.monotonic() + wait_seconds_timeout
    while True:
        with _receive_lock:
            found = _receive_message(backend, queue_name, count, 0, *rest, **named)
        if found or time.monotonic() >= deadline:
            return found
        # Waiting for the next message must not keep others out.
        backend.get_queue(queue_name).wait_for_messages(1)


@functools.wraps(_delete_message)
def _delete_message_alone(queue: Queue, *args: Any, **named: Any) -> Any:
    with queue._messages_lock:  # noqa: SLF001  # the lock that moto itself takes when it adds a message
        return _delete_message(queue, *args, **named)


def isolate() -> None:
    """Make moto in this process keep the requests of different threads apart."""
    for owner, name, replacement in (
        (DynamoHandler, "call_action", _call_action_alone),
        (DynamoHandler, "transact_write_items", _transact_write_items_once),
        (SQSBackend, "receive_message", _receive_message_alone),
        (Queue, "delete_message", _delete_message_alone),
    ):
        setattr(owner, name, replacement)
