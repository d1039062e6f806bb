"""What a training costs: an estimate from its time, the function's memory and a price per GB-second."""

import os
from collections.abc import Mapping
from typing import Any

# US dollars for a GB-second of a function on x86_64 in us-east-1, first tier, without free tier and requests:
# AWS Lambda pricing page, November 2026. Other regions cost up to a third more.
PRICE_PER_GB_SECOND = 0.0000166667
MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
_MB_PER_GB = 1024


def estimate_cost(seconds: float, environment: Mapping[str, str] = os.environ) -> dict[str, Any] | None:
    """Return what so many seconds of this function cost.

    Parameters
    ----------
    seconds : float
        How long it has worked.
    environment : mapping
        Where Lambda says how much memory the function has.

    Returns
    -------
    dict or None
        ``usd`` with what it is made of; None where nothing says how much memory there is.
    """
    memory = environment.get(MEMORY_VARIABLE, "")
    if not memory.isdecimal():
        return None
    memory_gb = int(memory) / _MB_PER_GB
    return {
        "estimate": True,
        "usd": round(seconds * memory_gb * PRICE_PER_GB_SECOND, 6),
        "seconds": seconds,
        "memory_gb": memory_gb,
        "usd_per_gb_second": PRICE_PER_GB_SECOND,
        "basis": "Time of the training function times its memory, at the price of us-east-1 (November 2026); "
        "storage, requests and other functions are not counted.",
    }
