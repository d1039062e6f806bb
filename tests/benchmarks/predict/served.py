"""One tool, one model, one process: from its start to its first prediction, then warm.

``served.py TOOL FOLDER ROWS.json`` answers one row, writes ``first`` on a line of its own, answers 1, 100 and
10,000 rows again and again, and writes its figures as JSON. It imports nothing but what the tool needs.
"""

import json
import sys
import time

TIMES = {1: 60, 100: 10, 10_000: 3}


def csv_analyzer(folder):
    import hashlib

    import scoring

    with open(f"{folder}/model.npz", "rb") as file:
        npz = file.read()
    with open(f"{folder}/manifest.json", "rb") as file:
        manifest = file.read()
    digests = (hashlib.sha256(content).hexdigest() for content in (npz, manifest))
    return scoring.load(npz, manifest, *digests).predict


def sklearn_joblib_pandas(folder):
    import joblib

    return _pipeline(joblib.load(f"{folder}/pipeline.joblib"))


def sklearn_skops_pandas(folder):
    import skops.io

    path = f"{folder}/pipeline.skops"
    return _pipeline(skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path)))


def _pipeline(model):
    import pandas as pd

    def predict(rows):
        return model.predict_proba(pd.DataFrame.from_records(rows)).tolist()

    return predict


def onnx_runtime(folder):
    import numpy as np
    import onnxruntime

    with open(f"{folder}/encoding.json") as file:
        encoding = json.load(file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(
        f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"]
    )
    (source,) = session.get_inputs()
    numbers, nan = encoding["numbers"], float("nan")
    levels = [
        (name, {level: code for code, level in enumerate(known)}, width)
        for name, known, width in zip(encoding["texts"], encoding["levels"], encoding["widths"], strict=True)
    ]

    def codes(row):
        cells = [row[name] for name in numbers]
        cells += [known.get(row[name], nan) for name, known, _ in levels]
        return [nan if cell is None else cell for cell in cells]

    def indicators(row):
        cells = [nan if row[name] is None else row[name] for name in numbers]
        for name, known, width in levels:
            # Where training saw missing ones, one more indicator stands for them.
            marks = [0.0] * width
            place = len(known) if row[name] is None else known.get(row[name], width)
            if place < width:
                marks[place] = 1.0
            cells += marks
        return cells

    encode = indicators if encoding["indicators"] else codes

    def predict(rows):
        matrix = np.array([encode(row) for row in rows], dtype=np.float32)
        return session.run(["probabilities"], {source.name: matrix})[0].tolist()

    return predict


def main():
    tool, folder, rows_file = sys.argv[1:4]
    with open(f"{rows_file}.one") as file:
        first = json.load(file)
    predict = globals()[tool](folder)
    answer = predict(first)
    sys.stdout.write("first\n")
    sys.stdout.flush()
    if len(sys.argv) > 4:
        return
    with open(rows_file) as file:
        rows = json.load(file)
    figures = {"answer": answer}
    for count, times in TIMES.items():
        if count == 10_000:
            figures["peak_rss_mb"] = peak_mb()
        figures[f"row{'10k' if count == 10_000 else count}_ms"] = median_ms(predict, rows, count, times)
    figures["peak_rss_10k_mb"] = peak_mb()
    sys.stdout.write(json.dumps(figures) + "\n")


def median_ms(predict, rows, count, times):
    """Measure calls with other rows each: of one row, the processor would learn its way through the trees."""
    durations = []
    for call in range(times + 1):
        first = call * count % (len(rows) - count + 1)
        batch = rows[first : first + count]
        start = time.perf_counter()
        predict(batch)
        durations.append((time.perf_counter() - start) * 1000)
    return sorted(durations[1:])[times // 2]


def peak_mb():
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
