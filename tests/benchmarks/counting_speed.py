"""What counting for drift costs beside predicting: ``python -m tests.benchmarks.counting_speed``.

The rows and the kind of model of `reading_speed` (30 features), 1, 100 and 1,000 at once. Predicting, from
the instances to the answers, with and without counting takes turns, so that both see the same machine; what
is compared are medians.
"""

import hashlib
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import automl
import scoring
from csv_analyzer.keys import VersionKey
from csv_analyzer.storage import Storage
from predict.observations import Observations
from tests.benchmarks.reading_speed import BUDGET_SECONDS, LEARNED, make_instances, table_of

TURNS = {1: 2_000, 100: 200, 1_000: 60}
VERSION = VersionKey("me", "houses", 1)


def main() -> None:
    """Print the medians in milliseconds, and counting as a share of predicting, as JSON."""
    table = table_of(make_instances(LEARNED, unusual=0.0))
    result = automl.fit(table, automl.FitConfig("y", budget_seconds=BUDGET_SECONDS))
    sha256 = hashlib.sha256(result.manifest_bytes).hexdigest()
    model = scoring.load(
        result.npz_bytes, result.manifest_bytes, hashlib.sha256(result.npz_bytes).hexdigest(), sha256
    )
    # Nothing is flushed here, so nothing asks for the bucket.
    observations = Observations(Storage("none"))
    figures = []
    for rows, turns in TURNS.items():
        instances = make_instances(rows, unusual=0.1)

        def plain(instances: list[dict[str, Any]] = instances) -> None:
            list(model.answer(model.read(instances)))

        def counting(instances: list[dict[str, Any]] = instances) -> None:
            read = model.read(instances)

            observe = partial(observations.count, VERSION, sha256, model, read)
            list(model.answer(read, observe=observe))

        without, with_counts = in_turns(plain, counting, turns=turns)
        read = model.read(instances)
        outputs = model.score(read.columns, read.count)
        (alone,) = in_turns(
            lambda read=read, outputs=outputs: observations.count(VERSION, sha256, model, read, outputs),
            turns=turns,
        )
        figures.append(
            {
                "rows": rows,
                "predict_ms": round(without, 4),
                "predict_and_count_ms": round(with_counts, 4),
                "count_ms": round(alone, 4),
                "count_share": round(alone / without, 4),
            }
        )
    print(json.dumps({"features": len(model.features), "figures": figures}, indent=1))


def in_turns(*works: Callable[[], object], turns: int) -> list[float]:
    """Return the median milliseconds of each work, all of them taking turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(turns):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return [1000 * statistics.median(taken) for taken in times]


if __name__ == "__main__":
    main()
