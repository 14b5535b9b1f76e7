"""The verdict on a claim by its cells: confirmed or refuted only by what was seen; doubt stays doubt."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from answers.test_claims import WHOLE
from poolgate.answers.claims.claim import Claim
from poolgate.answers.claims.judge import inconclusive, measured
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import TABLE, After, Burst, Status

BEFORE, AFTER, ELSEWHERE = "httpcore==0.13.7", "httpcore==0.14.0", "httpcore==0.9.0"
PASS, HANGS, LEAKS = "completes/serves", "hangs/dead", "completes/leaks"
ERROR = "error/serves/ReadError"


def claim_of(**changes: Any) -> Claim:
    return msgspec.convert({**WHOLE, **changes}, Claim)


def cell(target: str, *keys: str, scenario: str = "gather-over-limit", status: Status | None = None) -> CellResult:
    """Return a cell whose runs had these keys; without keys it was not judged, and has the given `status`.

    Many runs are in eight blocks.
    """
    burst, after = (keys[0].split("/") if keys else ("", ""))[:2]
    fails = [TABLE[Burst(key.split("/")[0]), After(key.split("/")[1])] is Status.FAIL for key in keys]
    failed = sum(fails)
    flaky = 0 < failed < len(keys)
    found = Status.FLAKY if flaky else Status.FAIL if failed else Status.PASS
    return CellResult(
        scenario=scenario,
        variant={},
        status=status or found,
        burst=Burst(burst) if keys else None,
        after=After(after) if keys else None,
        key=keys[0] if keys else None,
        keys={key: keys.count(key) for key in keys},
        rate=rate_of(failed, len(keys)) if flaky else None,
        repeats=len(keys),
        blocks=[(sum(fails[n::8]), len(fails[n::8])) for n in range(8)] if len(keys) >= 24 else msgspec.UNSET,
        reason=None if keys else "it is so",
        target=target,
        line=None,
        release=None,
        packages={},
        python=None,
        seconds=0.0,
        cached=False,
        replay="",
    )


def of_fix(before: CellResult, after: CellResult, *more: CellResult, **changes: Any) -> tuple[str, str]:
    claim = claim_of(elsewhere=[cell.target for cell in more], **changes)
    found = measured(claim, [before, after, *more])
    return found.verdict, found.why


@pytest.mark.parametrize(
    ("before", "after", "verdict", "why"),
    [
        ([HANGS] * 3, [PASS], "confirmed", "gather-over-limit is fixed: fails with hangs/dead on httpcore==0.13.7"),
        ([HANGS] * 3, [HANGS] * 3, "refuted", "fails on both sides in the same way: fails with hangs/dead."),
        ([HANGS] * 3, [LEAKS] * 3, "refuted", "gather-over-limit gets better, and is not fixed"),
        ([PASS], [HANGS] * 3, "refuted", "gather-over-limit gets worse: passes with completes/serves"),
        ([PASS], [PASS], "not-testable", "No scenario was seen to fail anywhere, so that this proves nothing."),
        ([HANGS] * 20 + [PASS] * 4, [PASS] * 24, "confirmed", "fails with hangs/dead in 20 of 24 runs"),
        ([HANGS] * 20 + [PASS] * 4, [HANGS] * 4 + [PASS] * 20, "confirmed", "gather-over-limit fails less often"),
        ([HANGS] + [PASS] * 23, [PASS] * 24, "not-testable", "gather-over-limit can't be distinguished"),
    ],
)
def test_a_fix_is_what_its_boundary_shows(before: list[str], after: list[str], verdict: str, why: str) -> None:
    found = of_fix(cell(BEFORE, *before), cell(AFTER, *after))
    assert found[0] == verdict, found[1]
    assert why in found[1]


def test_that_there_was_nothing_to_fix_is_reported_only_if_it_failed_somewhere() -> None:
    sides = cell(BEFORE, PASS), cell(AFTER, PASS)
    verdict, why = of_fix(*sides, cell(ELSEWHERE, HANGS, HANGS, HANGS))
    assert verdict == "refuted"
    assert "passes on both sides: there is nothing for httpcore==0.14.0 to fix." in why
    assert "It fails elsewhere: httpcore==0.9.0 (gather-over-limit fails with hangs/dead)." in why


@pytest.mark.parametrize("status", [Status.UNSUPPORTED, Status.UNINSTALLABLE, Status.UNKNOWN])
def test_a_side_that_was_not_judged_refutes_nothing(status: Status) -> None:
    sides = cell(BEFORE, status=status), cell(AFTER, PASS)
    verdict, why = of_fix(*sides, cell(ELSEWHERE, HANGS))
    assert verdict == "not-testable"
    assert f"{status} (it is so) on httpcore==0.13.7" in why
    assert inconclusive(sides) is (status is Status.UNKNOWN)


def test_a_claim_about_slots_says_nothing_about_the_load() -> None:
    """That no slot is lost any more is true though the requests still fail; the other axis alone would refute it."""
    sides = cell(BEFORE, *["error/leaks"] * 3), cell(AFTER, *[ERROR] * 3)
    assert of_fix(*sides, axis="after")[0] == "confirmed"
    assert of_fix(*sides)[0] == "refuted"
    assert of_fix(*sides, axis="burst")[0] == "refuted"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (cell(BEFORE, status=Status.UNSUPPORTED), cell(AFTER, PASS), "confirmed"),
        (cell(BEFORE, status=Status.UNSUPPORTED), cell(AFTER, LEAKS), "confirmed"),
        (cell(BEFORE, PASS), cell(AFTER, PASS), "refuted"),
        (cell(BEFORE, status=Status.UNSUPPORTED), cell(AFTER, status=Status.UNSUPPORTED), "refuted"),
        (cell(BEFORE, status=Status.UNKNOWN), cell(AFTER, PASS), "not-testable"),
    ],
)
def test_what_is_offered_was_not_there_before(before: CellResult, after: CellResult, verdict: str) -> None:
    assert of_fix(before, after, axis="offered")[0] == verdict


def test_one_of_several_scenarios_is_enough_and_the_others_are_reported() -> None:
    claim = claim_of(scenarios=["gather-over-limit", "queue-timeout"])
    others = cell(BEFORE, PASS, scenario="queue-timeout"), cell(AFTER, HANGS, scenario="queue-timeout")
    found = measured(claim, [cell(BEFORE, HANGS), cell(AFTER, PASS), *others])
    assert found.verdict == "confirmed"
    assert "queue-timeout gets worse" in found.why


def test_what_cannot_be_tested_says_why() -> None:
    claim = claim_of(scenarios=[], boundary=[], untestable="it is about the documentation")
    found = measured(claim, [])
    assert (found.verdict, found.why) == ("not-testable", "it is about the documentation")


REPORT = {"release": None, "boundary": [BEFORE, "httpx==0.28.1", "httpx2==2.16.2"]}
TODAY = {"httpx==0.28.1", "httpx2==2.16.2"}


def test_a_report_is_confirmed_where_it_is_seen_and_says_where_it_happens_today() -> None:
    cells = [cell(BEFORE, HANGS), cell("httpx==0.28.1", LEAKS), cell("httpx2==2.16.2", PASS)]
    found = measured(claim_of(**REPORT), cells, TODAY)
    assert found.verdict == "confirmed"
    assert "Today it happens on httpx==0.28.1. Not today on httpx2==2.16.2." in found.why
    assert [kept.target for kept in found.cells] == REPORT["boundary"]
    targets = "httpcore==0.13.7 httpx==0.28.1 httpx2==2.16.2"
    assert found.command == f"poolgate run gather-over-limit --target {targets} --again"


def test_a_report_that_is_seen_nowhere_is_refuted_only_by_a_scenario_that_fails_elsewhere() -> None:
    cells = [cell(target, PASS) for target in (BEFORE, *sorted(TODAY))]
    assert measured(claim_of(**REPORT), cells, TODAY).verdict == "not-testable"
    there = measured(claim_of(**REPORT, elsewhere=[ELSEWHERE]), [*cells, cell(ELSEWHERE, HANGS)], TODAY)
    assert there.verdict == "refuted"
    assert "It happens on none of httpcore==0.13.7, httpx==0.28.1, httpx2==2.16.2." in there.why


def test_a_report_that_none_of_its_targets_can_have_is_not_testable() -> None:
    cells = [cell(target, status=Status.UNSUPPORTED) for target in (BEFORE, *sorted(TODAY))]
    found = measured(claim_of(**REPORT), cells, TODAY)
    assert (found.verdict, "None of its targets can be judged" in found.why) == ("not-testable", True)
