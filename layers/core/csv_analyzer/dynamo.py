"""One DynamoDB table spoken to in plain Python values: get, query, conditional update, transaction."""

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from csv_analyzer import aws
from csv_analyzer.reads import reader

if TYPE_CHECKING:
    from boto3.dynamodb.types import TypeSerializer
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Item = dict[str, Any]
_MAX_SORT_KEY_BYTES = 1024
_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.2
_NAME = re.compile(r"#(\w+)")


class Key(NamedTuple):
    """Primary key of an item."""

    pk: str
    sk: str


class ConditionFailedError(Exception):
    """A conditional write found the table in another state, or collided with another write.

    Parameters
    ----------
    failed : set of int
        Positions of the operations whose condition does not hold; empty where writes collided.
    """

    def __init__(self, failed: AbstractSet[int] = frozenset()) -> None:
        super().__init__()
        self.failed = frozenset(failed)


class Table:
    """A table with the primary key ``pk`` and ``sk``.

    Parameters
    ----------
    name : str
        Name of the table.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, key: Key) -> Item | None:
        """Read one item, strongly consistent; None if there is none."""
        if len(key.sk.encode()) > _MAX_SORT_KEY_BYTES:
            # DynamoDB refuses the request; a name that can't have been stored is simply not there.
            return None
        found = reader.get_item(self.name, {"pk": {"S": key.pk}, "sk": {"S": key.sk}})
        return _deserialize(found) if found else None

    def newest_first(
        self, pk: str, prefix: str, limit: int, before: str | None = None
    ) -> tuple[list[Item], str | None]:
        """Items whose sort key begins with `prefix`, highest first.

        Returns
        -------
        items : list of dict
            At most `limit` items.
        more : str or None
            Sort key to hand in as `before` for the next page; None at the end.
        """
        request: dict[str, Any] = {}
        if before:
            request["ExclusiveStartKey"] = _serialize({"pk": pk, "sk": before})
        with aws.translated("DynamoDB"):
            answer = aws.dynamodb().query(
                TableName=self.name,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues=_serialize({":pk": pk, ":prefix": prefix}),
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit,
                **request,
            )
        last = answer.get("LastEvaluatedKey")
        return [_deserialize(item) for item in answer["Items"]], last["sk"]["S"] if last else None

    def by_index(
        self,
        index: str,
        attribute: str,
        value: str,
        limit: int | None = None,
        *,
        between: tuple[str, str] | None = None,
    ) -> list[Item]:
        """Items that a sparse index holds under one value, lowest range key first.

        Parameters
        ----------
        index, attribute, value : str
            The index, its partition key and the value of it.
        limit : int, optional
            At most so many items; all of them if absent.
        between : tuple of str, optional
            First and last ``created_at``, the range key.
        """
        condition, values = "#a = :v", {":v": value}
        names = {"#a": attribute}
        if between:
            condition += " AND #r BETWEEN :first AND :last"
            names["#r"] = "created_at"
            values |= {":first": between[0], ":last": between[1]}
        request: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": _serialize(values),
        }
        return _all_pages(request, limit)

    def all_between(self, pk: str, first: str, last: str) -> list[Item]:
        """All items of a partition whose sort keys lie between two, lowest first, strongly consistent."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": _serialize({":pk": pk, ":first": first, ":last": last}),
            "ConsistentRead": True,
        }
        return _all_pages(request, None)

    def write(self, *operations: Item) -> None:
        """Carry out the operations together or not at all; a single one costs half of a transaction.

        Raises
        ------
        ConditionFailedError
            If the condition of one of them does not hold; nothing was written.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415  # loaded with the first AWS call

        with aws.translated("DynamoDB"):
            try:
                if len(operations) == 1:
                    self._write_one(operations[0])
                else:
                    transaction = cast(
                        "list[TransactWriteItemTypeDef]",
                        [
                            {kind: self._addressed(request)}
                            for item in operations
                            for kind, request in item.items()
                        ],
                    )
                    aws.dynamodb().transact_write_items(TransactItems=transaction)
            except ClientError as error:
                if _is_failed_condition(error.response):
                    raise ConditionFailedError(_failed(error.response)) from error
                raise

    def _write_one(self, operation: Item) -> None:
        ((kind, request),) = operation.items()
        client = aws.dynamodb()
        writes: dict[str, Callable[..., Any]] = {
            "Put": client.put_item,
            "Update": client.update_item,
            "Delete": client.delete_item,
        }
        writes[kind](**self._addressed(request))

    def _addressed(self, request: Item) -> Item:
        return {"TableName": self.name, **request}


def _all_pages(request: dict[str, Any], limit: int | None) -> list[Item]:
    """Return the items of a query, page after page."""
    items: list[Item] = []
    with aws.translated("DynamoDB"):
        while True:
            if limit is not None:
                request = {**request, "Limit": limit - len(items)}
            answer = aws.dynamodb().query(**request)
            items += [_deserialize(item) for item in answer["Items"]]
            last = answer.get("LastEvaluatedKey")
            if not last or (limit is not None and len(items) >= limit):
                return items
            request = {**request, "ExclusiveStartKey": last}


def _is_failed_condition(response: Mapping[str, Any]) -> bool:
    code = response["Error"]["Code"]
    if code == "TransactionCanceledException":
        reasons = {reason.get("Code", "None") for reason in response.get("CancellationReasons", [])}
        return reasons <= {"None", "ConditionalCheckFailed", "TransactionConflict"}
    return bool(code == "ConditionalCheckFailedException")


def _failed(response: Mapping[str, Any]) -> set[int]:
    reasons = response.get("CancellationReasons", [{"Code": "ConditionalCheckFailed"}])
    return {i for i, reason in enumerate(reasons) if reason.get("Code") == "ConditionalCheckFailed"}


def back_off(attempt: int) -> None:
    """Wait after a collision: at random, or those who collided would collide again, and longer each time."""
    time.sleep(random.uniform(0, min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)))  # noqa: S311


def put_new(key: Key, item: Mapping[str, Any]) -> Item:
    """Operation that creates an item and fails if the key is taken."""
    return {
        "Put": {
            "Item": _serialize({**key._asdict(), **item}),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def put_new_or_expired(key: Key, item: Mapping[str, Any], now: int) -> Item:
    """Operation that creates an item and fails if the key is taken by one that is not past its time.

    Parameters
    ----------
    key, item
        The item.
    now : int
        Unix time: an item whose ``expires_at`` is not later is as good as gone.
    """
    return {
        "Put": {
            "Item": _serialize({**key._asdict(), **item}),
            "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
            "ExpressionAttributeValues": _serialize({":now": now}),
        }
    }


def delete(key: Key, condition: str = "attribute_exists(pk)") -> Item:
    """Operation that takes an item away, if it is there."""
    return {"Delete": {"Key": _serialize(key._asdict()), "ConditionExpression": condition}}


def replace(key: Key, item: Mapping[str, Any], condition: str, values: Mapping[str, Any]) -> Item:
    """Operation that puts an item in the place of another, of which nothing stays."""
    return {"Put": {"Item": _serialize({**key._asdict(), **item}), **_conditional(condition, values)}}


def check(key: Key, condition: str, values: Mapping[str, Any] | None = None) -> Item:
    """Operation that changes nothing: without its condition, the others are not carried out either."""
    return {"ConditionCheck": {"Key": _serialize(key._asdict()), **_conditional(condition, values or {})}}


def update(
    key: Key,
    *,
    assign: Mapping[str, Any],
    default: Mapping[str, Any] | None = None,
    add: Mapping[str, int] | None = None,
    remove: Sequence[str] = (),
    condition: str = "",
    values: Mapping[str, Any] | None = None,
) -> Item:
    """Operation that changes an item, or makes it.

    Parameters
    ----------
    key : Key
        The item.
    assign : mapping
        Attributes to set.
    default : mapping, optional
        Attributes to set only where the item has none of that name.
    add : mapping, optional
        Numbers to add to attributes; what is not there counts as zero.
    remove : sequence of str, optional
        Attributes to take away.
    condition : str, optional
        Condition expression; attributes are written ``#name``.
    values : mapping, optional
        Further values that the condition needs.
    """
    default, add = default or {}, add or {}
    sets = [f"#{name} = :{name}" for name in assign]
    sets += [f"#{name} = if_not_exists(#{name}, :{name})" for name in default]
    expression = f"SET {', '.join(sets)}"
    if remove:
        expression += f" REMOVE {', '.join(f'#{name}' for name in remove)}"
    if add:
        expression += f" ADD {', '.join(f'#{name} :{name}' for name in add)}"
    request: Item = {
        "Key": _serialize(key._asdict()),
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in _NAME.findall(f"{expression} {condition}")},
        "ExpressionAttributeValues": _serialize(
            {f":{name}": value for name, value in {**assign, **default, **add}.items()} | dict(values or {})
        ),
    }
    if condition:
        request["ConditionExpression"] = condition
    return {"Update": request}


def _conditional(condition: str, values: Mapping[str, Any]) -> Item:
    request: Item = {"ConditionExpression": condition}
    if names := _NAME.findall(condition):
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        request["ExpressionAttributeValues"] = _serialize(values)
    return request


@cache
def _serializer() -> "TypeSerializer":
    from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415

    return TypeSerializer()


def _serialize(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _serializer().serialize(Decimal(repr(value)) if isinstance(value, float) else value)
        for name, value in item.items()
    }


def _deserialize(item: Mapping[str, Any]) -> Item:
    return {name: _plain(value) for name, value in item.items()}


def _plain(tagged: Mapping[str, Any]) -> Any:
    """Return a value of DynamoDB's JSON as Python's; the catalog holds no sets and no binary values."""
    ((kind, value),) = tagged.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            number = float(value)
            return int(Decimal(value)) if number.is_integer() else number
        case "NULL":
            return None
        case "L":
            return [_plain(part) for part in value]
        case "M":
            return _deserialize(value)
        case _:
            raise TypeError(f"The catalog holds a value of the unexpected type {kind}.")
