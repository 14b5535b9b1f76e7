"""The numbers of the judging rules, and which of them a cell can reach.

A stored verdict is valid for the numbers of the rules that judged it. A change of a judgement raises the number
of its rule, and with that every cell that can reach the rule becomes stale. The corpus of histories in the tests
enforces this: it accepts another judgement only together with a raised number.

The rules of a cell follow from its declaration: all that it can reach, not only those that decided its verdict.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..scenarios.declaration.scenario import Load, Scenario, Variant, complete, load_of
from .ideal_pool import Outcome, ideal_pool
from .words import After, Burst

EVIDENCE = "evidence"
"""The evidence for every load: the ideal fates, the observed ones, the counted slots, the expected outcomes."""
LATENESS = "lateness"
"""When a machine, a client or the sum of small delays is late, and the consequence."""
ENDS = "ends"
"""Which ends of a worker, and which contradictions in its history, leave a run without a verdict."""
NOTES = "notes"
"""The sentences with the verdict of a load: words, which may change under the same number."""
SWEEP = "sweep"
"""The result of a sweep's moments: its points and its key."""
SUMMARY = "summary"
"""How several judgements of one cell are combined."""
SAMPLING = "sampling"
"""How often a cell is run; a cell that chance decides has blocks, and is measured anew where it has none."""
COMPARISON = "comparison"
"""How two cells compare; no stored verdict depends on it."""

UNSTORED = frozenset({NOTES, COMPARISON})
"""Rules that no stored verdict depends on: the sentences with a verdict, and the comparison of two."""

RULES: dict[str, int] = {
    Burst.CRASHES.value: 1,
    Burst.HANGS.value: 1,
    Burst.OVER_LIMIT.value: 1,
    Burst.ERROR.value: 1,
    Burst.UNFAIR.value: 1,
    Burst.POOL_TIMEOUT.value: 1,
    Burst.MISSING_TIMEOUT.value: 1,
    Burst.CHURNS.value: 1,
    Burst.OVER_KEPT.value: 1,
    Burst.SUPER_LINEAR.value: 1,
    Burst.BACK_PRESSURE.value: 1,
    Burst.COMPLETES.value: 1,
    After.SERVES.value: 1,
    After.LATE.value: 1,
    After.LEAKS.value: 1,
    After.DEAD.value: 1,
    EVIDENCE: 1,
    LATENESS: 1,
    ENDS: 1,
    NOTES: 1,
    SWEEP: 1,
    SUMMARY: 1,
    SAMPLING: 1,
    COMPARISON: 2,
}
"""The number of each rule, from 1; it is raised by one with every change of a judgement, and never lowered."""

_OF_A_SWEEP = (Burst.HANGS, Burst.ERROR, Burst.COMPLETES, After.SERVES, After.LATE, After.LEAKS, ENDS, SWEEP)
_OF_EVERY_CELL = (SUMMARY, SAMPLING)

_known: dict[tuple[str, tuple[tuple[str, str], ...]], frozenset[str]] = {}


def rules_of(scenario: Scenario, variant: Variant) -> dict[str, int]:
    """Return the rules that a cell of this scenario and variant can reach, with their numbers, in the order of `RULES`.

    A variant may omit defaults. Raises KeyError or ValueError for a variant that the scenario does not have.
    """
    place = (scenario.id, tuple(sorted(variant.items())))
    if place not in _known:
        load = load_of(scenario, complete(scenario, variant))
        _known[place] = frozenset({*reached(load, swept=scenario.run is not None), *_OF_EVERY_CELL})
    return {rule: number for rule, number in RULES.items() if rule in _known[place]}


def reached(load: Load, *, swept: bool) -> frozenset[str]:
    """Return the rules that one run of this load can reach; `swept` for a load that is run as a sweep."""
    return frozenset(map(str, _OF_A_SWEEP if swept else _of_a_load(load)))


def _of_a_load(load: Load) -> Iterator[str]:
    yield from (EVIDENCE, LATENESS, ENDS, NOTES)
    yield from (Burst.CRASHES, Burst.HANGS, Burst.OVER_LIMIT, Burst.ERROR, After.SERVES, After.LATE, After.DEAD)
    yield from _of_the_queue(load)
    # A single slot is either lost or not: it does not leak in part.
    conditions = {
        Burst.CHURNS: load.connections is not None,
        Burst.OVER_KEPT: load.kept is not None,
        Burst.SUPER_LINEAR: bool(load.ladder),
        After.LEAKS: load.capacity - load.lent > 1,
    }
    yield from (rule for rule, holds in conditions.items() if holds)


def _of_the_queue(load: Load) -> Iterator[Burst]:
    """Yield the bursts about PoolTimeout; a request that races its own deadlines may raise it or not."""
    due = [fate.outcome is Outcome.POOL_TIMEOUT for fate in ideal_pool(load).values() if not fate.raced]
    yield from (Burst.UNFAIR, Burst.MISSING_TIMEOUT, Burst.BACK_PRESSURE) if any(due) else (Burst.COMPLETES,)
    if due or load.ladder:
        yield Burst.POOL_TIMEOUT
