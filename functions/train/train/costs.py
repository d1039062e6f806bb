"""What a training costs: an estimate from its time, the function's memory and a price per GB-second."""

from typing import Any

# US dollars for a GB-second on x86_64 in us-east-1, first tier: AWS Lambda's price list, as pages quote it
# that were read in November 2026. No free tier, no requests; other regions cost up to a third more.
PRICE_PER_GB_SECOND = 0.0000166667
_MB_PER_GB = 1024


def estimate_cost(seconds: float, memory_mb: int | None) -> dict[str, Any] | None:
    """Return what so many seconds of a function cost.

    Parameters
    ----------
    seconds : float
        How long it has worked.
    memory_mb : int or None
        How much memory it has, in MB.

    Returns
    -------
    dict or None
        ``usd`` with what it is made of; None where it is not known how much memory there is.
    """
    if memory_mb is None:
        return None
    memory_gb = memory_mb / _MB_PER_GB
    return {
        "estimate": True,
        "usd": round(seconds * memory_gb * PRICE_PER_GB_SECOND, 6),
        "seconds": seconds,
        "memory_gb": memory_gb,
        "usd_per_gb_second": PRICE_PER_GB_SECOND,
        "basis": "Time of the training function times its memory, at the price of us-east-1 (November 2026); "
        "storage, requests and other functions are not counted.",
    }
