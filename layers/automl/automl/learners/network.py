"""Small feed-forward networks: several members that share their weights, trained in numpy."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, override

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from automl.budget import Budget
from automl.learners.backprop import Descent, Floats, Shape, initial
from automl.learners.base import Arrays, FloatArray, Learner, Problem, Sample
from automl.learners.penalised import loss as loss_of
from automl.learners.portable import Portable
from scoring.families.links import respond
from scoring.families.network import CLIP, NetworkModel, periodic

# Periodic features of more columns than these cost more than they tell.
MAX_PERIODIC = 40
# Cells of the rows to learn from; more would neither fit the memory nor the time.
MAX_CELLS = 40_000_000
MIN_ROWS = 2_000
# Rows beyond these do not change which epoch is best.
MAX_JUDGED = 20_000
# Steps between two looks at the rows to judge, at most.
LOOK = 250
MANY_ROWS = 4_000
BATCHES = ((1_000, 32), (3_000, 64), (6_000, 128), (50_000, 256))
LARGEST_BATCH = 512
WARM_UP = 0.05
# From this share of the budget on, the clock may shorten the schedule; a pause before it changes nothing.
CLOCK_COUNTS = 0.25
DECAY = 1e-3
AVERAGE = 0.99
PATIENCE = 1 / 3
LEAST_EPOCHS = 10


@dataclass(frozen=True)
class NetworkLearner(Learner):
    """A network with rectified units, AdamW, dropout and a cosine schedule; the best epoch is kept.

    On the out-of-fold rows of six sets, members with shared weights and averaged weights won over one
    network; smooth units (SiLU), members that branch behind the first layer, and frequencies that are not
    drawn did not. A high learning rate won, since the best epoch is kept.

    Parameters
    ----------
    title
        Shown on the leaderboard.
    hidden
        Units of each hidden layer where a number is learned.
    hidden_classes
        The same for classes, where more and narrower members do better.
    members, members_classes
        How many share the weights.
    dropout, dropout_classes
        The share of hidden units that a step leaves out.
    frequencies
        Periodic features of each continuous column, none with 0.
    sigma
        Spread of their frequencies, in waves per standard deviation.
    rate
        The highest learning rate.
    epochs
        On few rows; on many, three fifths of them.
    """

    title: str = "Neural network"
    hidden: tuple[int, ...] = (192, 96)
    hidden_classes: tuple[int, ...] = (96, 64)
    members: int = 2
    members_classes: int = 4
    dropout: float = 0.05
    dropout_classes: float = 0.2
    frequencies: int = 4
    sigma: float = 0.5
    rate: float = 8e-3
    epochs: int = 60

    @property
    def view(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Which matrix it takes: without periodic features, the standardised numbers too."""
        return "dense" if self.frequencies else "wide"

    @property
    def name(self) -> str:  # type: ignore[override]  # one class makes several candidates
        """Shown on the leaderboard."""
        return self.title

    @override
    def parameters(self) -> dict[str, Any]:
        return {
            "hidden": ", ".join(map(str, self.hidden)),
            "hidden_classes": ", ".join(map(str, self.hidden_classes)),
            "members": self.members,
            "members_classes": self.members_classes,
            "dropout": self.dropout,
            "dropout_classes": self.dropout_classes,
            "frequencies": self.frequencies,
            "sigma": self.sigma,
            "rate": self.rate,
            "epochs": self.epochs,
        }

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> Portable:
        # The threads of BLAS spin while they wait, which makes a busy machine many times slower.
        with threadpool_limits(1):
            return self._fit(learn, judge, problem, np.random.Generator(np.random.SFC64(seed)), budget)

    def _fit(
        self, learn: Sample, judge: Sample, problem: Problem, rng: np.random.Generator, budget: Budget
    ) -> Portable:
        columns = learn.continuous if self.frequencies and learn.continuous <= MAX_PERIODIC else 0
        waves = rng.standard_normal((columns, self.frequencies), dtype=np.float32)
        frequency = np.float32(2.0 * np.pi * self.sigma) * waves
        inputs = learn.X.shape[1] + 2 * frequency.size
        rows = _some(len(learn.X), max(MIN_ROWS, MAX_CELLS // max(1, inputs)), rng)
        judged = _some(len(judge.X), MAX_JUDGED, rng)
        features = periodic(np.clip(learn.X[rows], -CLIP, CLIP).astype(np.float32), frequency)
        targets = _targets(learn.y[rows], problem)
        weights = None if learn.weights is None else learn.weights[rows].astype(np.float32)
        classes = problem.classes
        shape = Shape(
            inputs,
            self.hidden_classes if classes else self.hidden,
            self.members_classes if classes else self.members,
            problem.outputs,
            classes,
        )
        batch = min(len(features), next((size for most, size in BATCHES if len(rows) < most), LARGEST_BATCH))
        descent = Descent(
            shape,
            initial(shape, rng, 0.0 if classes else float(targets.mean())),
            batch=batch,
            dropout=self.dropout_classes if classes else self.dropout,
            decay=DECAY,
            average=AVERAGE,
            rng=rng,
        )
        best = _Best(frequency, replace(judge, X=judge.X[judged], y=judge.y[judged]), problem)
        best.look(descent, descent.vector)
        per_epoch = max(1, len(features) // batch)
        epochs = self.epochs if len(rows) < MANY_ROWS else max(LEAST_EPOCHS, self.epochs * 3 // 5)
        clock = _Schedule(self.rate, epochs * per_epoch, budget)
        patience = max(LEAST_EPOCHS, round(epochs * PATIENCE)) * per_epoch
        look = min(per_epoch, LOOK)
        for picked in _batches(len(features), batch, shape.members, rng):
            np.take(features, picked, axis=0, out=descent.inputs, mode="clip")
            counts = None if weights is None else weights[picked][..., None]
            descent.step(targets[picked], clock.rate(descent.steps + 1), counts)
            over = clock.over(descent.steps)
            if over or descent.steps % look == 0:
                best.look(descent, descent.averaged)
            if over or descent.steps - best.step > patience:
                break
        fitted = Portable.of("network", best.arrays, problem, max(1, math.ceil(best.step / per_epoch)))
        return fitted.unweighted(learn.class_weights)


# Without periodic features, and deeper: better where few columns have more than a trend.
PLAIN = NetworkLearner(
    title="Neural network, plain",
    hidden=(192, 96, 48),
    hidden_classes=(192, 96, 48),
    members_classes=2,
    dropout=0.1,
    dropout_classes=0.25,
    frequencies=0,
    epochs=50,
)


class _Schedule:
    """A cosine from the highest rate to nothing, in the steps that are planned or the time that is left."""

    def __init__(self, rate: float, steps: int, budget: Budget) -> None:
        self.highest = rate
        self.steps = steps
        self.budget = budget
        self.start = budget.clock()
        self.seconds = max(1e-9, budget.remaining())

    def _progress(self, step: int) -> float:
        spent = (self.budget.clock() - self.start) / self.seconds
        return min(1.0, max(step / self.steps, spent if spent > CLOCK_COUNTS else 0.0))

    def rate(self, step: int) -> float:
        warm = min(1.0, step / (WARM_UP * self.steps + 1.0))
        return self.highest * warm * 0.5 * (1.0 + math.cos(math.pi * self._progress(step)))

    def over(self, step: int) -> bool:
        return step >= self.steps or self.budget.expired()


class _Best:
    """The parameters that judged best so far."""

    def __init__(self, frequency: Floats, judge: Sample, problem: Problem) -> None:
        self.frequency = frequency
        self.judge = judge
        self.problem = problem
        self.loss = math.inf
        self.step = 0
        self.arrays: Arrays = {}

    def look(self, descent: Descent, vector: Floats) -> None:
        if self.arrays and not np.isfinite(vector).all():
            return
        arrays = {"frequency": self.frequency} | descent.arrays(vector)
        judge = self.judge
        loss = loss_of(_answers(arrays, judge.X, self.problem), judge.y, self.problem, judge.class_weights)
        if not self.arrays or loss < self.loss:
            self.loss, self.step, self.arrays = loss, descent.steps, arrays


def _batches(rows: int, batch: int, members: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield row numbers, members x batch, without end: every member sees the rows in an order of its own."""
    while True:
        orders = np.stack([rng.permutation(rows) for _ in range(members)])
        for start in range(0, rows - batch + 1, batch):
            yield orders[:, start : start + batch]


def _some(rows: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of all rows, or of as many as are allowed."""
    return np.arange(rows) if rows <= most else np.sort(rng.choice(rows, most, replace=False))


def _targets(y: NDArray[Any], problem: Problem) -> Floats:
    if problem.classes > 2:
        return np.eye(problem.classes, dtype=np.float32)[y.astype(np.intp)]
    return y.astype(np.float32)[:, None]


def _answers(arrays: Arrays, X: FloatArray, problem: Problem) -> FloatArray:
    return respond(NetworkModel(arrays).score(X)[:, 0], problem.link)
