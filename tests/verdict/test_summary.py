"""Several runs of a cell have one outcome: which run decides, and what is noted when they differ."""

from __future__ import annotations

import pytest

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.measurement.repeats import KNOWN, RACY, wanted
from poolgate.measurement.settings import Settings
from poolgate.targets.parse import parse
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.rate import rate_of
from poolgate.verdict.summary import summary
from poolgate.verdict.words import After, Burst, Status

PASS = Judgement(status=Status.PASS, burst=Burst.COMPLETES, after=After.SERVES, key="completes/serves")
LEAK = Judgement(status=Status.FAIL, burst=Burst.COMPLETES, after=After.LEAKS, key="completes/leaks")
DEAD = Judgement(status=Status.FAIL, burst=Burst.HANGS, after=After.DEAD, key="hangs/dead")
NEVER = Judgement(status=Status.UNSUPPORTED, reason="its first request ends in ReadError()")
LATE = Judgement(status=Status.UNKNOWN, reason="the machine was late", late=True)


@pytest.mark.parametrize(
    ("runs", "status", "key", "rate"),
    [
        ([PASS], Status.PASS, "completes/serves", None),
        ([PASS, PASS], Status.PASS, "completes/serves", None),
        ([LEAK, LEAK, LEAK], Status.FAIL, "completes/leaks", None),
        ([PASS, LEAK, PASS], Status.FLAKY, "completes/leaks", (1, 3)),
        ([DEAD, LEAK, PASS, LEAK], Status.FLAKY, "completes/leaks", (3, 4)),
        ([DEAD, LEAK, LEAK], Status.FAIL, "completes/leaks", None),
        ([LATE], Status.UNKNOWN, None, None),
        ([LEAK, LATE], Status.UNKNOWN, None, None),
        ([NEVER, NEVER], Status.UNSUPPORTED, None, None),
        ([LEAK, NEVER, LEAK], Status.FAIL, "completes/leaks", None),
        ([NEVER, PASS], Status.PASS, "completes/serves", None),
        ([PASS, LEAK, NEVER], Status.FLAKY, "completes/leaks", (1, 2)),
        ([LATE, NEVER, LEAK], Status.UNKNOWN, None, None),
    ],
)
def test_the_worst_decides(
    runs: list[Judgement], status: Status, key: str | None, rate: tuple[int, int] | None
) -> None:
    """Flaky means that some runs pass and some fail; runs that all fail, each in its way, fail."""
    outcome = summary(Cell(*select(["gather-over-limit"])[0], parse("httpx==0.28.1")), runs)
    assert (outcome.status, outcome.key) == (status, key)
    assert (outcome.rate and (outcome.rate.failed, outcome.rate.runs)) == rate
    assert sum(outcome.keys.values()) == outcome.repeats == sum(run.key is not None for run in runs)
    assert ("differs from run to run" in outcome.notes) == (len({run.key for run in runs} - {None}) > 1)


def test_a_run_whose_first_request_fails_is_noted_where_other_runs_are_judged() -> None:
    outcome = summary(Cell(*select(["gather-over-limit"])[0], parse("httpx==0.28.1")), [LEAK, NEVER, LEAK])
    assert "1 of 3 runs not judged: its first request ends in ReadError()" in outcome.notes
    assert outcome.reason is None


@pytest.mark.parametrize(
    ("settings", "runs", "more"),
    [
        (Settings(), [PASS], 1),
        (Settings(), [LEAK], 3),
        (Settings(), [LEAK] * 3, 3),
        (Settings(), [LEAK, DEAD], RACY),
        (Settings(), [LEAK, LEAK, PASS], RACY),
        (Settings(), [LEAK] * 17 + [PASS] * 7, 24),
        (Settings(), [LEAK] * 11 + [PASS], 12),
        (Settings(repeats=2), [LEAK, PASS], 2),
    ],
)
def test_a_racy_cell_is_repeated_until_its_rate_is_known(settings: Settings, runs: list[Judgement], more: int) -> None:
    """One run that passes will do and three that fail alike; where they differ it takes as many as its rate does."""
    assert wanted(settings, Cell(*select(["gather-over-limit"])[0], parse("httpx==0.28.1")), runs) == more


@pytest.mark.parametrize("failed", range(1, RACY))
def test_no_rate_is_unknown_after_the_most_runs(failed: int) -> None:
    rate = rate_of(failed, RACY)
    assert rate.high - rate.low <= KNOWN
