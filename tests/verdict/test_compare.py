"""How two cells compare: rates by their intervals, all else by status, key and points."""

from __future__ import annotations

import pytest
from support.answers import cell

from poolgate.verdict.compare import Change, apart, compare, failing_rate, flips, open_pairs, open_question
from poolgate.verdict.judgement import Point
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import After, Burst, Status

PASS, FAIL = cell(), cell(status="fail")
RARE, OFTEN = cell(status="flaky", failed=1, runs=24), cell(status="flaky", failed=20, runs=24)
HALF = cell(status="flaky", failed=1, runs=2)
UNKNOWN, UNSUPPORTED = cell(status="unknown"), cell(status="unsupported")


def swept(*styles: str) -> CellResult:
    points = [Point(style=style, situation="cold", backend="asyncio", site="x:y", step=1, lost=1) for style in styles]
    return cell(status="fail", points=points)


@pytest.mark.parametrize(
    ("base", "head", "change", "records"),
    [
        (PASS, PASS, Change.SAME, None),
        (PASS, FAIL, Change.WORSE, None),
        (FAIL, PASS, Change.BETTER, None),
        (PASS, OFTEN, Change.WORSE, None),
        (PASS, RARE, Change.WORSE, "not known well enough"),
        (RARE, PASS, Change.BETTER, "not known well enough"),
        (RARE, OFTEN, Change.WORSE, "failing 1 of 24, 95% interval 1% to 20%, then 20 of 24"),
        (OFTEN, RARE, Change.BETTER, "then 1 of 24"),
        (RARE, RARE, Change.SAME, "not known well enough"),
        (HALF, FAIL, Change.SAME, "1 of 2, 95% interval 9% to 91%; 3 of 3"),
        (RARE, cell(status="fail", runs=24), Change.WORSE, "then 24 of 24"),
        (FAIL, FAIL, Change.SAME, None),
        (cell(status="fail", after=After.LEAKS, key="x"), FAIL, Change.WORSE, "fails in another way: x, then"),
        (FAIL, cell(status="fail", after=After.LATE, key="x"), Change.BETTER, "fails in another way"),
        (cell(status="fail", burst=Burst.COMPLETES, key="x"), FAIL, Change.WORSE, "fails in another way"),
        (swept("native"), swept("native", "double"), Change.WORSE, "leaks anew: double/cold/asyncio"),
        (swept("native", "double"), swept("native"), Change.BETTER, "leaks no more: double/cold/asyncio"),
        (swept("native"), swept("native"), Change.SAME, None),
        (UNKNOWN, PASS, Change.UNKNOWN, "base is unknown: because"),
        (PASS, UNSUPPORTED, Change.UNKNOWN, "head is unsupported: because"),
        (UNSUPPORTED, UNSUPPORTED, Change.SAME, "neither has it: because"),
    ],
)
def test_what_becomes_of_a_cell(base: CellResult, head: CellResult, change: Change, records: str | None) -> None:
    found, remark = compare(base, head)
    assert found is change
    assert (remark is None) if records is None else records in (remark or "")


def test_a_rate_is_open_where_intervals_meet_and_nowhere_else() -> None:
    assert open_question(HALF, PASS)
    assert open_question(PASS, HALF)
    assert not open_question(RARE, OFTEN)
    assert not open_question(PASS, FAIL)
    assert not open_question(HALF, UNKNOWN)
    assert open_pairs([PASS, HALF, FAIL, PASS], [(0, 1), (2, 3)]) == {0, 1}


def test_every_judged_cell_has_a_rate() -> None:
    rates = [failing_rate(outcome) for outcome in (PASS, FAIL, RARE, UNKNOWN)]
    assert [rate and (rate.failed, rate.runs) for rate in rates] == [(0, 3), (3, 3), (1, 24), None]
    assert not apart(PASS, UNKNOWN)


def test_a_flip_is_another_status_or_another_key() -> None:
    assert flips(PASS, FAIL)
    assert flips(FAIL, cell(status="fail", key="completes/dead"))
    assert not flips(FAIL, cell(release="1.0.3", status="fail"))
    assert not flips(PASS, cell(notes=("served out of order",), status=Status.PASS))
