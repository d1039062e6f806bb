"""Steps of gradient descent for the network that ``scoring.families.network`` serves, in single precision.

Everything a step needs is allocated once, and all parameters are views of one vector, so that the optimiser
is a dozen calls whatever the number of layers.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from automl.learners.base import Arrays

type Floats = NDArray[np.float32]
type Views = dict[str, Floats]

FIRST_MOMENT = 0.9
SECOND_MOMENT = 0.98
EPSILON = 1e-8
# The heads begin near zero, so that training begins at the constant answer.
HEAD_START = 0.1


@dataclass(frozen=True)
class Shape:
    """The size of a network: ``classes`` is zero for a number."""

    inputs: int
    hidden: tuple[int, ...]
    members: int
    outputs: int
    classes: int

    def parameters(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each parameter; those under weight decay come first."""
        sizes = [self.inputs, *self.hidden]
        layers = range(len(self.hidden))
        shapes: dict[str, tuple[int, ...]] = {}
        shapes |= {f"weight.{layer}": (sizes[layer], sizes[layer + 1]) for layer in layers}
        shapes["head"] = (self.members, sizes[-1], self.outputs)
        shapes |= {f"scale.{layer}": (self.members, sizes[layer]) for layer in layers}
        shapes |= {f"bias.{layer}": (self.members, sizes[layer + 1]) for layer in layers}
        shapes["intercept"] = (self.members, self.outputs)
        return shapes

    @property
    def decayed(self) -> int:
        """How many numbers at the start of the vector are under weight decay."""
        sizes = {name: math.prod(shape) for name, shape in self.parameters().items()}
        return sum(size for name, size in sizes.items() if name.startswith(("weight", "head")))


def views(shape: Shape, vector: Floats) -> Views:
    """Return each parameter as a view of the vector of all."""
    named, start = {}, 0
    for name, size in shape.parameters().items():
        stop = start + math.prod(size)
        named[name] = vector[start:stop].reshape(size)
        start = stop
    return named


def initial(shape: Shape, rng: np.random.Generator, mean: float) -> Floats:
    """Return the parameters to start from; the members differ by the signs that they give the inputs.

    Hidden layers by He et al., "Delving Deep into Rectifiers" (2015).
    """
    vector = np.zeros(sum(math.prod(size) for size in shape.parameters().values()), dtype=np.float32)
    start = views(shape, vector)
    for name, value in start.items():
        if name.startswith("weight"):
            value[:] = rng.standard_normal(value.shape, dtype=np.float32) * math.sqrt(2.0 / len(value))
        elif name.startswith("scale"):
            value[:] = 1.0
    head = start["head"]
    head[:] = rng.standard_normal(head.shape, dtype=np.float32) * (
        HEAD_START * math.sqrt(2.0 / head.shape[1])
    )
    start["scale.0"][:] = rng.integers(0, 2, start["scale.0"].shape) * 2 - 1
    start["intercept"][:] = mean
    return vector


class Descent:
    """AdamW over one batch for each member at a time, with an average of the weights along the way.

    Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019); the average is Polyak's.

    Parameters
    ----------
    shape
        The network.
    vector
        Its parameters, changed in place.
    batch
        Rows of a batch.
    dropout
        The share of hidden units that a step leaves out.
    decay
        Weight decay, in units of the learning rate.
    average
        How much of the averaged weights a step keeps.
    rng
        Where dropout comes from.
    """

    def __init__(
        self,
        shape: Shape,
        vector: Floats,
        *,
        batch: int,
        dropout: float,
        decay: float,
        average: float,
        rng: np.random.Generator,
    ) -> None:
        self.shape = shape
        self.vector = vector
        self.decay = decay
        self.average = average
        self.rng = rng
        self.steps = 0
        # Random bytes decide, so the share is a multiple of 1/256.
        self.dropped = round(256 * dropout)
        self.kept = np.float32(1.0 / (1.0 - self.dropped / 256))
        self.averaged = vector.copy()
        self.gradient, self.first, self.second, self.scratch = (np.zeros_like(vector) for _ in range(4))
        self.value, self.slope = views(shape, vector), views(shape, self.gradient)
        sizes = [shape.inputs, *shape.hidden]

        def buffers(widths: list[int]) -> list[Floats]:
            return [np.empty((shape.members, batch, width), dtype=np.float32) for width in widths]

        self.raw, self.scaled, self.back = buffers(sizes), buffers(sizes[:-1]), buffers(sizes[1:])
        self.masks = [np.empty(value.shape, dtype=np.bool_) for value in self.raw[1:]]
        self.products = [np.empty((shape.members, *weight), dtype=np.float32) for weight in pairwise(sizes)]
        self.ones = np.ones((shape.members, 1, batch), dtype=np.float32)

    @property
    def inputs(self) -> Floats:
        """Where the rows of the next batch belong, members x rows x inputs."""
        return self.raw[0]

    def step(self, targets: Floats, rate: float, weights: Floats | None = None) -> None:
        """Take one step for the rows in ``inputs``.

        ``targets`` are members x rows x outputs; ``weights`` (members x rows x 1) how much each row counts.
        """
        error = self._answers() - targets
        if weights is not None:
            error *= weights
        error *= np.float32(1.0 / error.shape[1])
        self._backward(error)
        self._update(rate)

    def _answers(self) -> Floats:
        value = self.value
        for layer, scaled in enumerate(self.scaled):
            after, mask = self.raw[layer + 1], self.masks[layer]
            np.multiply(self.raw[layer], self._scale(layer)[:, None, :], out=scaled)
            np.matmul(_flat(scaled), value[f"weight.{layer}"], out=_flat(after))
            after += value[f"bias.{layer}"][:, None, :]
            # A unit that is off, for its sign or by dropout, passes nothing on, nor back.
            np.greater(after, 0.0, out=mask)
            if self.dropped:
                mask &= self._spared(mask.shape)
            after *= mask
        scores = np.matmul(self.raw[-1], value["head"])
        scores *= self.kept
        scores += value["intercept"][:, None, :]
        return respond(scores, self.shape.classes)

    def _scale(self, layer: int) -> Floats:
        """Return the members' scales of a layer's inputs, and what makes up for dropout before it."""
        scale = self.value[f"scale.{layer}"]
        return scale * self.kept if layer else scale

    def _spared(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        size = math.prod(shape)
        words = self.rng.bit_generator.random_raw(size // 8 + 1)
        noise = words.view(np.uint8)[:size].reshape(shape)
        spared: NDArray[np.bool_] = noise >= self.dropped
        return spared

    def _backward(self, error: Floats) -> None:
        value, slope = self.value, self.slope
        np.matmul(self.raw[-1].transpose(0, 2, 1), error, out=slope["head"])
        slope["head"] *= self.kept
        np.sum(error, axis=1, out=slope["intercept"])
        np.matmul(error, value["head"].transpose(0, 2, 1) * self.kept, out=self.back[-1])
        for layer in reversed(range(len(self.scaled))):
            after, weight, product = self.back[layer], value[f"weight.{layer}"], self.products[layer]
            after *= self.masks[layer]
            np.matmul(self.ones, after, out=slope[f"bias.{layer}"][:, None, :])
            # One product a member gives the slopes of the weights and of the scales, where the slopes of the
            # inputs, which the first layer has no other use for, would cost as much again.
            np.matmul(self.raw[layer].transpose(0, 2, 1), after, out=product)
            scale = self._scale(layer)
            np.einsum("miu,iu->mi", product, weight, out=slope[f"scale.{layer}"])
            np.einsum("miu,mi->iu", product, scale, out=slope[f"weight.{layer}"])
            if layer:
                slope[f"scale.{layer}"] *= self.kept
                before = self.back[layer - 1]
                np.matmul(_flat(after), weight.T, out=_flat(before))
                before *= scale[:, None, :]

    def _update(self, rate: float) -> None:
        self.steps += 1
        scratch = self.scratch
        np.subtract(self.gradient, self.first, out=scratch)
        scratch *= np.float32(1.0 - FIRST_MOMENT)
        self.first += scratch
        np.square(self.gradient, out=scratch)
        scratch -= self.second
        scratch *= np.float32(1.0 - SECOND_MOMENT)
        self.second += scratch
        np.sqrt(self.second, out=scratch)
        # Both corrections of the start in the one factor of the step.
        unbiased = math.sqrt(1.0 - SECOND_MOMENT**self.steps)
        scratch += np.float32(EPSILON * unbiased)
        np.divide(self.first, scratch, out=scratch)
        scratch *= np.float32(rate * unbiased / (1.0 - FIRST_MOMENT**self.steps))
        self.vector[: self.shape.decayed] *= np.float32(1.0 - rate * self.decay)
        self.vector -= scratch
        np.subtract(self.vector, self.averaged, out=scratch)
        scratch *= np.float32(1.0 - min(self.average, self.steps / (self.steps + 10.0)))
        self.averaged += scratch

    def arrays(self, vector: Floats) -> Arrays:
        """Return a vector of parameters as arrays of ``scoring.families.network``."""
        return {name: value.copy() for name, value in views(self.shape, vector).items()}


def respond(scores: Floats, classes: int) -> Floats:
    """Return what a loss compares with its targets: probabilities or numbers, in place."""
    if classes == 2:
        # The logistic function without overflow.
        scores *= np.float32(0.5)
        np.tanh(scores, out=scores)
        scores += np.float32(1.0)
        scores *= np.float32(0.5)
    elif classes:
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def _flat(batch: Floats) -> Floats:
    """Return members x rows x units as one matrix."""
    return batch.reshape(-1, batch.shape[-1])
