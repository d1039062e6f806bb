"""Portable models: load, validate and score with numpy and the standard library alone."""

from scoring.errors import ExplanationError, Fault, InputError, ModelError
from scoring.model import FORMAT_VERSION, Model, load, unpacked_bytes

__all__ = [
    "FORMAT_VERSION",
    "ExplanationError",
    "Fault",
    "InputError",
    "Model",
    "ModelError",
    "load",
    "unpacked_bytes",
]
