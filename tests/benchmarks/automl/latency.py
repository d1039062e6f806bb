"""How long one row takes where a model is served: NumPy and ``scoring`` alone, in a process of its own.

``latency.py MODEL_FOLDER`` prints the median milliseconds of one warm row.
"""

import hashlib
import json
import statistics
import sys
import time
from pathlib import Path

import scoring

WARM_UP = 20
TIMES = 200


def main() -> None:
    """Load, warm up, measure."""
    folder = Path(sys.argv[1])
    npz = (folder / "model.npz").read_bytes()
    manifest = (folder / "manifest.json").read_bytes()
    digest = json.loads(manifest)["model_sha256"]
    model = scoring.load(npz, manifest, digest, hashlib.sha256(manifest).hexdigest())
    seconds = []
    for _ in range(WARM_UP + TIMES):
        start = time.perf_counter()
        model.predict([model.example])
        seconds.append(time.perf_counter() - start)
    if {"pandas", "sklearn", "lightgbm"} & sys.modules.keys():
        sys.exit("scoring imported a library of training")
    sys.stdout.write(f"{statistics.median(seconds[WARM_UP:]) * 1000:.3f}\n")


if __name__ == "__main__":
    main()
