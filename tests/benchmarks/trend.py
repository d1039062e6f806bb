"""``make bench-trend``: how the figures of ``make bench`` have moved from night to night.

Machines differ from night to night, so times are told in starts of a bare Python with numpy on the same
machine. Each run is a line of ``.local/bench/trend.jsonl``; ``trend.md`` beside it shows the last ones. It
fails where a figure is far above what it was.
"""

import json
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.local_stack import RESULTS, ROOT

FOLDER = ROOT / ".local" / "bench"
SHOWN = 30
# As many runs as make a median that one odd night does not move.
LEAST_RUNS = 5
# Above the noise of shared machines.
FAR = 1.5
_BASELINE = "python_and_numpy_start"

type Run = Mapping[str, Any]


def figures(results: Mapping[str, Any]) -> dict[str, float]:
    """Figures that can be compared between machines: times in starts of Python with numpy, memory in MB."""
    times: Mapping[str, float] = results["requests_ms"]
    start = times[_BASELINE]
    found = {
        name: times[name] / start for name in ("predict_cold", "api_cold", "predict_warm", "health_warm")
    }
    for row in results["functions"]:
        found[f"{row['function']}_init"] = row["init_ms_median"] / start
        found[f"{row['function']}_peak_mb"] = float(row["peak_memory_mb"])
    return {name: round(value, 3) for name, value in found.items()}


def far_above(now: Run, before: Sequence[Run]) -> list[str]:
    """Sentences about the figures that are far above their median of the runs before."""
    sentences = []
    for name, value in now["figures"].items():
        known = [run["figures"][name] for run in before[-SHOWN:] if name in run["figures"]]
        if len(known) < LEAST_RUNS:
            continue
        usual = statistics.median(known)
        if value > FAR * usual:
            sentences.append(f"{name} is {value:g}; the median of {len(known)} runs before is {usual:g}.")
    return sentences


def shown(runs: Sequence[Run]) -> str:
    """The last runs as a table in Markdown, the newest first."""
    names = list(runs[-1]["figures"])
    lines = [f"| run | commit | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for run in reversed(runs[-SHOWN:]):
        cells = [f"{run['figures'][name]:g}" if name in run["figures"] else "-" for name in names]
        lines.append(f"| {run['date']} | {run['commit'][:8]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def add(folder: Path, results: Mapping[str, Any], commit: str) -> list[str]:
    """Add a run to the trend in a folder; answers what is far above what it was."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trend.jsonl"
    before = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    run = {"date": results["date"], "commit": commit, "figures": figures(results)}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")
    (folder / "trend.md").write_text(shown([*before, run]), "utf-8")
    return far_above(run, before)


def main() -> int:
    """Add the run of the results file, print the trend; return 1 where a figure is far above what it was."""
    results = json.loads(RESULTS.read_text("utf-8"))
    found = add(FOLDER, results, os.environ.get("GITHUB_SHA", "local"))
    print((FOLDER / "trend.md").read_text("utf-8"))
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
