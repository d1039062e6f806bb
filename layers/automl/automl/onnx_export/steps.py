"""The plan's steps: numbers and codes to the matrix that models read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import NotExpressibleError
from automl.onnx_export.graph import DOUBLE, INT, Graph
from automl.onnx_export.inputs import Block
from automl.onnx_export.trees import SPLIT_BELOW, Splits, add_trees
from scoring.blocks import Encoders
from scoring.encoders import CODES, NUMBERS, TERMS
from scoring.steps import (
    CodesStep,
    MissingStep,
    NumbersStep,
    OneHotStep,
    ScaledStep,
    Step,
    TableStep,
    TextStep,
)

STEP_BLOCKS: dict[type[Step], str] = {
    NumbersStep: NUMBERS,
    ScaledStep: NUMBERS,
    MissingStep: NUMBERS,
    CodesStep: CODES,
    OneHotStep: CODES,
    TableStep: CODES,
    TextStep: TERMS,
}


def columns_read(steps: Sequence[Step]) -> dict[str, set[int]]:
    """Return which columns of each block some steps read."""
    read: dict[str, set[int]] = {NUMBERS: set(), CODES: set(), TERMS: set()}
    for step in steps:
        if type(step) not in STEP_BLOCKS:
            raise NotExpressibleError(f"the model has the step {step.kind!r}")
        read[STEP_BLOCKS[type(step)]].update(step.columns.tolist())
    return read


def add_steps(graph: Graph, steps: Sequence[Step], blocks: Mapping[str, Block], encoders: Encoders) -> str:
    """Return the matrix, rows x columns.

    Parameters
    ----------
    graph
        Where to write.
    steps
        Those of the plan.
    blocks
        Numbers and codes.
    encoders
        Those of the model, to name what cannot be said.

    Raises
    ------
    NotExpressibleError
        For steps that ONNX has no words for.
    """
    made = [_step(graph, step, blocks, encoders) for step in steps if step.width]
    if not made:
        raise NotExpressibleError("the model reads no column")
    return graph.beside(made)


def _step(graph: Graph, step: Step, blocks: Mapping[str, Block], encoders: Encoders) -> str:
    block_name = STEP_BLOCKS[type(step)]
    if block_name == TERMS:
        names = sorted({encoders.of(TERMS)[column].feature for column in step.columns.tolist()})
        listed = ", ".join(repr(name) for name in names)
        raise NotExpressibleError(f"the model counts the words of the free text in {listed}")
    block = blocks[block_name]
    read = graph.columns(block.value, block.places[step.columns], int(block.places.max()) + 1)
    match step:
        case NumbersStep():
            return read
        case MissingStep():
            return graph.cast(graph.node("IsNaN", read), DOUBLE)
        case ScaledStep():
            return _scaled(graph, step, read)
        case CodesStep():
            known = graph.node("Less", read, step.arrays["known"][None])
            return graph.node("Where", known, graph.cast(read, DOUBLE), np.full((1, 1), np.nan))
        case OneHotStep():
            return _one_hot(graph, step, read)
        case TableStep():
            places = graph.node("Add", read, step.arrays["offsets"][None])
            figures = graph.node("Gather", step.arrays["table"], places, axis=0)
            return graph.node("Reshape", figures, [-1, step.width])
        case _:
            raise NotExpressibleError(f"the model has the step {step.kind!r}")


def _scaled(graph: Graph, step: ScaledStep, read: str) -> str:
    """Return piecewise linear functions: a tree for each column finds the piece that a number lies on."""
    knots, values, fill = (step.arrays[name] for name in ("knots", "values", "fill"))
    columns, count = knots.shape
    if count == 1:
        level = graph.node("Add", graph.node("Mul", read, 0.0), values.T)
    else:
        right = _pieces(graph, knots, read)
        start = np.arange(columns)[None] * count
        after = graph.node("Add", right, start)
        before = graph.node("Sub", after, np.ones((1, 1), dtype=np.int64))

        def at(table: NDArray[Any], places: str) -> str:
            return graph.node("Gather", np.ascontiguousarray(table).ravel(), places, axis=0)

        # What lies between two knots is worked out beforehand: a gap of zero is never divided by.
        gaps = np.diff(knots, axis=1, append=np.inf)
        gaps[gaps <= 0] = 1.0
        rises = np.diff(values, axis=1, append=0.0)
        share = graph.node("Div", graph.node("Sub", read, at(knots, before)), at(gaps, before))
        share = graph.clip(share, 0.0, 1.0)
        level = graph.node("Add", at(values, before), graph.node("Mul", share, at(rises, before)))
    return graph.node("Where", graph.node("IsNaN", read), fill[None], level)


def _pieces(graph: Graph, knots: NDArray[Any], read: str) -> str:
    """Return for each number how many knots are at or below it, from 1 to one less than there are."""
    inner = knots[:, 1:-1]
    columns, count = inner.shape
    if not count:
        return graph.node("Add", graph.cast(graph.node("IsNaN", read), INT), np.ones((1, 1), dtype=np.int64))
    split, threshold, right = _bisection(count)
    trees = Splits(
        sizes=np.full(columns, len(split)),
        left=np.tile(split.astype(np.int64), columns),
        right=np.tile(right, columns),
        feature=np.repeat(np.arange(columns), count),
        threshold=inner[:, threshold].ravel(),
        missing_left=np.zeros(columns * count, dtype=bool),
    )
    places = np.tile(np.arange(count + 1) + 1.0, columns)
    found = add_trees(graph, trees, read, places, np.arange(columns), columns, mode=SPLIT_BELOW)
    return graph.cast(found, INT)


def _bisection(count: int) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Return a balanced tree over sorted thresholds in preorder.

    Returns
    -------
    tuple
        Which nodes are splits; which threshold each split has; how far each node's right child is, or 0.
    """
    thresholds: list[int] = []
    right: list[int] = []

    def grow(low: int, high: int) -> int:
        """Add the nodes between two thresholds and return how many they are."""
        place = len(right)
        right.append(0)
        if low == high:
            return 1
        middle = (low + high) // 2
        thresholds.append(middle)
        left = grow(low, middle)
        right[place] = 1 + left
        return 1 + left + grow(middle + 1, high)

    grow(0, count)
    distance = np.array(right, dtype=np.int64)
    return distance > 0, np.array(thresholds, dtype=np.int64), distance


def _one_hot(graph: Graph, step: OneHotStep, read: str) -> str:
    slots, offsets = step.arrays["slots"], step.arrays["offsets"]
    ends = np.append(offsets[1:], len(slots))
    made, order = [], []
    for place, (start, end) in enumerate(zip(offsets, ends, strict=True)):
        own = slots[start:end]
        known = np.unique(own[own >= 0])
        if not len(known):
            continue
        # A row of the table for each code, a column for each slot.
        table = own[:, None] == known[None]
        code = graph.columns(read, [place], len(offsets))
        flags = graph.node("Gather", table, graph.node("Squeeze", code, [1]), axis=0)
        made.append(graph.cast(flags, DOUBLE))
        order.append(known)
    places = np.concatenate(order)
    if len(np.unique(places)) != step.width or len(places) != step.width:
        raise NotExpressibleError("two categories of the model share a column")
    return graph.columns(graph.beside(made), np.argsort(places), step.width)
