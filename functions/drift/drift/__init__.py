"""Measures drift: folds what predictions counted into days, and says how far they are from the training."""
