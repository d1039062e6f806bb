"""What DynamoDB and S3 write about themselves into CloudWatch, which moto lacks or makes up.

DynamoDB's units follow from the size of what was read and written, as AWS counts them: 4 KB to a unit of a
consistent read, half of it otherwise, 1 KB to a unit of a write, twice as many in a transaction. What a
filter left out of a page is not counted, and nothing is throttled. Runs in moto's own process.
"""

import functools
import math
import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends
from moto.core.utils import utcnow
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

READ, WRITE = "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"
_READ_BYTES, _WRITE_BYTES = 4096, 1024
_BACKEND_READS = ("get_item", "query", "scan")
_BACKEND_WRITES = ("put_item", "update_item", "delete_item")
_READS = {"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"}
_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
_request = threading.local()
_lock = threading.Lock()

type Place = tuple[str, str, str, str]
_units: defaultdict[tuple[Place, str], float] = defaultdict(float)


def read_units(size: int, *, consistent: bool) -> float:
    """Return the capacity that a read of so many bytes uses."""
    return max(1, math.ceil(size / _READ_BYTES)) * (1.0 if consistent else 0.5)


def write_units(size: int) -> float:
    """Return the capacity that a write of so many bytes uses outside of a transaction."""
    return float(max(1, math.ceil(size / _WRITE_BYTES)))


def _noted(original: Any) -> Any:
    @functools.wraps(original)
    def call(handler: DynamoHandler) -> Any:
        # Moto asks its tables itself, too, to check a condition: only what a client asked for is counted.
        _request.action = handler._get_action()  # noqa: SLF001  # moto has no other name for it
        _request.consistent = bool(getattr(handler, "params", {}).get("ConsistentRead"))
        try:
            return original(handler)
        finally:
            _request.action = ""

    return call


def _add(backend: DynamoDBBackend, table: str, index: str, metric: str, units: float) -> None:
    with _lock:
        _units[(backend.account_id, backend.region_name, table, index), metric] += units


def _size(items: Iterable[Any]) -> int:
    return sum(item.size() for item in items if item is not None)


def _counted_read(original: Any) -> Any:
    @functools.wraps(original)
    def call(backend: DynamoDBBackend, table_name: str, *args: Any, **named: Any) -> Any:
        answer = original(backend, table_name, *args, **named)
        action = getattr(_request, "action", "")
        if action in _READS:
            items = answer[0] if isinstance(answer, tuple) else [answer]
            transaction = action == "TransactGetItems"
            units = read_units(_size(items), consistent=transaction or _request.consistent)
            index = named.get("index_name") or ""
            _add(backend, table_name, index, READ, units * (2 if transaction else 1))
        return answer

    return call


def _counted_write(original: Any) -> Any:
    @functools.wraps(original)
    def call(backend: DynamoDBBackend, table_name: str, *args: Any, **named: Any) -> Any:
        item: Any = None
        try:
            item = original(backend, table_name, *args, **named)
        finally:
            # A write whose condition fails is paid for, too.
            action = getattr(_request, "action", "")
            if action in _WRITES:
                units = write_units(_size([item])) * (2 if action == "TransactWriteItems" else 1)
                _add(backend, table_name, "", WRITE, units)
        return item

    return call


def flush_table_metrics() -> None:
    """Put the capacity that was used since the last time; a table that was not used has no data."""
    with _lock:
        units = dict(_units)
        _units.clear()
    for ((account, region, table, index), metric), value in units.items():
        dimensions = [{"Name": "TableName", "Value": table}]
        if index:
            dimensions.append({"Name": "GlobalSecondaryIndexName", "Value": index})
        datum = {"MetricName": metric, "Dimensions": dimensions, "Value": value, "Unit": "Count"}
        cloudwatch_backends[account][region].put_metric_data("AWS/DynamoDB", [datum])


def bucket_data(account_id: str, region: str) -> list[MetricDatum]:
    """Return the size of each bucket, all versions included, and its number of objects.

    S3 measures once a day and tells it the day after. A local stack is younger than that: what is in the
    bucket now is told as the measurement of the day that ended at the last midnight.
    """
    measured = utcnow().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    data = []
    for name, bucket in list(s3_backends[account_id][get_partition(region)].buckets.items()):
        # A delete marker is a version without a size.
        sizes = [
            getattr(version, "size", 0) for _key, versions in bucket.keys.iterlists() for version in versions
        ]
        for metric, storage, value, unit in (
            ("BucketSizeBytes", "StandardStorage", sum(sizes), "Bytes"),
            ("NumberOfObjects", "AllStorageTypes", len(sizes), "Count"),
        ):
            pairs = (("BucketName", name), ("StorageType", storage))
            dimensions = [{"Name": dimension, "Value": of} for dimension, of in pairs]
            data.append(MetricDatum("AWS/S3", metric, float(value), dimensions, measured, unit))
    return data


def add_storage_metrics() -> None:
    """Make moto in this process count DynamoDB's capacity and measure S3's buckets."""
    for owner, names, counted in (
        (DynamoHandler, ("call_action",), _noted),
        (DynamoDBBackend, _BACKEND_READS, _counted_read),
        (DynamoDBBackend, _BACKEND_WRITES, _counted_write),
    ):
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))
    # Assigned by its name: a method of a class is no place of an assignment for mypy.
    setattr(S3Backend, "get_cloudwatch_metrics", staticmethod(bucket_data))  # noqa: B010
