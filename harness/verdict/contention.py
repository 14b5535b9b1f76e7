"""What contention costs the client: how the processor time of a request grows with the crowd that it waits in.

The worker records the processor time of crowds and of one task alone, several times. What a request costs, in costs of
one that is alone, is laid over the number of tasks as a straight line: flat for a pool whose work does not depend on
who waits, rising for one that looks at everybody. What it has risen by at the largest crowd, with its 95% interval,
decides; the exponent of a crowd's whole time over its tasks (1 is linear, 2 quadratic) is told beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import inf, log, sqrt
from statistics import fmean, linear_regression, median

from ..protocol.history import History
from .judgement import Cost

RISEN = 0.3
"""What waiting adds to the cost of a request at the largest crowd, in costs of one alone, beyond which growth is told.

Caches and the collector add some hundredths; a pool that looks at everybody adds several whole ones."""
LINEAR = 1.0
"""What the exponent's interval has to be above as well: a crowd that costs more from the first, and no more the larger
it is, is no growth."""
FLAT, CHEAP = 1.25, 2.0
"""What the exponent's interval has to be below for a line that is no growth beyond doubt, and what a request of the
largest crowd costs where there is growth, in costs of one alone: a held-up crowd looks like growth in one of them, or
hides it, not in both."""
ENOUGH = 1000
"""Tasks that the largest crowd has to have before a flat line says anything."""
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16)
"""Student's t for a two-sided 95% interval, by degrees of freedom from 1; the last also for more."""

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Crowds:
    """What was recorded of crowds: what their requests came to, and the growth, None where there is too little of it.

    `super_linear` is None where it can't be told beyond doubt.
    """

    outcomes: Counter[str]
    cost: Cost | None = None
    super_linear: bool | None = None


def crowds_of(history: History) -> Crowds | None:
    """The crowds of a history; None where none came."""
    told = [record.data for record in history.of("cost", phase="burst")]
    if not told:
        return None
    outcomes = sum((Counter(data["outcomes"]) for data in told), Counter[str]())
    each = [(float(data["tasks"]), data["cpu"] / data["requests"]) for data in told if set(data["outcomes"]) == {"ok"}]
    alone = [cpu for tasks, cpu in each if tasks == 1 and cpu > 0]
    crowds = [(tasks, cpu) for tasks, cpu in each if tasks > 1 and cpu > 0]
    if not alone or len({tasks for tasks, _ in crowds}) < 2:
        return Crowds(outcomes)
    return _growth(outcomes, [(tasks, cpu / fmean(alone)) for tasks, cpu in each], crowds)


def _growth(outcomes: Counter[str], each: Points, crowds: Points) -> Crowds:
    smallest, largest = min(crowds)[0], max(crowds)[0]
    exponent, half = slope([(log(tasks), log(tasks * cpu)) for tasks, cpu in crowds])
    if half == inf:
        return Crowds(outcomes)
    cost = Cost(
        exponent=round(exponent, 1),
        low=round(exponent - half, 1),
        high=round(exponent + half, 1),
        ratio=round(median(share for tasks, share in each if tasks == largest), 1),
        tasks=(int(smallest), int(largest)),
    )
    if largest >= ENOUGH and exponent + half < FLAT and cost.ratio < CHEAP:
        return Crowds(outcomes, cost, False)
    rise, doubt = slope(each)
    risen = (rise - doubt) * largest > RISEN and exponent - half > LINEAR and cost.ratio >= CHEAP
    return Crowds(outcomes, cost, True if risen else None)


def slope(points: Points) -> tuple[float, float]:
    """The slope of the straight line through points, and half of its 95% interval; infinite for less than three."""
    xs, ys = zip(*points, strict=True)
    found, intercept = linear_regression(xs, ys)
    free = len(points) - 2
    if free < 1:
        return found, inf
    rest = sum((y - intercept - found * x) ** 2 for x, y in points)
    spread = sum((x - fmean(xs)) ** 2 for x in xs)
    return found, _STUDENT[min(free, len(_STUDENT)) - 1] * sqrt(rest / free / spread)
