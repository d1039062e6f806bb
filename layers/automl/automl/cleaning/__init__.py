"""Cleaning recipes: steps in a closed vocabulary, applied before training and replayed at prediction."""

from automl.cleaning.applying import Cleaned, apply
from automl.cleaning.recipe import Recipe, parse

__all__ = ["Cleaned", "Recipe", "apply", "parse"]
