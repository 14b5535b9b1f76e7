"""Several judgements of one cell: what decides, and how many more runs are wanted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import msgspec
from corpus_cases import Runs

from poolgate.verdict.judgement import ContentionCost, Judgement, Point, Slots
from poolgate.verdict.words import TABLE, After, Burst, Status, key_of


def verdict(burst: Burst, after: After, error: str | None = None) -> Judgement:
    status, key = TABLE[burst, after], key_of(burst, after, error)
    return Judgement(status=status, burst=burst, after=after, key=key)


PASS = verdict(Burst.COMPLETES, After.SERVES)
LOST = verdict(Burst.COMPLETES, After.LEAKS)
LEAK = msgspec.structs.replace(
    verdict(Burst.COMPLETES, After.LEAKS),
    slots=Slots(2, 1, 1),
    outcomes={"ok": 3},
    expected={"ok": 4},
    notes=("raised in a:b",),
)
DEAD = verdict(Burst.HANGS, After.DEAD)
HARD = verdict(Burst.POOL_TIMEOUT, After.SERVES, "PoolTimeout")
DUE = verdict(Burst.BACK_PRESSURE, After.SERVES, "PoolTimeout")
LATE = Judgement(status=Status.UNKNOWN, reason="the machine was late", late=True)
ABSENT = Judgement(status=Status.UNSUPPORTED, reason="httpx 0.1: no Limits")
REFUSED = Judgement(status=Status.UNSUPPORTED, reason="its first request ends in ReadError()")
COST = ContentionCost(exponent=1.0, low=1.0, high=1.0, ratio=1.1, tasks=(250, 4000))
COSTLY = msgspec.structs.replace(LEAK, cost=COST)
POINT = Point(style="native", situation="cold", backend="asyncio", site="httpcore:connect", step=4, lost=1)


def swept(*sites: str) -> Judgement:
    points = [msgspec.structs.replace(POINT, site=site) for site in sites]
    leaking = msgspec.structs.replace(LEAK, points=points, covered=9)
    return leaking if sites else msgspec.structs.replace(PASS, points=[], covered=9)


SERIES: dict[str, Sequence[Judgement]] = {
    "passes": [PASS],
    "passes-twice": [PASS, PASS],
    "fails": [LEAK] * 3,
    "fails-in-two-ways": [DEAD, LEAK, LEAK],
    "fails-in-two-ways-as-often": [DEAD, LEAK],
    "fails-in-two-ways-as-often-the-other-first": [LEAK, DEAD],
    "fails-once": [PASS, LEAK, PASS],
    "fails-in-ways-and-passes": [DEAD, LEAK, PASS, LEAK],
    "passes-in-two-ways": [PASS, DUE],
    "passes-in-two-ways-and-fails": [PASS, DUE, DUE, HARD],
    "passes-once-of-many": [LOST] * 11 + [PASS],
    "fails-seven-of-24": [LOST] * 7 + [PASS] * 17,
    "fails-half-of-24": [LOST, PASS] * 12,
    "passes-three-of-eighteen": [LOST] * 15 + [PASS] * 3,
    "late": [LATE],
    "late-after-a-failure": [LEAK, LATE],
    "late-before-a-failure": [LATE, LEAK],
    "late-after-a-success": [PASS, LATE],
    "late-after-both": [PASS, LEAK, LATE],
    "unsupported": [ABSENT],
    "unsupported-twice": [ABSENT, ABSENT],
    "first-request-fails-among-failures": [LEAK, REFUSED, LEAK],
    "first-request-fails-before-a-success": [REFUSED, PASS],
    "first-request-fails-with-a-late-run": [REFUSED, LATE, LEAK],
    "costly": [COSTLY],
    "costly-and-not": [COSTLY, LEAK],
    "a-sweep-that-moves": [swept("a"), swept("a", "b"), swept("b", "a")],
    "a-sweep-that-does-not": [swept("a"), swept("a")],
    "a-sweep-that-leaks-once": [swept(), swept("a"), swept()],
    "a-sweep-once": [swept("a")],
    "the-commonest-failure-among-more-successes": [PASS, PASS, PASS, DEAD, LEAK, LEAK],
}


def rows(series: Sequence[Judgement]) -> list[tuple[int, Judgement]]:
    return [(len(list(same)), judgement) for judgement, same in itertools.groupby(series)]


def made() -> Iterator[Runs]:
    for name, judgements in SERIES.items():
        yield Runs(f"summary/{name}", "gather-over-limit", rows(judgements))
    for scenario in ("cancel-sweep", "threads-churn", "contention-cost", "cancel-task-group"):
        for name in ("passes", "fails", "fails-once", "costly", "a-sweep-once"):
            yield Runs(f"summary/{scenario}-{name}", scenario, rows(SERIES[name]))
    for repeats in (1, 2, 5):
        yield Runs(f"summary/asked-for-{repeats}", "gather-over-limit", rows([PASS, LEAK]), repeats)
    for runs in (2, 3, 6, 11, 12, 13, 14, 17, 18, 19, 20, 23, 24, 25):
        for failed in sorted({1, 2, runs // 3, runs // 2} - {0, runs}):
            series = [LOST] * failed + [PASS] * (runs - failed)
            yield Runs(f"sampling/{failed}-of-{runs}-fail", "gather-over-limit", rows(series))
