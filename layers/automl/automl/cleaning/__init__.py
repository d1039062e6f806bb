"""Cleaning recipes on tables: estimated once, applied before training and replayed at prediction."""

from automl.cleaning.applying import Cleaned, apply
from automl.cleaning.recipe import parse
from scoring.cleaning.vocabulary import Recipe

__all__ = ["Cleaned", "Recipe", "apply", "parse"]
