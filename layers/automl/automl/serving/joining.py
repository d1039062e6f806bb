"""Steps of many fold models as few: what is alike is worked out in one go when a row is served."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.steps import OneHotStep, Plan, ScaledStep, Step, TableStep, TextStep

type Positions = NDArray[np.int32]


def join_plans(plans: Sequence[Plan]) -> tuple[Plan, dict[bytes, Positions]]:
    """Return one plan that makes every column of some plans, and where it puts those of each step.

    Parameters
    ----------
    plans
        What fold models were fitted on. Steps that are equal are taken once.

    Returns
    -------
    tuple
        The plan, and the positions of each step's columns by its digest.
    """
    distinct: dict[bytes, Step] = {}
    for plan in plans:
        for step in plan.steps:
            distinct.setdefault(step.digest, step)
    alike: dict[tuple[Any, ...], list[Step]] = defaultdict(list)
    for step in distinct.values():
        alike[_likeness(step)].append(step)
    steps, places, start = [], {}, 0
    for group in alike.values():
        joined = _join(group)
        steps.append(joined)
        offset = start
        for step in group:
            places[step.digest] = (offset + np.arange(step.width)).astype(np.int32)
            offset += step.width
        start += joined.width
    return Plan(steps), places


def _likeness(step: Step) -> tuple[Any, ...]:
    """Return what steps share that can be joined."""
    if isinstance(step, TextStep):
        return (step.kind, step.digest)
    if isinstance(step, TableStep):
        return (step.kind, step.arrays["table"].shape[1])
    if isinstance(step, ScaledStep):
        return (step.kind, step.arrays["knots"].shape[1])
    return (step.kind,)


def _join(steps: list[Step]) -> Step:
    """Return one step that writes the columns of all, one step's after the other."""
    if len(steps) == 1:
        return steps[0]
    arrays = {
        name: np.concatenate([step.arrays[name] for step in steps])
        for name in steps[0].arrays
        if name not in {"offsets", "slots"}
    }
    content = "slots" if isinstance(steps[0], OneHotStep) else "table"
    if content in steps[0].arrays:
        lengths = np.array([len(step.arrays[content]) for step in steps])
        starts = np.cumsum(lengths) - lengths
        arrays["offsets"] = np.concatenate(
            [step.arrays["offsets"] + start for step, start in zip(steps, starts, strict=True)]
        )
    if isinstance(steps[0], OneHotStep):
        widths = np.array([step.width for step in steps])
        shifts = np.cumsum(widths) - widths
        arrays["slots"] = np.concatenate(
            [
                np.where(step.arrays["slots"] < 0, -1, step.arrays["slots"] + shift)
                for step, shift in zip(steps, shifts, strict=True)
            ]
        )
    return type(steps[0])(arrays)
