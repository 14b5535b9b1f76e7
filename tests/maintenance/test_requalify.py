"""Requalification without a measurement: the sentinels it chooses, the reasons it refuses for, what it writes."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec
import pytest
from support.golden_files import GOLDEN

from poolgate.cells.cell import Cell
from poolgate.errors import Exit
from poolgate.ledger.freshness import Change, PartCheck, Requalification, Sentinel, load_requalifications
from poolgate.ledger.instruments import SHIPPED, committed
from poolgate.ledger.parts import adapter_of
from poolgate.ledger.store import Ledger
from poolgate.maintenance import requalify
from poolgate.maintenance.instrument_check import Side
from poolgate.maintenance.requalify import SENTINELS, Measure, Stored, changed_cells, encoded, requalified, sentinels_of
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.words import Status

RECORD = Requalification(
    why="how the recorder writes is said in another way",
    command="make requalify 'WHY=how the recorder writes is said in another way'",
    parts={"worker": Change(before=["0123456789ab"], after="ba9876543210")},
    checks=[PartCheck(part="worker", target="httpx==0.28.1@3.11", trouble=None)],
    sentinels=[
        Sentinel(
            scenario="gather-over-limit",
            variant={},
            target="httpx==0.28.1@3.11",
            stored="completes/serves",
            measured={"hangs/dead": 3},
        ),
        Sentinel(
            scenario="tls-smoke",
            variant={},
            target="httpx==0.28.1@3.11",
            stored="completes/serves",
            measured={"completes/serves": 1},
        ),
    ],
    qualified=["tls-smoke"],
    refused={"gather-over-limit": "httpx==0.28.1@3.11 was completes/serves and is now hangs/dead"},
)


def test_a_sentinel_is_a_pass_or_a_failure_and_never_of_chance() -> None:
    """Runs of a stored failure may have come to several keys: then one new run says nothing."""
    cells = changed("worker")
    chosen = sentinels_of(cells)
    assert {stored.entry.status for stored in chosen} == set(SENTINELS)
    assert all(list(stored.entry.keys) == [stored.entry.key] for stored in chosen)
    assert any(stored.entry.status is Status.FLAKY for stored in cells), "there are some that it leaves out"


def test_every_scenario_has_a_pass_and_a_failure_where_there_are_any_and_three_adapters() -> None:
    cells = changed("worker")
    chosen = sentinels_of(cells)
    for scenario in {stored.entry.scenario for stored in cells}:
        own = [stored for stored in chosen if stored.entry.scenario == scenario]
        possible = [stored for stored in cells if stored.entry.scenario == scenario and stored.serves]
        assert statuses(own) == statuses(possible)
        assert len(adapters(own)) >= min(3, len(adapters(possible)))


def test_each_changed_part_has_a_sentinel_that_uses_it() -> None:
    cells = changed("worker", "backend:trio", "door:wire-http2", "client:httpx_early")
    for scenario in {stored.entry.scenario for stored in cells}:
        own = [stored for stored in sentinels_of(cells) if stored.entry.scenario == scenario]
        used = {part for stored in own for part in stored.changed}
        serving = [stored for stored in cells if stored.entry.scenario == scenario and stored.serves]
        assert used == {part for stored in serving for part in stored.changed}


def test_the_newest_stack_comes_first() -> None:
    """0.28.1 is newer than 0.9.5, which comes later in the alphabet."""
    stacks = [stack for stack in Ledger(SHIPPED).stacks if "httpx" in stack.packages]
    newest = max((stored for stored in changed("worker") if stored.stack in stacks), key=requalify._age)
    assert newest.stack.packages["httpx"] == "0.28.1"


@pytest.mark.parametrize("part", ["rule:evidence", "scenario:gather-over-limit", "library:hypercorn"])
def test_what_changes_verdicts_on_purpose_has_no_sentinels(part: str) -> None:
    cells = changed(part)
    assert cells
    assert sentinels_of(cells) == []
    record = requalified(cells, as_stored, fine, "why", "make requalify")
    assert (record.qualified, record.refused, record.parts) == ([], {}, {})


def test_what_agrees_is_qualified() -> None:
    record = requalified(few(), as_stored, fine, "why", "make requalify")
    assert (record.qualified, record.refused) == (["gather-over-limit", "tls-smoke"], {})


def test_one_that_disagrees_refuses_its_scenario_and_no_other() -> None:
    record = requalified(few(), instead({"hangs/dead": 1}), fine, "why", "make requalify")
    assert record.qualified == ["tls-smoke"]
    assert "and is now hangs/dead" in record.refused["gather-over-limit"]


def test_one_run_among_several_that_disagrees_refuses() -> None:
    record = requalified(few(), instead({"completes/serves": 23, "hangs/dead": 1}), fine, "why", "make requalify")
    assert "gather-over-limit" in record.refused


def test_what_could_not_be_judged_is_measured_once_more_and_then_refused() -> None:
    asked: list[int] = []

    def measure(cells: list[Cell]) -> list[CellResult]:
        asked.append(len(cells))
        return instead({})(cells)

    record = requalified(few(), measure, fine, "why", "make requalify")
    assert len(asked) == 2
    assert 0 < asked[1] < asked[0]
    assert record.refused["gather-over-limit"].endswith("could not be judged: the machine was late")


def test_what_is_judged_the_second_time_counts() -> None:
    calls = iter([instead({}), as_stored])
    record = requalified(few(), lambda cells: next(calls)(cells), fine, "why", "make requalify")
    assert record.refused == {}


def test_a_check_that_finds_a_trouble_refuses_all_that_uses_the_part() -> None:
    def check(cell: Cell, side: Side) -> str:
        assert cell.scenario.id == "gather-over-limit"
        return f"the {side} did not report it"

    record = requalified(few(), as_stored, check, "why", "make requalify")
    assert record.qualified == []
    assert set(record.refused.values()) == {"the worker did not report it"}


def test_a_check_for_which_there_is_no_cell_refuses() -> None:
    cells = [stored for stored in few() if stored.entry.scenario == "tls-smoke"]
    record = requalified(cells, as_stored, fine, "why", "make requalify")
    assert record.refused == {"tls-smoke": "can't be checked: no stored pass of gather-over-limit uses worker"}


def test_a_part_that_no_sentinel_can_use_refuses() -> None:
    cells = [
        with_status(stored, Status.FLAKY)
        for stored in changed("door:certificates")
        if stored.entry.scenario == "tls-smoke"
    ]
    record = requalified(cells, as_stored, fine, "why", "make requalify")
    assert record.refused == {"tls-smoke": "no stored pass or failure uses door:certificates"}


def test_what_is_written(tmp_path: Path) -> None:
    """The file has all that was measured, and is read again as it was."""
    record = requalified(few(), instead({"hangs/dead": 1}), fine, "a try", "make requalify")
    (tmp_path / "0001.json").write_bytes(encoded(record))
    assert load_requalifications(tmp_path) == [record]
    assert encoded(RECORD).decode() == (GOLDEN / "requalification-v1.json").read_text()


@pytest.mark.parametrize("words", [[], ["--why", ""], ["--why", "  "]])
def test_the_program_asks_for_a_reason(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        requalify.main(words)
    assert stopped.value.code == 2
    assert 'the reason is missing: make requalify WHY="what changed, ' in capsys.readouterr().err


def test_the_program_says_that_nothing_has_changed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requalify, "changed_cells", lambda *_: [])
    assert requalify.main(["--why", "nothing"]) == Exit.NOTHING_SELECTED
    assert "nothing to requalify: no part that a requalification can cover has changed" in capsys.readouterr().err


def test_the_program_records_and_exits_1_with_a_refusal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(requalify, "REQUALIFICATIONS", tmp_path / "requalifications")
    monkeypatch.setattr(requalify, "changed_cells", lambda *_: few())
    monkeypatch.setattr(requalify, "measured_anew", instead({"hangs/dead": 1}))
    monkeypatch.setattr(requalify, "trouble_of", fine)
    monkeypatch.setattr(requalify, "write_current", lambda: None)
    assert requalify.main(["--why", "a try"]) == Exit.WORSE
    (record,) = load_requalifications(tmp_path / "requalifications")
    assert (record.why, record.command) == ("a try", "make requalify 'WHY=a try'")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("0001.json: 1 scenarios are qualified by ")
    assert lines[1].startswith("gather-over-limit is refused: ")


@functools.cache
def changed(*parts: str) -> list[Stored]:
    """Return the shipped verdicts as if all had today's instrument and only these parts another value now."""
    today = committed().parts
    measured = dict.fromkeys(committed().instruments, today)
    baseline = msgspec.structs.replace(committed(), instruments=measured)
    return changed_cells(Ledger(SHIPPED).stacks, baseline, {**today, **dict.fromkeys(parts, "planted")})


def few() -> list[Stored]:
    """The passes and failures of two scenarios with another worker."""
    return [stored for stored in changed("worker") if stored.entry.scenario in {"gather-over-limit", "tls-smoke"}]


def statuses(cells: list[Stored]) -> set[Status]:
    return {stored.entry.status for stored in cells}


def adapters(cells: list[Stored]) -> set[str]:
    return {adapter_of(stored.stack.packages) for stored in cells}


def with_status(stored: Stored, status: Status) -> Stored:
    return Stored(stored.stack, msgspec.structs.replace(stored.entry, status=status), stored.changed)


def fine(cell: Cell, side: Side) -> None:
    """An instrument that is as it should be."""


def as_stored(cells: list[Cell]) -> list[CellResult]:
    """Answers as the ledger has them."""
    return [answered(cell, {str(stored(cell).entry.key): 1}) for cell in cells]


def instead(keys: dict[str, int]) -> Measure:
    """Answers with these keys for gather-over-limit, and as stored for all others."""

    def measure(cells: list[Cell]) -> list[CellResult]:
        return [
            answered(cell, keys) if cell.scenario.id == "gather-over-limit" else as_stored([cell])[0] for cell in cells
        ]

    return measure


def stored(cell: Cell) -> Stored:
    return next(one for one in changed("worker") if one.entry.scenario == cell.scenario.id and one.cell == cell)


def answered(cell: Cell, keys: dict[str, int]) -> CellResult:
    return CellResult(
        scenario=cell.scenario.id,
        variant=cell.variant,
        status=Status.PASS if keys else Status.UNKNOWN,
        keys=keys,
        reason=None if keys else "the machine was late",
        target=cell.target.spec,
        line=None,
        release=None,
        packages={},
        python=None,
        seconds=0.0,
        cached=False,
        replay="",
    )
