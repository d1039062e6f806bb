"""Drift: what training saw, what predictions see, and how far apart they are."""
