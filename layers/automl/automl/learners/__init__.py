"""Ways to learn, each in a module of its own; `automl.searching.zoo` lists those that are tried."""

from automl.learners.base import Candidate, Exported, Fitted, Learner, Problem, Sample

__all__ = ["Candidate", "Exported", "Fitted", "Learner", "Problem", "Sample"]
