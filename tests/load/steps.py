"""What a step of a load test found, and when there is no sense in a further one."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

TOO_MANY_REQUESTS = 429
# What API Gateway answers when the stage's limit is passed (template.yaml); a user's quota has another code.
THROTTLED = "too_many_requests"
ANALYSIS = "analysis of the upload"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was answered, or was not.

    Parameters
    ----------
    ended : float
        Seconds since the step began.
    name : str
        What was asked.
    milliseconds : float
        From the request to the whole answer.
    status : int
        HTTP status; 0 without an answer.
    code : str
        The problem document's, or what went wrong.
    """

    ended: float
    name: str
    milliseconds: float
    status: int
    code: str = ""

    @property
    def good(self) -> bool:
        """Whether it was answered as it should be."""
        return 200 <= self.status < 300

    @property
    def throttled(self) -> bool:
        """Whether it was refused by the limit of requests per second."""
        return self.status == TOO_MANY_REQUESTS and self.code == THROTTLED


@dataclass(frozen=True)
class Figures:
    """How many good answers there were and how long they took."""

    count: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, milliseconds: Iterable[float]) -> "Figures":
        """Of the times of some answers."""
        times = sorted(milliseconds)
        return cls(len(times), *(round(percentile(times, share), 1) for share in (50, 95, 99)))


@dataclass(frozen=True)
class Step:
    """Some users at once, each with a new request as soon as the last one is answered.

    Parameters
    ----------
    users : int
        How many.
    seconds : float
        How long was measured.
    rate : float
        Good answers per second.
    all : Figures
        Of all good answers; an analysis is no answer.
    by_name : mapping
        The same of each kind.
    errors : mapping
        How many had which status and code; those that were throttled are not among them.
    throttled : int
        How many the limit of requests per second refused.
    machine : mapping
        What was used on this machine, if that is where the service is.
    """

    users: int
    seconds: float
    rate: float
    all: Figures
    by_name: Mapping[str, Figures]
    errors: Mapping[str, int]
    throttled: int
    machine: Mapping[str, float] = field(default_factory=dict)

    @property
    def error_share(self) -> float:
        """Errors among all requests, 0 to 1."""
        return self._share(sum(self.errors.values()))

    @property
    def throttled_share(self) -> float:
        """Throttled requests among all, 0 to 1."""
        return self._share(self.throttled)

    def _share(self, count: int) -> float:
        total = self.all.count + sum(self.errors.values()) + self.throttled
        return count / total if total else 0.0


def step_of(
    users: int,
    requests: Iterable[Request],
    settle: float,
    seconds: float,
    machine: Mapping[str, float] | None = None,
) -> Step:
    """Sum up what was answered after the users had settled and before the end.

    Parameters
    ----------
    users : int
        How many there were.
    requests : iterable of Request
        All of the step.
    settle, seconds : float
        What is left out at the beginning, and how long is counted after it.
    machine : mapping, optional
        What was used meanwhile.
    """
    counted = [request for request in requests if settle <= request.ended < settle + seconds]
    answers = [request for request in counted if request.name != ANALYSIS]
    good = [request for request in answers if request.good]
    names = sorted({request.name for request in counted})
    errors = Counter(
        f"{request.status or 'no answer'} {request.code}".strip()
        for request in counted
        if not request.good and not request.throttled
    )
    return Step(
        users=users,
        seconds=seconds,
        rate=round(len(good) / seconds, 2),
        all=Figures.of(request.milliseconds for request in good),
        by_name={
            name: Figures.of(
                request.milliseconds for request in counted if request.good and request.name == name
            )
            for name in names
        },
        errors=dict(errors.most_common()),
        throttled=sum(request.throttled for request in counted),
        machine=dict(machine or {}),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` percent of the ordered values do not exceed; NaN of none."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


class Reason(StrEnum):
    """Why no further step is taken."""

    THROTTLED = "throttled"
    ERRORS = "errors"
    SLOW = "slow"
    FULL = "full"
    ALL_TAKEN = "all_taken"


@dataclass(frozen=True)
class Rules:
    """When the limit is reached.

    Parameters
    ----------
    slowest_ms : float
        The highest 95th percentile.
    most_errors : float
        The highest share of errors, and of throttled requests.
    least_growth : float
        By which share of the highest rate so far a step must be faster to be called so.
    patience : int
        After how many steps in a row that are not the service counts as full; one alone may be chance.
    """

    slowest_ms: float = 2000.0
    most_errors: float = 0.01
    least_growth: float = 0.1
    patience: int = 2


@dataclass(frozen=True)
class Limit:
    """Where the limit is.

    Parameters
    ----------
    reason : Reason
        How it showed.
    step : Step
        The best step that kept all bounds; the first one if none did.
    sentence : str
        The same in words.
    """

    reason: Reason
    step: Step
    sentence: str


def limit_of(
    steps: Sequence[Step], rules: Rules, throttling: str = "", *, last: bool = False
) -> Limit | None:
    """The limit that the steps so far have found, or None if a further one is worth it.

    Parameters
    ----------
    steps : sequence of Step
        At least one, of ever more users.
    rules : Rules
        The bounds.
    throttling : str
        What the template says about requests per second.
    last : bool
        Whether there is no further step.
    """
    now = steps[-1]
    kept = [step for step in steps if not _passed(step, rules)]
    best = max(kept or steps[:1], key=lambda step: step.rate)
    at = f"{best.rate:,.1f} requests/s with {_users(best)}, p95 {best.all.p95:,.0f} ms"
    passed = _passed(now, rules)
    if passed:
        told = {
            Reason.THROTTLED: f"{now.throttled_share:.1%} of the requests were answered 429 {THROTTLED}: the "
            f"service's own limit of requests per second{throttling and f' ({throttling})'}, no slowness",
            Reason.ERRORS: f"{now.error_share:.1%} of the requests failed: {_list(now.errors)}",
            Reason.SLOW: f"p95 was {now.all.p95:,.0f} ms, above the bound of {rules.slowest_ms:,.0f}",
        }[passed]
        before = f"Best within the bounds: {at}." if kept else "No step kept the bounds."
        return Limit(passed, best, f"With {_users(now)} {told}. {before}")
    if len(steps) > rules.patience and not _grows(steps, rules):
        first = steps[-rules.patience - 1]
        return Limit(
            Reason.FULL,
            best,
            f"Beyond {_users(first)} the rate grew no more, and users only waited longer. Limit: {at}.",
        )
    if last:
        return Limit(Reason.ALL_TAKEN, best, f"The limit was not reached: take more users. Best: {at}.")
    return None


def _passed(step: Step, rules: Rules) -> Reason | None:
    bounds: tuple[tuple[Reason, Callable[[], bool]], ...] = (
        (Reason.THROTTLED, lambda: step.throttled_share > rules.most_errors),
        (Reason.ERRORS, lambda: step.error_share > rules.most_errors or not step.all.count),
        (Reason.SLOW, lambda: step.all.p95 > rules.slowest_ms),
    )
    return next((reason for reason, is_passed in bounds if is_passed()), None)


def _grows(steps: Sequence[Step], rules: Rules) -> bool:
    known = max(step.rate for step in steps[: -rules.patience])
    return any(step.rate > known * (1 + rules.least_growth) for step in steps[-rules.patience :])


def _users(step: Step) -> str:
    return "1 user" if step.users == 1 else f"{step.users} users"


def _list(errors: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {name}" for name, count in errors.items()) or "none was answered"
