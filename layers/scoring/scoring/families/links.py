"""From scores to answers. The last axis holds the outputs of a model."""

import numpy as np

from scoring.columns import FloatArray
from scoring.errors import ModelError

# As answers.c numbers them, which has SMALLEST, too.
LINKS = {"identity": 0, "probability": 0, "logistic": 1, "softmax": 2, "share": 3}
SMALLEST = 1e-9
# Up to here, powers of the shares of a hundred classes are numbers above zero.
HIGHEST_TEMPERATURE = 100.0


def logistic(scores: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-scores))."""
    # What overflows is the share of a score so low that the answer is zero.
    with np.errstate(over="ignore"):
        result: FloatArray = 1.0 / (1.0 + np.exp(-scores))
    return result


def softmax(scores: FloatArray) -> FloatArray:
    """Return the softmax over the last axis without overflow."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return result


def of_two(shares: FloatArray) -> FloatArray:
    """Return the shares of both classes beside each other, given those of the second."""
    return np.stack([1.0 - shares, shares], axis=-1)


def respond(scores: FloatArray, link: str) -> FloatArray:
    """Return class probabilities, or numbers, for scores.

    Raises
    ------
    ModelError
        When the link is unknown.
    """
    match link:
        case "identity" | "probability":
            return scores
        case "logistic":
            return of_two(logistic(scores[..., 0]))
        case "share":
            return of_two(scores[..., 0])
        case "softmax":
            return softmax(scores)
        case _:
            raise ModelError(f"The model has an unknown link {link!r}.")


def bears(temperature: float) -> bool:
    """Return whether probabilities can be sharpened by a temperature."""
    return 0.0 < temperature <= HIGHEST_TEMPERATURE


def sharpen(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Return probabilities to the power of the temperature, made to add up to one again.

    This is the softmax of the logarithms times the temperature (Guo et al. 2017, temperature scaling,
    whose temperature is the inverse of this one).
    """
    powers: FloatArray = np.maximum(probabilities, SMALLEST) ** temperature
    sharpened: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return sharpened
