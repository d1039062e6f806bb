"""``make bench``: start-up, memory and request times of the functions on the local stack.

Every figure is of this machine and this run; the ratios to a bare Python process that imports numpy,
started in the same run, are what can be compared between machines. Results go to
``results/local_stack.json``.
"""

import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from infra.local import demo
from infra.local.stack import LocalStack

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).parent / "results" / "local_stack.json"
_COLD_STARTS = 5
_REQUESTS = 50


def main() -> None:
    """Measure, print, write."""
    console = Console(width=100)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalStack(ROOT / "template.yaml", state_dir=Path(folder)) as stack,
    ):
        if not demo.run(stack, demo.sample_jobs(Path(folder)), Console(quiet=True)):
            sys.exit("the main job failed; nothing was measured")
        stack.run_schedule("TrackingFunction")
        with httpx.Client(base_url=stack.api_url, timeout=60, trust_env=False) as client:
            client.headers["Authorization"] = stack.sign_in(demo.EMAIL, demo.PASSWORD)
            figures = _measure(stack, client)
        functions = [
            {
                "function": name,
                "init_ms_median": round(statistics.median(pool.init_ms)),
                "cold_starts": pool.cold_starts,
                "peak_memory_mb": round(pool.peak_memory_mb),
                "memory_size_mb": stack.template.functions[name].memory_mb,
            }
            for name, pool in stack.functions.items()
            # Batch has nothing to do here.
            if pool.init_ms
        ]
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "functions": functions,
        "requests_ms": figures,
    }
    _print(console, results)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


def _measure(stack: LocalStack, client: httpx.Client) -> dict[str, float]:
    example = client.get("/models/breast-cancer/schema").json()["examples"][0]

    def predict() -> None:
        client.post("/models/breast-cancer/predict", json={"instances": [example]}).raise_for_status()

    def health() -> None:
        client.get("/health").raise_for_status()

    baseline = _median(
        lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True), _COLD_STARTS
    )
    cold = {
        name: _median(_cold(stack, name, call), _COLD_STARTS)
        for name, call in (("PredictFunction", predict), ("ApiFunction", health))
    }
    return {
        "python_and_numpy_start": baseline,
        "predict_cold": cold["PredictFunction"],
        "predict_cold_to_python_and_numpy": round(cold["PredictFunction"] / baseline, 2),
        "api_cold": cold["ApiFunction"],
        "api_cold_to_python_and_numpy": round(cold["ApiFunction"] / baseline, 2),
        "predict_warm": _median(predict, _REQUESTS),
        "health_warm": _median(health, _REQUESTS),
    }


def _cold(stack: LocalStack, function: str, call: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        stack.functions[function].kill()
        call()

    return run


def _median(call: Callable[[], Any], times: int) -> float:
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        durations.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(durations), 1)


def _print(console: Console, results: dict[str, Any]) -> None:
    table = Table("function", title=f"{results['machine']}, {results['date']}")
    for name in ("init ms (median)", "cold starts", "peak MB", "of MB"):
        table.add_column(name, justify="right")
    for row in results["functions"]:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    for name, value in results["requests_ms"].items():
        console.print(f"{name:<40}{value:>10}")


if __name__ == "__main__":
    main()
