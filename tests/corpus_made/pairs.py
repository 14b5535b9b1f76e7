"""Two outcomes of one cell, and what becomes of it between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from corpus_cases import Pair

from poolgate.verdict.judgement import Point
from poolgate.verdict.outcome import CellOutcome
from poolgate.verdict.rate import rate_of, rate_of_blocks
from poolgate.verdict.words import TABLE, After, Burst, Status, key_of


def outcome(burst: Burst, after: After, repeats: int = 3, **fields: Any) -> CellOutcome:
    records = {"status": TABLE[burst, after], "burst": burst, "after": after, "key": key_of(burst, after, None)}
    return CellOutcome(scenario="gather-over-limit", variant={}, repeats=repeats, **{**records, **fields})


def flaky(failed: int, runs: int, **fields: Any) -> CellOutcome:
    records = {"status": Status.FLAKY, "rate": rate_of(failed, runs), **fields}
    return outcome(Burst.COMPLETES, After.LEAKS, runs, **records)


def blocked(*failed: int, of: int = 3) -> CellOutcome:
    """A cell that chance decides, by the failed runs of each block."""
    counts, runs = [(each, of) for each in failed], of * len(failed)
    status = Status.FLAKY if 0 < sum(failed) < runs else Status.FAIL if sum(failed) else Status.PASS
    after = After.LEAKS if sum(failed) else After.SERVES
    rate = rate_of_blocks(counts) if status is Status.FLAKY else None
    return outcome(Burst.COMPLETES, after, runs, status=status, rate=rate, blocks=counts)


def unjudged(status: Status, reason: str | None) -> CellOutcome:
    return CellOutcome(scenario="gather-over-limit", variant={}, status=status, reason=reason)


def swept(*styles: str, site: str = "x:y") -> CellOutcome:
    points = [Point(style=style, situation="cold", backend="asyncio", site=site, step=1, lost=1) for style in styles]
    return outcome(Burst.COMPLETES, After.LEAKS, 1, points=points, covered=9)


OUTCOMES: dict[str, CellOutcome] = {
    "passes": outcome(Burst.COMPLETES, After.SERVES),
    "back-pressure": outcome(Burst.BACK_PRESSURE, After.SERVES),
    "leaks": outcome(Burst.COMPLETES, After.LEAKS),
    "dead": outcome(Burst.COMPLETES, After.DEAD),
    "hangs": outcome(Burst.HANGS, After.SERVES),
    "error-leaks": outcome(Burst.ERROR, After.LEAKS),
    "rare": flaky(1, 24),
    "often": flaky(20, 24),
    "half": flaky(1, 2),
    "swept-native": swept("native"),
    "swept-both": swept("native", "double"),
    "swept-elsewhere": swept("native", site="z:y"),
    "unknown": unjudged(Status.UNKNOWN, "because"),
    "unsupported": unjudged(Status.UNSUPPORTED, "because"),
    "uninstallable": unjudged(Status.UNINSTALLABLE, None),
    "never-run": outcome(Burst.COMPLETES, After.LEAKS, 0),
}

BLOCKED: dict[str, CellOutcome] = {
    "never": blocked(*[0] * 8),
    "always": blocked(*[3] * 8),
    "half-evenly": blocked(*[1, 2] * 4),
    "half-unevenly": blocked(*[0, 3] * 4),
    "never-seven-blocks": blocked(*[0] * 7),
    "rare-many-blocks": blocked(*[1] + [0] * 39),
    "often-many-blocks": blocked(*[2] * 40),
    "often-uneven-many-blocks": blocked(*[3, 3, 0] * 13, 3),
    "rare-large-blocks": blocked(*[2] * 10, of=30),
    "a-little-more-large-blocks": blocked(*[4] * 10, of=30),
    "more-large-blocks": blocked(*[7] * 10, of=30),
}
"""Cells that chance decides, compared by their blocks."""

TYPICAL = {"passes", "leaks", "rare", "unknown"}
"""What every outcome is compared with."""


def made() -> Iterator[Pair]:
    for one, other in itertools.product(OUTCOMES, repeat=2):
        if one == other or {one, other} & TYPICAL or (one.startswith("swept") and other.startswith("swept")):
            yield Pair(f"comparison/{one}-then-{other}", OUTCOMES[one], OUTCOMES[other])
    for failed in range(2, 24, 3):
        yield Pair(f"comparison/rare-then-{failed}-of-24", OUTCOMES["rare"], flaky(failed, 24))
    for one, other in itertools.permutations(BLOCKED, 2):
        yield Pair(f"comparison/blocks-{one}-then-{other}", BLOCKED[one], BLOCKED[other])
    for name in ("passes", "leaks", "rare", "unknown"):
        yield Pair(f"comparison/blocks-never-then-{name}-without", BLOCKED["never"], OUTCOMES[name])
        yield Pair(f"comparison/{name}-without-then-blocks-never", OUTCOMES[name], BLOCKED["never"])
    for few in ((1, 0), (1, 0, 2), (0, 1, 0, 2)):
        yield Pair(f"comparison/{len(few)}-blocks-then-always", blocked(*few), BLOCKED["always"])
    # One ends where the other begins.
    yield Pair("comparison/intervals-that-touch", flaky(7, 35), flaky(5, 7))
    yield Pair("comparison/late-then-dead", outcome(Burst.HANGS, After.LATE), OUTCOMES["dead"])
    yield Pair("comparison/fails-24-then-rare", outcome(Burst.COMPLETES, After.LEAKS, 24), OUTCOMES["rare"])
    yield Pair(
        "comparison/fails-24-then-passes-24",
        *[outcome(Burst.COMPLETES, after, 24) for after in (After.LEAKS, After.SERVES)],
    )
