"""Compute what YACE's calls of CloudWatch cost in a year: ``python -m monitoring.exporter.cost``.

Prices are those of "Amazon CloudWatch pricing", section "APIs" of US East (N. Virginia), in US dollars:
0.01 for 1,000 metrics requested from GetMetricData, which has no free share, and 0.01 for 1,000 other
requests, of which the account's first million each month is free. YACE asks ListMetrics once for each
metric of a job and GetMetricData for each series and statistic, once in each scrape. Each statistic is
counted as a metric requested, and every series as one that exists all year: this is the upper bound.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitoring.exporter.render import jobs, render

DOLLARS_PER_REQUEST = 0.01 / 1000
FREE_REQUESTS_PER_YEAR = 12 * 1_000_000
SCRAPE_SECONDS = 60
_SECONDS_PER_YEAR = 365 * 24 * 3600

FUNCTIONS = 9
QUEUES = 6
# By the names of a job's dimensions: how many series each of its metrics has.
SERIES = {
    ("service",): 1,
    ("service", "route", "status"): 33,
    ("FunctionName",): FUNCTIONS,
    ("ApiName", "Stage"): 1,
    ("QueueName",): QUEUES,
    ("TableName",): 1,
    ("BucketName", "StorageType"): 1,
}
# What more than one function writes.
SERIES_OF_SERVICES = {
    **dict.fromkeys(("ColdStarts", "CpuSeconds", "MemoryMegabytes"), FUNCTIONS),
    **dict.fromkeys(("Events", "RepeatedEvents", "QueueSeconds"), FUNCTIONS),
    **dict.fromkeys(("Requests", "LatencyMilliseconds", "RequestErrors", "RequestFaults"), 3),
    **dict.fromkeys(
        ("UnseenCategories", "OutOfRange", "ModelLoads", "ObservationsFailed", "ObservedRows"), 2
    ),
}


@dataclass(frozen=True)
class Cost:
    """Requests of one scrape, and dollars of one year."""

    lists: int
    metrics: int
    list_dollars: float
    metric_dollars: float

    @property
    def dollars(self) -> float:
        """The whole price of one year."""
        return self.list_dollars + self.metric_dollars


def yearly_cost(config: Mapping[str, Any], scrape_seconds: int = SCRAPE_SECONDS) -> Cost:
    """Return what a configuration costs in a year of scrapes.

    Raises
    ------
    KeyError
        If a job has a set of dimensions whose number of series is not known here.
    """
    lists = metrics = 0
    for job in jobs(config):
        series = SERIES[tuple(job["dimensionNameRequirements"])]
        for metric in job["metrics"]:
            lists += 1
            own = SERIES_OF_SERVICES.get(metric["name"], series) if job.get("name") == "service" else series
            metrics += own * len(metric.get("statistics", job["statistics"]))
    scrapes = _SECONDS_PER_YEAR // scrape_seconds
    charged = max(0, lists * scrapes - FREE_REQUESTS_PER_YEAR)
    return Cost(lists, metrics, charged * DOLLARS_PER_REQUEST, metrics * scrapes * DOLLARS_PER_REQUEST)


def main() -> int:
    """Print the cost of yace.yml with a scrape each minute and one each five minutes."""
    config = render({"AWS_REGION": "us-east-1"})
    for seconds in (SCRAPE_SECONDS, 5 * SCRAPE_SECONDS):
        cost = yearly_cost(config, seconds)
        sys.stdout.write(
            f"a scrape every {seconds} s: {cost.lists} lists and {cost.metrics} metrics each time, "
            f"{cost.list_dollars:.0f} + {cost.metric_dollars:.0f} = {cost.dollars:.0f} dollars a year\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
