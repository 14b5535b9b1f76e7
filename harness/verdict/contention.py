"""The cost of contention: how the processor time of a request grows with the burst of tasks that it is part of.

The worker records the processor time of bursts and of one task alone, several times. The cost of a request, relative to
a request alone, is fitted over the number of tasks as a straight line: flat for a pool whose work does not depend on
the waiting requests, rising for a pool that visits all of them. The rise at the largest burst, with its 95% interval,
decides; the exponent of a burst's total time over its tasks (1 is linear, 2 quadratic) is reported as well.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import inf, log, sqrt
from statistics import fmean, linear_regression, median

from ..protocol.history import History
from .judgement import ContentionCost

RISEN = 0.3
"""What waiting adds to the cost of a request in the largest burst, in costs of one alone, beyond which it is growth.

Caches and the garbage collector add some hundredths; a pool that visits all waiting requests adds whole ones."""
LINEAR = 1.0
"""What the exponent's interval has to exceed as well: bursts that cost more than one task alone, whatever their size,
do not show growth."""
FLAT, CHEAP = 1.25, 2.0
"""What the exponent's interval has to be below for a line that certainly shows no growth, and what a request of the
largest burst costs where there is growth, in costs of one alone: a delayed burst looks like growth in one of the two,
or hides it, not in both."""
ENOUGH = 1000
"""Tasks that the largest burst needs before a flat line is a result."""
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16)
"""Student's t for a two-sided 95% interval, by degrees of freedom from 1; the last also for more."""

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Contention:
    """The recorded bursts of tasks: the outcomes of their requests, and the growth, None for too few bursts.

    `super_linear` is None where the growth is uncertain.
    """

    outcomes: Counter[str]
    cost: ContentionCost | None = None
    super_linear: bool | None = None


def contention_of(history: History) -> Contention | None:
    """Return the bursts of tasks of a history; None where there are none."""
    recorded = [record.data for record in history.of("cost", phase="burst")]
    if not recorded:
        return None
    outcomes = sum((Counter(data["outcomes"]) for data in recorded), Counter[str]())
    each = [
        (float(data["tasks"]), data["cpu"] / data["requests"]) for data in recorded if set(data["outcomes"]) == {"ok"}
    ]
    alone = [cpu for tasks, cpu in each if tasks == 1 and cpu > 0]
    bursts = [(tasks, cpu) for tasks, cpu in each if tasks > 1 and cpu > 0]
    if not alone or len({tasks for tasks, _ in bursts}) < 2:
        return Contention(outcomes)
    return _growth(outcomes, [(tasks, cpu / fmean(alone)) for tasks, cpu in each], bursts)


def _growth(outcomes: Counter[str], each: Points, bursts: Points) -> Contention:
    smallest, largest = min(bursts)[0], max(bursts)[0]
    exponent, half = slope([(log(tasks), log(tasks * cpu)) for tasks, cpu in bursts])
    if half == inf:
        return Contention(outcomes)
    cost = ContentionCost(
        exponent=round(exponent, 1),
        low=round(exponent - half, 1),
        high=round(exponent + half, 1),
        ratio=round(median(share for tasks, share in each if tasks == largest), 1),
        tasks=(int(smallest), int(largest)),
    )
    if largest >= ENOUGH and exponent + half < FLAT and cost.ratio < CHEAP:
        return Contention(outcomes, cost, False)
    rise, doubt = slope(each)
    risen = (rise - doubt) * largest > RISEN and exponent - half > LINEAR and cost.ratio >= CHEAP
    return Contention(outcomes, cost, True if risen else None)


def slope(points: Points) -> tuple[float, float]:
    """Return the slope of the line through points, and half of its 95% interval; infinite for fewer than three."""
    xs, ys = zip(*points, strict=True)
    found, intercept = linear_regression(xs, ys)
    free = len(points) - 2
    if free < 1:
        return found, inf
    rest = sum((y - intercept - found * x) ** 2 for x, y in points)
    spread = sum((x - fmean(xs)) ** 2 for x in xs)
    return found, _STUDENT[min(free, len(_STUDENT)) - 1] * sqrt(rest / free / spread)
