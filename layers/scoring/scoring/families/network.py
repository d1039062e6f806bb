"""Feed-forward networks whose members share their weights.

Weights are stored in single precision. Answers are worked out in double precision: in single precision they
would depend, in the eighth digit, on which rows stand beside a row.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import FloatArray
from scoring.errors import ModelError
from scoring.families.arrays import Arrays, stored

type Floats = NDArray[np.floating[Any]]

# Cells of the widest layer that are held at a time.
BLOCK_CELLS = 600_000
# An input this far out says "far away"; more would only let one cell overflow the network.
CLIP = 100.0
# Sums up to here are far from what single precision can hold.
MAX_SUM = 1e30
MAX_LAYERS = 8
MAX_MEMBERS = 64


def periodic(X: Floats, frequency: Floats) -> Floats:
    """Return X beside the sines and cosines of its leading columns.

    Smooth networks fit ragged functions of one input better on periodic features of it: Gorishniy, Rubachev
    and Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning" (2022).

    Parameters
    ----------
    X
        Rows x inputs.
    frequency
        Angular frequencies, leading columns x frequencies; it may be empty.
    """
    if not frequency.size:
        return X
    angle = (X[:, : len(frequency), None] * frequency).reshape(len(X), -1)
    return np.concatenate([X, np.sin(angle), np.cos(angle)], axis=1)


class NetworkModel:
    """Scores of a network: the mean over members that share the weights of its hidden layers.

    Each member scales the inputs of each layer and adds biases of its own, and has a head of its own:
    Wen, Tran and Ba, "BatchEnsemble" (2020); Gorishniy, Kotelnikov and Babenko, "TabM" (2024). A hidden layer
    is ``relu((h * scale) @ weight + bias)``.

    Parameters
    ----------
    arrays
        ``frequency`` (leading inputs x frequencies), and for layer ``i`` from 0 on ``scale.i`` (members x
        layer inputs), ``weight.i`` (layer inputs x units) and ``bias.i`` (members x units); the heads
        ``head`` (members x units x outputs) and ``intercept`` (members x outputs).

    Raises
    ------
    ModelError
        When the arrays make no network.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.frequency = _stored(arrays, "frequency", 2)
        self.head = _stored(arrays, "head", 3)
        self.intercept = _stored(arrays, "intercept", 2).mean(axis=0)
        layers = sum(name.startswith("weight.") for name in arrays)
        if not 1 <= layers <= MAX_LAYERS:
            raise ModelError("The network has no hidden layers, or too many.")
        self.scales = [_stored(arrays, f"scale.{layer}", 2) for layer in range(layers)]
        self.weights = [_stored(arrays, f"weight.{layer}", 2) for layer in range(layers)]
        self.biases = [_stored(arrays, f"bias.{layer}", 2) for layer in range(layers)]
        self.members, last, outputs = self.head.shape
        self.inputs = len(self.weights[0]) - 2 * self.frequency.size
        self._check(last, outputs, _stored(arrays, "intercept", 2).shape)
        if not self._bound() <= MAX_SUM:
            raise ModelError("The network's sums would overflow.")
        # The mean of the heads' answers is one product with the heads one upon another.
        self.heads = (self.head / self.members).reshape(-1, outputs)
        self.layers = [
            (scale[:, None, :], weight, bias[:, None, :])
            for scale, weight, bias in zip(self.scales, self.weights, self.biases, strict=True)
        ]
        widest = max(self.members * len(weight) for weight in self.weights)
        self.block = max(1, BLOCK_CELLS // max(widest, self.members * last))

    def _check(self, last: int, outputs: int, intercept: tuple[int, ...]) -> None:
        follow = all(before.shape[1] == len(after) for before, after in pairwise(self.weights))
        own = all(
            scale.shape == (self.members, weight.shape[0]) and bias.shape == (self.members, weight.shape[1])
            for scale, weight, bias in zip(self.scales, self.weights, self.biases, strict=True)
        )
        if (
            not (follow and own)
            or not 1 <= self.members <= MAX_MEMBERS
            or self.weights[-1].shape[1] != last
            or intercept != (self.members, outputs)
            or min(last, outputs) < 1
            or not len(self.frequency) <= self.inputs
        ):
            raise ModelError("The network's arrays do not fit together.")

    def _bound(self) -> float:
        """Return what no sum inside the network exceeds, whatever its inputs."""
        most = np.full((self.members, len(self.weights[0])), CLIP)
        for scale, weight, bias in zip(self.scales, self.weights, self.biases, strict=True):
            most = np.asarray((most * np.abs(scale)) @ np.abs(weight, dtype=np.float64) + np.abs(bias))
        last = np.einsum("mu,muo->mo", most, np.abs(self.head).astype(np.float64))
        return float(max(most.max(), last.max()) + np.abs(self.intercept).max())

    def score(self, X: FloatArray) -> FloatArray:
        """Return the scores of each row of X: rows x one part x outputs."""
        if len(X) <= self.block:
            return self._block(X)[:, None, :]
        blocks = [self._block(X[start : start + self.block]) for start in range(0, len(X), self.block)]
        return np.concatenate(blocks)[:, None, :]

    def _block(self, X: FloatArray) -> FloatArray:
        rows = len(X)
        hidden = periodic(np.clip(X, -CLIP, CLIP), self.frequency)
        for scale, weight, bias in self.layers:
            if rows > weight.shape[1]:
                # There are fewer weights to scale than inputs.
                hidden = np.matmul(hidden, scale.transpose(0, 2, 1) * weight)
            else:
                # Members x rows x units, as rows of one product.
                product: Floats = np.matmul((hidden * scale).reshape(-1, len(weight)), weight)
                hidden = product.reshape(self.members, rows, -1)
            hidden += bias
            np.maximum(hidden, 0.0, out=hidden)
        beside = hidden.transpose(1, 0, 2).reshape(rows, -1)
        scores: FloatArray = beside @ self.heads + self.intercept
        return scores


def _stored(arrays: Arrays, name: str, dimensions: int) -> FloatArray:
    return stored(arrays, name, dimensions, MAX_SUM)
