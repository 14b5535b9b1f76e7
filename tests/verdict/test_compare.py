"""How two cells compare: what chance decides by its blocks of runs, all else by status, key and points."""

from __future__ import annotations

import pytest
from msgspec import UNSET, structs
from support.answers import cell

from poolgate.verdict.compare import Change, apart, compare, failing_rate, flips, open_pairs, open_question
from poolgate.verdict.judgement import Point
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import After, Burst, Status

PASS, FAIL = cell(), cell(status="fail")
RARE, OFTEN = cell(status="flaky", failed=1, runs=24), cell(status="flaky", failed=20, runs=24)
HALF = cell(status="flaky", failed=1, runs=2)
NEVER, ALWAYS, OFTEN_IN_BLOCKS = ([(failed, 3)] * 8 for failed in (0, 3, 2))
UNEVEN = [(0, 3), (3, 3)] * 4
UNKNOWN, UNSUPPORTED = cell(status="unknown"), cell(status="unsupported")


def in_blocks(blocks: list[tuple[int, int]]) -> CellResult:
    """A cell that chance decides, with these blocks of runs."""
    failed, runs = sum(failed for failed, _ in blocks), sum(runs for _, runs in blocks)
    status = "flaky" if 0 < failed < runs else "fail" if failed else "pass"
    return cell(status=status, failed=failed, runs=runs, blocks=blocks, chance=True)


def swept(*styles: str) -> CellResult:
    points = [Point(style=style, situation="cold", backend="asyncio", site="x:y", step=1, lost=1) for style in styles]
    return cell(status="fail", points=points)


@pytest.mark.parametrize(
    ("base", "head", "change", "records"),
    [
        (PASS, PASS, Change.SAME, None),
        (PASS, FAIL, Change.WORSE, None),
        (FAIL, PASS, Change.BETTER, None),
        (PASS, OFTEN, Change.UNKNOWN, "0 of 8 blocks of runs: failing 0 of 3"),
        (RARE, OFTEN, Change.UNKNOWN, "decided by chance, and a side has 0 of 8 blocks"),
        (RARE, RARE, Change.UNKNOWN, "0 of 8 blocks"),
        (HALF, FAIL, Change.UNKNOWN, "failing 1 of 2, 95% interval 9% to 91%, then 3 of 3"),
        (in_blocks(NEVER), FAIL, Change.UNKNOWN, "0 of 8 blocks"),
        (in_blocks(NEVER), in_blocks(NEVER[1:]), Change.UNKNOWN, "7 of 8 blocks"),
        (in_blocks(NEVER), in_blocks(ALWAYS), Change.WORSE, "failing 0 of 24, 95% interval 0% to 19%, then 24 of 24"),
        (in_blocks(ALWAYS), in_blocks(NEVER), Change.BETTER, "then 0 of 24"),
        (in_blocks(NEVER), in_blocks(NEVER), Change.SAME, "then 0 of 24"),
        (in_blocks(NEVER), in_blocks(OFTEN_IN_BLOCKS), Change.WORSE, "then 16 of 24"),
        (in_blocks(NEVER), in_blocks(UNEVEN), Change.UNKNOWN, "not known well enough"),
        (in_blocks(UNEVEN), in_blocks(UNEVEN), Change.UNKNOWN, "not known well enough"),
        (structs.replace(PASS, chance=True), structs.replace(FAIL, chance=True), Change.UNKNOWN, "0 of 8 blocks"),
        (structs.replace(PASS, chance=True), structs.replace(PASS, chance=True), Change.UNKNOWN, "0 of 8 blocks"),
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


def test_a_comparison_is_open_where_chance_decides_and_the_blocks_do_not_suffice() -> None:
    assert open_question(HALF, PASS)
    assert open_question(PASS, HALF)
    assert open_question(RARE, OFTEN)
    assert open_question(in_blocks(NEVER), in_blocks(UNEVEN))
    assert not open_question(in_blocks(NEVER), in_blocks(ALWAYS))
    assert not open_question(PASS, FAIL)
    assert not open_question(HALF, UNKNOWN)
    assert open_pairs([PASS, HALF, FAIL, PASS], [(0, 1), (2, 3)]) == {0, 1}


def test_more_compared_cells_need_a_larger_difference() -> None:
    base, head = in_blocks([(0, 3)] * 8), in_blocks([(1, 3), (2, 3)] * 4)
    assert compare(base, head)[0] is Change.WORSE
    assert compare(base, head, among=1000)[0] is Change.UNKNOWN
    assert apart(base, head)
    assert not apart(base, head, among=1000)


def test_every_judged_cell_has_a_rate() -> None:
    rates = [failing_rate(outcome) for outcome in (PASS, FAIL, RARE, UNKNOWN, in_blocks(UNEVEN))]
    assert [rate and (rate.failed, rate.runs) for rate in rates] == [(0, 3), (3, 3), (1, 24), None, (12, 24)]
    assert not apart(PASS, UNKNOWN)


def test_a_flip_is_another_status_or_another_key() -> None:
    assert flips(PASS, FAIL)
    assert flips(FAIL, cell(status="fail", key="completes/dead"))
    assert not flips(FAIL, cell(release="1.0.3", status="fail"))
    assert not flips(PASS, cell(notes=("served out of order",), status=Status.PASS))


def test_blocks_alone_do_not_leave_a_cell_to_chance() -> None:
    """A release that never varies has blocks for another family: with its neighbours it is compared by its status."""
    steady = in_blocks(NEVER)
    steady = structs.replace(steady, chance=UNSET)
    assert not steady.by_chance
    assert compare(PASS, steady) == (Change.SAME, None)
    assert compare(steady, in_blocks(ALWAYS))[0] is Change.WORSE
    assert compare(steady, HALF)[0] is Change.UNKNOWN
