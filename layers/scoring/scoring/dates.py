"""Calendar parts of moments, and the angles that they make on their cycles."""

import numpy as np
from numpy.typing import NDArray

from scoring.errors import ModelError

type FloatArray = NDArray[np.float64]

FIRST_SECOND = -62_135_596_800.0
LAST_SECOND = 253_402_300_799.0
SECONDS_PER_DAY = 86_400
# Part -> where its cycle begins, and how long it is.
CYCLES = {"month": (1, 12), "day_of_year": (1, 365.25), "weekday": (0, 7), "hour": (0, 24)}


def date_part(seconds: FloatArray, part: str) -> FloatArray:
    """Return one calendar part of finite seconds since 1970; ``sin weekday`` is one of its coordinates.

    Raises
    ------
    ModelError
        When the part has no meaning here.
    """
    if part == "days":
        return seconds / SECONDS_PER_DAY
    wave, _, cycle = part.partition(" ")
    if wave in {"sin", "cos"} and cycle in CYCLES:
        first, length = CYCLES[cycle]
        angle = (date_part(seconds, cycle) - first) * (2 * np.pi / length)
        return np.sin(angle) if wave == "sin" else np.cos(angle)
    moments = np.floor(seconds).astype("datetime64[s]")
    days = moments.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    years = moments.astype("datetime64[Y]")
    match part:
        case "year":
            result = years.astype(np.int64) + 1970
        case "month":
            result = months.astype(np.int64) % 12 + 1
        case "day":
            result = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
        case "day_of_year":
            result = (days - years.astype("datetime64[D]")).astype(np.int64) + 1
        case "weekday":
            result = (days.astype(np.int64) + 3) % 7
        case "hour":
            result = (moments - days.astype("datetime64[s]")).astype(np.int64) // 3600
        case _:
            raise ModelError(f"The model has an unknown date part {part!r}.")
    return result.astype(np.float64)
