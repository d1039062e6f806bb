"""What a step used of the machine that service and load generator share."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil

from infra.local.runtime import UNRESERVED_CONCURRENCY
from infra.local.stack import LocalStack
from infra.local.template import Template
from tests.load.steps import Step

CORES = os.cpu_count() or 1
# Beyond these, something counts as used up.
_MACHINE_FULL = 90.0
# A server of one process waits for its clients now and then, also when they wait for it.
_CORE_FULL = 85.0
_PROCESSES_FULL = 0.9
# Above this the other programs of the machine have a say in the figures.
_OTHERS_MUCH = 10.0
_GENERATOR, _GATEWAY, _AWS, _FUNCTIONS, _OTHERS = (
    "load generator",
    "gateway",
    "moto",
    "functions",
    "all else",
)
PARTS = (_FUNCTIONS, _GATEWAY, _AWS, _GENERATOR, _OTHERS)
_MACHINE = "machine %"
_AT_WORK = "at work: "


@dataclass(frozen=True)
class _Reading:
    at: float
    busy: float
    parts: Mapping[str, float]
    invocations: Mapping[str, int]


class Meter:
    """Reads what a stack and the load generator have used between two moments.

    Parameters
    ----------
    stack : LocalStack
        The stack; the gateway is in this process.
    """

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack

    def begin(self, generator: int) -> Callable[[], dict[str, float]]:
        """Begin to measure; what is answered ends it and returns the figures.

        Percentages of the whole machine, and under ``at work: {function}`` how many of its processes worked
        on the average.

        Parameters
        ----------
        generator : int
            Process id of the load generator.
        """
        first = self._read(generator)

        def end() -> dict[str, float]:
            last = self._read(generator)
            seconds = last.at - first.at
            share = 100 / (seconds * CORES)
            used = {
                name: max(0.0, last.parts[name] - first.parts.get(name, 0.0)) * share for name in last.parts
            }
            whole = (last.busy - first.busy) * share
            figures = {_MACHINE: whole} | used | {_OTHERS: max(0.0, whole - sum(used.values()))}
            for name, pool in self._stack.functions.items():
                durations = pool.durations_ms[first.invocations[name] : last.invocations[name]]
                if durations:
                    figures[f"{_AT_WORK}{name}"] = sum(durations) / 1000 / seconds
            return {name: round(value, 1) for name, value in figures.items()}

        return end

    def _read(self, generator: int) -> _Reading:
        parts = dict.fromkeys((_FUNCTIONS, _GATEWAY, _AWS, _GENERATOR), 0.0)
        workers = {pid for pool in self._stack.functions.values() for pid in pool.environments}
        own = psutil.Process()
        parts[_GATEWAY] = _cpu_seconds(own)
        for child in own.children(recursive=True):
            try:
                parts[_part_of(child, generator, workers)] += _cpu_seconds(child)
            except psutil.Error:
                continue
        times = psutil.cpu_times()
        return _Reading(
            at=time.monotonic(),
            busy=sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0),
            parts=parts,
            invocations={name: len(pool.durations_ms) for name, pool in self._stack.functions.items()},
        )


@dataclass(frozen=True)
class Bound:
    """How many processes of a function may work at once, and who says so."""

    processes: int
    whose: str


def bounds_of(template: Template) -> dict[str, Bound]:
    """The bound of each function on the local stack."""
    bounds = {
        name: Bound(function.reserved_concurrency, "the template's reserved concurrency")
        if function.reserved_concurrency is not None
        else Bound(UNRESERVED_CONCURRENCY, "the local stack's bound")
        for name, function in template.functions.items()
    }
    for mapping in template.queue_mappings:
        most = mapping.maximum_concurrency
        if most is not None and most < bounds[mapping.function].processes:
            bounds[mapping.function] = Bound(most, "the template's maximum concurrency of its queue")
    return bounds


def shortage(step: Step, bounds: Mapping[str, Bound]) -> list[str]:
    """What a step used up, in sentences.

    Parameters
    ----------
    step : Step
        With the figures of :meth:`Meter.begin`.
    bounds : mapping
        Of the functions.
    """
    used = step.machine
    found = []
    if used[_MACHINE] >= _MACHINE_FULL:
        parts = ", ".join(f"{name} {used[name]:.0f} %" for name in PARTS)
        found.append(f"CPU: {CORES} cores were {used[_MACHINE]:.0f} % busy ({parts}).")
    found += [
        f"The local {name}: its one process used {used[name] * CORES:.0f} % of a core; AWS has no such bound."
        for name in (_GATEWAY, _AWS)
        if used[name] * CORES >= _CORE_FULL
    ]
    for name, bound in bounds.items():
        at_work = used.get(f"{_AT_WORK}{name}", 0.0)
        if at_work >= bound.processes * _PROCESSES_FULL:
            found.append(
                f"Processes: {at_work:.1f} of {bound.processes} of {name} were at work ({bound.whose})."
            )
    found = found or ["Nothing that is measured here was used up: it waits for something, or for users."]
    if used[_OTHERS] > _OTHERS_MUCH:
        found.append(
            f"Other programs used {used[_OTHERS]:.0f} % of the machine: with it alone the limit is higher."
        )
    return found


def _part_of(process: psutil.Process, generator: int, workers: set[int]) -> str:
    if process.pid == generator:
        return _GENERATOR
    if process.pid in workers:
        return _FUNCTIONS
    command = process.cmdline()
    return _AWS if any("moto_process" in word for word in command) else _FUNCTIONS


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
