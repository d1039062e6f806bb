"""What is kept in memory between requests: models within a bound of bytes, entries for a moment."""

import gc
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

_MAX_ENTRIES = 1_000


class BoundedCache[Value]:
    """Values within a bound of bytes, the longest unused forgotten first.

    Parameters
    ----------
    max_bytes : int
        What all of them together may hold. A value larger than that is never kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    @property
    def held(self) -> int:
        """Bytes of all values that are kept."""
        return sum(size for _, size in self._kept.values())

    def get(self, key: Hashable) -> Value | None:
        """Value of a key, which is now the one used last; None if it is not kept."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def make_room(self, size: int) -> None:
        """Forget values until so many bytes more fit, or nothing is left."""
        while self._kept and self.held + size > self._max_bytes:
            self._kept.popitem(last=False)

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keep a value of so many bytes, unless it alone is over the bound."""
        self.make_room(size)
        if size <= self._max_bytes:
            self._kept[key] = (value, size)


class Moments[Value]:
    """Answers that count as fresh for a moment.

    The time of day decides: the monotonic clock may stand still while Lambda freezes the process.

    Parameters
    ----------
    seconds : float
        How long.
    clock : callable
        Returns seconds; replaced in tests.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._seconds = seconds
        self._clock = clock
        self._known: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()

    def get(self, key: Hashable, ask: Callable[[], Value]) -> Value:
        """Answer of a key: the last one while it is fresh, else a new one; errors are not kept."""
        now = self._clock()
        if key in self._known:
            asked, value = self._known[key]
            if 0 <= now - asked < self._seconds:
                return value
        value = ask()
        self._known[key] = (now, value)
        self._known.move_to_end(key)
        if len(self._known) > _MAX_ENTRIES:
            self._known.popitem(last=False)
        return value


def held_bytes(root: object) -> int:
    """Bytes that an object holds in memory, with everything that only leads on from it.

    Parameters
    ----------
    root : object
        Whose arrays, texts and containers are counted, each once; classes and modules are not.
    """
    seen: set[int] = set()
    left: list[Any] = [root]
    total = 0
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        if isinstance(one, FunctionType):
            left.extend(one.__closure__ or ())
        elif isinstance(one, np.ndarray):
            left.append(one.base)
            if one.dtype == object:
                left.extend(one.ravel().tolist())
        else:
            left.extend(gc.get_referents(one))
    return total
