"""CatBoost's tables of categories: keys of digits, one lookup for all tables, and the figures found there."""

import numpy as np
from numpy.typing import NDArray

from automl.onnx_export.graph import FLOAT, INT, ML, Graph
from automl.onnx_export.trees import Arrays, oblivious_scores

ABSENT = -1


def tabled_scores(graph: Graph, arrays: Arrays, matrix: str, width: int) -> str:
    """Return the scores of oblivious trees that ask tables too: rows x parts x outputs.

    Parameters
    ----------
    graph
        Where to write.
    arrays
        Those of `scoring.families.lookups.TabledTrees`.
    matrix
        The plan's matrix.
    width
        How many columns it has.
    """
    figures = arrays["figures"].astype(np.int64)
    tables = arrays["tables"].astype(np.int64)
    depth, asks = arrays["depth"].astype(np.int64), arrays["asks"].astype(np.int64)
    trees = arrays["trees"].astype(np.int64) if "trees" in arrays else np.array([len(depth)])
    ends = np.concatenate([[0], np.cumsum(figures)])[np.cumsum(tables)]
    first = ends - np.diff(ends, prepend=0)
    part = np.repeat(np.repeat(np.arange(len(trees)), trees), depth)
    # Figures stand behind the inputs.
    placed = np.where(asks > 0, width + first[part] + asks - 1, arrays["feature"].astype(np.int64))
    if len(figures):
        matrix = graph.beside([matrix, _figures(graph, arrays, matrix)])
    return oblivious_scores(graph, {**arrays, "feature": placed}, matrix)


def _figures(graph: Graph, arrays: Arrays, matrix: str) -> str:
    """Return the figures of all tables: rows x figures."""
    digits, entries, figures = (arrays[name].astype(np.int64) for name in ("digits", "entries", "figures"))
    worth, start = _worths(digits, np.where(arrays["digit_size"] == 0, 2, arrays["digit_size"]))
    values = _digits(graph, arrays, matrix)
    # The digits of a table stand side by side: the sums over them are differences of running sums.
    weighed = graph.node("Mul", values, worth[None])
    running = graph.node("CumSum", weighed, np.array(1))
    ends = np.cumsum(digits)
    before = graph.node("Concat", graph.columns(graph.node("Mul", values, [0]), [0]), running, axis=1)
    keys = graph.node("Sub", graph.columns(running, ends - 1), graph.columns(before, ends - digits))
    places = graph.node("Add", keys, start[None])
    table = np.repeat(np.arange(len(entries)), entries)
    known = (arrays["entry"].astype(np.int64) + start[table]).tolist()
    if known:
        found = graph.node(
            "LabelEncoder",
            places,
            domain=ML,
            keys_int64s=known,
            values_int64s=list(range(len(known))),
            default_int64=ABSENT,
        )
    else:
        found = graph.node("Add", graph.node("Mul", places, [0]), [ABSENT])
    of_figure = np.repeat(np.arange(len(figures)), figures)
    own = np.arange(len(of_figure)) - np.repeat(np.cumsum(figures) - figures, figures)
    earlier = np.cumsum(entries * figures) - entries * figures
    first = (earlier - (np.cumsum(entries) - entries) * figures)[of_figure] + own
    found = graph.columns(found, of_figure, len(figures))
    cells = graph.node("Add", graph.node("Mul", found, figures[of_figure][None]), first[None])
    defaults = np.arange(len(arrays["default"]))[None] + len(arrays["cell"])
    cells = graph.node("Where", graph.node("Less", found, np.zeros((1, 1), dtype=np.int64)), defaults, cells)
    content = np.concatenate([arrays["cell"], arrays["default"]]).astype(np.float32)
    return graph.node("Gather", content, cells, axis=0)


def _worths(
    digits: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what each digit counts for, and where the places of each table begin among all."""
    worth = np.ones(len(sizes), dtype=np.int64)
    spans = np.ones(len(digits), dtype=np.int64)
    ends = np.cumsum(digits)
    for table, (count, end) in enumerate(zip(digits, ends, strict=True)):
        powers = np.cumprod(sizes[end - count : end].astype(np.int64))
        worth[end - count + 1 : end] = powers[:-1]
        spans[table] = powers[-1]
    return worth, np.cumsum(spans) - spans


def _digits(graph: Graph, arrays: Arrays, matrix: str) -> str:
    """Return the digits of all keys: rows x digits."""
    size, feature = arrays["digit_size"].astype(np.int64), arrays["digit_feature"].astype(np.int64)
    asks, codes = np.flatnonzero(size == 0), np.flatnonzero(size)
    made = []
    if len(asks):
        inputs = graph.cast(graph.columns(matrix, feature[asks]), FLOAT)
        low, high = (graph.single(arrays[f"question_{name}"][None]) for name in ("low", "high"))
        inside = graph.node(
            "And", graph.node("Greater", inputs, low), graph.node("LessOrEqual", inputs, high)
        )
        missing = arrays["question_missing"].astype(bool)[None]
        absent = graph.node("And", graph.node("IsNaN", inputs), missing)
        made.append(graph.cast(graph.node("Or", inside, absent), INT))
    if len(codes):
        inputs = graph.columns(matrix, feature[codes])
        inputs = graph.node("Where", graph.node("IsNaN", inputs), np.full((1, 1), -1.0), inputs)
        digits = graph.clip(graph.node("Add", inputs, 1.0), 0.0, (size[codes] - 1).astype(np.float64)[None])
        made.append(graph.cast(digits, INT))
    order = np.argsort(np.concatenate([asks, codes]))
    return graph.columns(graph.beside(made), order, len(size))
