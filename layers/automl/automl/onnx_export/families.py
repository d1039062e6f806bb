"""Models of each family: the matrix to scores, and scores to answers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import NotExpressibleError
from automl.onnx_export.graph import DOUBLE, Graph
from automl.onnx_export.lookups import tabled_scores
from automl.onnx_export.trees import Arrays, oblivious_scores, tree_scores
from scoring.families import kernel, linear, network, spline
from scoring.families.ensemble import LOG_LIMIT
from scoring.families.links import SMALLEST
from scoring.families.spline import DEGREE

# What the arrays of a group may be called: more would be something that this converter does not know.
KNOWN: dict[str, set[str]] = {
    "linear": {"center", "scale", "weights", "intercept"},
    "kernel": {"landmarks", "gamma", "weights", "intercept"},
    "spline": {"knots", "spline", "weights", "intercept"},
    "network": {"frequency", "head", "intercept"},
    "scores": {"outputs"},
    "oblivious": {"depth", "feature", "border", "missing_above", "value", "base", "trees"},
    "oblivious_tables": {
        *("depth", "feature", "border", "missing_above", "value", "base", "trees", "asks", "tables"),
        *("digits", "entries", "figures", "digit_feature", "digit_size", "entry", "cell", "default"),
        *("question_low", "question_high", "question_missing"),
    },
    "trees": {
        *("sizes", "leaf", "feature", "threshold", "missing_left", "value", "base", "trees"),
        *("set_size", "set_bits", "constant", "term_count", "term_feature", "term_weight"),
    },
}
LAYER = ("scale.", "weight.", "bias.")


def group_answers(graph: Graph, block: Mapping[str, Any], arrays: Arrays, matrix: str, width: int) -> str:
    """Return the weighted sum of the answers of a group's parts: rows x outputs.

    Parameters
    ----------
    graph
        Where to write.
    block, arrays
        The group, as stored.
    matrix
        The plan's matrix.
    width
        How many columns it has.

    Raises
    ------
    NotExpressibleError
        For a family, or an array of it, that ONNX has no words for here.
    """
    family = block["family"]
    own = {name for name in arrays if name not in {"weight", "columns"} and not name.startswith(LAYER)}
    if family not in KNOWN or not own <= KNOWN[family]:
        raise NotExpressibleError(f"models of the family {family!r} are not written as ONNX")
    if "columns" in arrays:
        columns = arrays["columns"].astype(np.int64)
        matrix, width = graph.columns(matrix, columns, width), len(columns)
    if family == "trees":
        scores = tree_scores(graph, block, arrays, matrix, width)
    elif family == "oblivious":
        scores = oblivious_scores(graph, arrays, matrix)
    elif family == "oblivious_tables":
        scores = tabled_scores(graph, arrays, matrix, width)
    else:
        scores = graph.node("Unsqueeze", FAMILIES[family](graph, _doubles(arrays), matrix), [1])
    answers = _responded(graph, scores, block)
    weight = np.asarray(arrays["weight"], dtype=np.float64)[None, :, None]
    return graph.total(graph.node("Mul", answers, weight), 1)


def calibrated(graph: Graph, answers: str, model: Mapping[str, Any]) -> str:
    """Return probabilities as `scoring.families.ensemble.calibrate` does."""
    temperature, floor = float(model.get("temperature", 1.0)), float(model.get("floor", 0.0))
    if temperature != 1.0:
        answers = sharpened(graph, answers, temperature)
    if floor == 0.0:
        return answers
    prior = floor * np.asarray(model["prior"], dtype=np.float64)[None]
    return graph.node("Add", graph.node("Mul", answers, 1.0 - floor), prior)


def sharpened(graph: Graph, probabilities: str, temperature: float) -> str:
    """Return probabilities to the power of the temperature, made to add up to one again."""
    powers = graph.node("Pow", graph.node("Max", probabilities, SMALLEST), temperature)
    return graph.node("Div", powers, graph.total(powers, -1, keep=True))


def _responded(graph: Graph, scores: str, block: Mapping[str, Any]) -> str:
    """Return the answers of scores: rows x parts x outputs."""
    link = block["link"]
    if link in {"logistic", "share"}:
        positive = graph.node("Gather", scores, [0], axis=2)
        if link == "logistic":
            positive = graph.node("Sigmoid", positive)
        scores = graph.beside([graph.node("Sub", 1.0, positive), positive], axis=2)
    elif link == "softmax":
        scores = graph.node("Softmax", scores, axis=-1)
    elif link not in {"identity", "probability"}:
        raise NotExpressibleError(f"the model has the link {link!r}")
    scale = block.get("scale")
    if scale:
        numbers = graph.node("Add", graph.node("Mul", scores, float(scale["spread"])), float(scale["center"]))
        if scale["log"]:
            limited = graph.clip(numbers, -LOG_LIMIT, LOG_LIMIT)
            numbers = graph.node("Sub", graph.node("Exp", limited), 1.0)
        return graph.clip(numbers, float(scale["low"]), float(scale["high"]))
    temperature = float(block.get("temperature", 1.0))
    return scores if temperature == 1.0 else sharpened(graph, scores, temperature)


def _doubles(arrays: Arrays) -> dict[str, NDArray[Any]]:
    return {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()}


def _linear(graph: Graph, arrays: Arrays, matrix: str) -> str:
    standard = graph.node("Div", graph.node("Sub", matrix, arrays["center"]), arrays["scale"])
    standard = graph.clip(standard, -linear.CLIP, linear.CLIP)
    return _affine(graph, standard, arrays["weights"], arrays["intercept"])


def _affine(graph: Graph, value: str, weights: NDArray[Any], intercept: NDArray[Any]) -> str:
    return graph.node("Add", graph.node("MatMul", value, weights), intercept)


def _kernel(graph: Graph, arrays: Arrays, matrix: str) -> str:
    gamma, landmarks = float(arrays["gamma"][0]), arrays["landmarks"]
    inside = graph.clip(matrix, -kernel.CLIP, kernel.CLIP)
    product = graph.node("MatMul", inside, np.ascontiguousarray(2.0 * gamma * landmarks.T))
    squares = graph.total(graph.node("Mul", inside, inside), 1, keep=True)
    distance = graph.node("Sub", product, gamma * np.einsum("li,li->l", landmarks, landmarks)[None])
    distance = graph.node("Sub", distance, graph.node("Mul", squares, gamma))
    near = graph.node("Exp", graph.node("Min", distance, 0.0))
    return _affine(graph, near, arrays["weights"], arrays["intercept"])


def _spline(graph: Graph, arrays: Arrays, matrix: str) -> str:
    knots, outputs = arrays["knots"], arrays["intercept"].shape[0]
    inside = graph.clip(matrix, -spline.CLIP, spline.CLIP)
    scores = _affine(graph, inside, arrays["weights"], arrays["intercept"])
    if not len(knots):
        return scores
    leading = graph.columns(inside, np.arange(len(knots)), len(arrays["weights"]))
    low, high = knots[:, DEGREE], np.nextafter(knots[:, -DEGREE - 1], -np.inf)
    x = graph.node("Unsqueeze", graph.clip(leading, low[None], high[None]), [2])
    above = graph.node("Sub", x, knots[None])
    count = knots.shape[1]

    def part(value: str, start: int, stop: int) -> str:
        return graph.node("Slice", value, [start], [stop], [2])

    begun = graph.node("GreaterOrEqual", part(above, 0, count - 1), 0.0)
    ended = graph.node("Less", part(above, 1, count), 0.0)
    value = graph.cast(graph.node("And", begun, ended), DOUBLE)
    for degree in range(1, DEGREE + 1):
        step = 1.0 / (knots[:, degree:] - knots[:, :-degree])
        functions = count - degree
        rising = graph.node("Mul", graph.node("Mul", part(above, 0, functions), step[None]), value)
        falling = graph.node("Sub", value, rising)
        value = graph.node("Add", part(rising, 0, functions - 1), part(falling, 1, functions))
    bent = arrays["spline"].reshape(-1, outputs)
    flat = graph.node("Reshape", value, [-1, len(bent)])
    return graph.node("Add", scores, graph.node("MatMul", flat, bent))


def _network(graph: Graph, arrays: Arrays, matrix: str) -> str:
    head, frequency = arrays["head"], arrays["frequency"]
    members, last, outputs = head.shape
    hidden = graph.clip(matrix, -network.CLIP, network.CLIP)
    if frequency.size:
        leading = graph.columns(hidden, np.arange(len(frequency)))
        angle = graph.node("Mul", graph.node("Unsqueeze", leading, [2]), frequency[None])
        angle = graph.node("Reshape", angle, [-1, frequency.size])
        hidden = graph.beside([hidden, graph.node("Sin", angle), graph.node("Cos", angle)])
    # Members x rows x inputs: one row of members is stretched over all rows, and the rows over all members.
    hidden = graph.node("Unsqueeze", hidden, [0])
    layers = sum(name.startswith("weight.") for name in arrays)
    for layer in range(layers):
        scaled = graph.node("Mul", hidden, arrays[f"scale.{layer}"][:, None, :])
        product = graph.node("MatMul", scaled, arrays[f"weight.{layer}"])
        hidden = graph.node("Relu", graph.node("Add", product, arrays[f"bias.{layer}"][:, None, :]))
    beside = graph.node("Reshape", graph.node("Transpose", hidden, perm=[1, 0, 2]), [-1, members * last])
    heads = (head / members).reshape(-1, outputs)
    return _affine(graph, beside, heads, arrays["intercept"].mean(axis=0))


def _scores(graph: Graph, arrays: Arrays, matrix: str) -> str:
    return graph.columns(matrix, np.arange(int(arrays["outputs"][0])))


FAMILIES: dict[str, Callable[[Graph, Arrays, str], str]] = {
    "linear": _linear,
    "kernel": _kernel,
    "spline": _spline,
    "network": _network,
    "scores": _scores,
}
