"""How much memory a process and its children use."""

import contextlib
from pathlib import Path

import psutil

_MEGABYTE = 1024 * 1024
_SAMPLES_PER_TREE_WALK = 10


class MemoryMeter:
    """Compares the memory of a process tree with a limit.

    Parameters
    ----------
    limit_mb:
        The limit in MB.

    Attributes
    ----------
    peak_mb:
        The highest value seen.
    """

    def __init__(self, limit_mb: int) -> None:
        self.peak_mb = 0.0
        self._limit_mb = limit_mb
        self._children: list[psutil.Process] = []
        self._samples = 0

    def sample(self, pid: int) -> bool:
        """Measure now; returns whether the tree uses more than the limit."""
        used = 0.0
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(pid)
            # The walk looks at every process of the machine, so it is not made each time.
            if self._samples % _SAMPLES_PER_TREE_WALK == 0:
                self._children = process.children(recursive=True)
            self._samples += 1
            used = process.memory_info().rss
        for child in self._children:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                memory = child.memory_info()
                # Pages that a child shares with its parent are counted there already.
                used += memory.rss - getattr(memory, "shared", 0)
        self.peak_mb = max(self.peak_mb, used / _MEGABYTE)
        return used / _MEGABYTE > self._limit_mb

    def read_peak(self, pid: int) -> None:
        """Take the peak that the kernel has recorded, which no sampling misses (Linux)."""
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
                if line.startswith("VmHWM:"):
                    self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)
