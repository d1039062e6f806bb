"""Which request fails in what way: decided by a seed and the number of the request, and by nothing else."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Requests of a service are looked at in groups: all of a group meet the same weather.
GROUP = 12
# Of the requests in a storm so many fail: more than a client's own attempts make good.
STORM_SHARE = 0.95


class Fault(StrEnum):
    """What becomes of a request."""

    ERROR = "error"  # the service answers that it broke, and did nothing
    THROTTLE = "throttle"  # the service answers that it is asked too often, and did nothing
    SLOW = "slow"  # the answer takes its time
    CUT = "cut"  # it is done; the connection ends in the middle of the answer
    LOST = "lost"  # it is done; the connection ends without an answer
    DENIED = "denied"  # it is done; the service answers that it broke


ALL = dict.fromkeys(Fault, 1.0)


@dataclass(frozen=True)
class Rule:
    """How often, and how, requests to a service fail.

    Parameters
    ----------
    share : float
        Of requests that fail in calm weather.
    storms : float
        Of groups of requests in which nearly all fail.
    weights : mapping
        How often each kind of fault is chosen, compared to the others.
    slow_seconds : tuple of float
        The shortest and the longest delay.
    """

    share: float
    storms: float = 0.0
    weights: Mapping[Fault, float] = field(default_factory=lambda: ALL)
    slow_seconds: tuple[float, float] = (0.1, 1.5)


@dataclass(frozen=True)
class Decision:
    """What becomes of one request: no fault, or one and, where it is slow, for how long."""

    fault: Fault | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Rules of services.

    Parameters
    ----------
    seed : str
        Plans of equal seeds decide alike.
    rules : mapping
        By service; a service without one never fails.
    """

    seed: str
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def decide(self, service: str, number: int) -> Decision:
        """What becomes of a request, the so many-th of its service."""
        rule = self.rules.get(service)
        if rule is None:
            return Decision()
        weather = dice_of(self.seed, service, number // GROUP)
        share = STORM_SHARE if weather.random() < rule.storms else rule.share
        dice = dice_of(self.seed, service, number // GROUP, number)
        if dice.random() >= share:
            return Decision()
        (fault,) = dice.choices(list(rule.weights), list(rule.weights.values()))
        return Decision(fault, dice.uniform(*rule.slow_seconds) if fault is Fault.SLOW else 0.0)


def dice_of(*parts: object) -> random.Random:
    """Return dice that fall alike whenever they are made of the same parts."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311  # it must be repeatable, not secret
