"""CloudWatch of moto by series: moto looks through every datum for each metric that it is asked about.

An exporter asks for hundreds of metrics again and again, so that moto would soon do nothing else. As in
CloudWatch, and not in moto, a metric of another namespace or with other dimensions is another metric. Runs
in moto's own process.
"""

import functools
import threading
from bisect import bisect_left, insort_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from moto.cloudwatch.models import CloudWatchBackend, MetricDatumBase, Statistics
from moto.core.utils import unix_time

type Pairs = frozenset[tuple[str, str]]
type Groups = dict[tuple[str, str], dict[Pairs, list[tuple[float, int, MetricDatumBase]]]]

# What moto computes when it is asked instead of keeping it.
_COMPUTED = "AWS/S3"
_get_metric_data = CloudWatchBackend.get_metric_data


class Series:
    """The data of one account and region, by namespace, name and dimensions.

    Parameters
    ----------
    backend:
        Moto's CloudWatch, whose list of data only grows.
    """

    def __init__(self, backend: CloudWatchBackend) -> None:
        self._backend = backend
        self._groups: Groups = {}
        self._taken = 0
        self._lock = threading.Lock()

    def names(self, namespace: str | None, name: str | None) -> list[MetricDatumBase]:
        """Return one datum of each metric of a namespace and a name; all of them without."""
        with self._lock:
            return [
                data[0][2]
                for groups in (self._kept(), self._computed(namespace))
                for (its_namespace, its_name), group in groups.items()
                if namespace in {None, "", its_namespace} and name in {None, "", its_name}
                for data in group.values()
            ]

    def between(self, metric: Mapping[str, Any], begin: float, end: float) -> list[MetricDatumBase]:
        """Return the data of exactly this metric from one moment until before another."""
        pairs = frozenset((item["Name"], item["Value"]) for item in metric.get("Dimensions") or ())
        place = (metric["Namespace"], metric["MetricName"])
        with self._lock:
            found = []
            for groups in (self._kept(), self._computed(place[0])):
                data = groups.get(place, {}).get(pairs, [])
                first, last = bisect_left(data, (begin,)), bisect_left(data, (end,))
                found += [datum for _time, _number, datum in data[first:last]]
            return found

    def _kept(self) -> Groups:
        data = self._backend.metric_data
        while self._taken < len(data):
            _file(self._groups, self._taken, data[self._taken])
            self._taken += 1
        return self._groups

    def _computed(self, namespace: str | None) -> Groups:
        groups: Groups = {}
        if namespace in {None, "", _COMPUTED}:
            for number, datum in enumerate(self._backend.aws_metric_data):
                _file(groups, number, datum)
        return groups


def _file(groups: Groups, number: int, datum: MetricDatumBase) -> None:
    pairs = frozenset((str(item.name), str(item.value)) for item in datum.dimensions)
    group = groups.setdefault((datum.namespace, datum.name), {})
    # The number keeps the order of those of one moment, and data from being compared.
    insort_right(group.setdefault(pairs, []), (unix_time(datum.timestamp), number, datum))


_series: WeakKeyDictionary[CloudWatchBackend, Series] = WeakKeyDictionary()
_series_lock = threading.Lock()


def series_of(backend: CloudWatchBackend) -> Series:
    """Return the series of one of moto's CloudWatch backends."""
    with _series_lock:
        if backend not in _series:
            _series[backend] = Series(backend)
        return _series[backend]


def _filtered(
    backend: CloudWatchBackend, metric_name: str, namespace: str, dimensions: list[dict[str, str]]
) -> list[MetricDatumBase]:
    found = series_of(backend).names(namespace, metric_name)
    return [datum for datum in found if datum.filter(namespace, metric_name, dimensions)]


@functools.wraps(_get_metric_data)
def _metric_data(
    backend: CloudWatchBackend,
    queries: list[dict[str, Any]],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampAscending",
) -> list[dict[str, Any]]:
    start, end = start_time.replace(microsecond=0), end_time.replace(microsecond=0)
    plain = all("MetricStat" in query and query.get("ReturnData", True) for query in queries)
    if start >= end or not plain:
        answer: list[dict[str, Any]] = _get_metric_data(backend, queries, start_time, end_time, scan_by)
        return answer
    series = series_of(backend)
    return [
        _result(series, query, (start, end), newest_first=scan_by == "TimestampDescending")
        for query in queries
    ]


def _result(
    series: Series, query: Mapping[str, Any], window: tuple[datetime, datetime], *, newest_first: bool
) -> dict[str, Any]:
    asked = query["MetricStat"]
    stat, period = asked["Stat"], int(asked["Period"])
    begin = unix_time(window[0])
    periods: dict[int, list[MetricDatumBase]] = {}
    for datum in series.between(asked["Metric"], begin, unix_time(window[1])):
        if asked.get("Unit") in {None, datum.unit}:
            periods.setdefault(int((unix_time(datum.timestamp) - begin) // period), []).append(datum)
    points = []
    for number, data in sorted(periods.items(), reverse=newest_first):
        statistics = Statistics([stat], window[0] + timedelta(seconds=number * period))
        statistics.metric_data = data
        points.append((statistics.timestamp, statistics.get_statistics_for_type(stat)))
    return {
        "id": query["Id"],
        "label": query.get("Label") or f"{asked['Metric']['MetricName']} {stat}",
        "values": [value for _time, value in points],
        "timestamps": [time for time, _value in points],
        "status_code": "Complete",
    }


def keep_series() -> None:
    """Let moto in this process answer ListMetrics and GetMetricData from data kept by series."""
    for name, replacement in (("get_filtered_metrics", _filtered), ("get_metric_data", _metric_data)):
        setattr(CloudWatchBackend, name, replacement)
