"""Texts alone: the scores of the linear model on their terms, as they are."""

from typing import Any, override

import numpy as np

from automl.budget import Budget
from automl.learners.base import Exported, Fitted, FloatArray, Learner, Problem, Sample
from scoring.links import respond


class FittedText(Fitted):
    """The scores of a fitted ``text`` view."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.rounds = 1

    @override
    def predict(self, X: FloatArray) -> FloatArray:
        return respond(X[:, : self.problem.outputs], self.problem.link)

    @override
    def export(self) -> Exported:
        block = {"family": "scores", "link": self.problem.link}
        return Exported(block, {"outputs": np.array([self.problem.outputs])})


class TextLearner(Learner):
    """Learns nothing itself: its view is a linear model on the terms of all texts."""

    name = "Words and letters"
    view = "text"
    judges = False

    @override
    def parameters(self) -> dict[str, Any]:
        return {}

    @override
    def fit(self, learn: Sample, judge: Sample, problem: Problem, *, seed: int, budget: Budget) -> FittedText:
        return FittedText(problem)
