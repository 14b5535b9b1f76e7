"""A cell that chance decides should be run in blocks between other cells, and its rate should have their variation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.ledger.stack import Entry, load_stack
from poolgate.ledger.store import Ledger
from poolgate.measurement import batch
from poolgate.measurement import cell as measuring
from poolgate.measurement.repeats import blocks_wanted
from poolgate.measurement.settings import Settings
from poolgate.targets.parse import parse
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.outcome import CellOutcome
from poolgate.verdict.rate import rate_of_blocks
from poolgate.verdict.words import After, Burst, Status

PASS = Judgement(status=Status.PASS, burst=Burst.COMPLETES, after=After.SERVES, key="completes/serves")
LEAK = Judgement(status=Status.FAIL, burst=Burst.COMPLETES, after=After.LEAKS, key="completes/leaks")
LATE = Judgement(status=Status.UNKNOWN, reason="the machine was late", late=True)
TARGET = "httpx==0.28.1,httpcore==1.0.9"
PACKAGES = {"httpx": "0.28.1", "httpcore": "1.0.9"}

Settled = tuple[CellOutcome, int, list[bool]]


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settled]:
    """Return a function that settles a cell from scripted judgements: outcome, pauses, and which runs were alone."""

    def settle(scenario: str, judgements: list[Judgement], **settings: Any) -> Settled:
        alone: list[bool] = []

        def run(*_: object, seed: int, **options: bool) -> Judgement:
            alone.append(options["alone"])
            return judgements[seed]

        monkeypatch.setattr(measuring, "_run", run)
        context: Any = SimpleNamespace(settings=Settings(**settings))
        environment: Any = SimpleNamespace(packages=PACKAGES)
        steps = measuring._settle(context, Cell(*select([scenario])[0], parse(TARGET)), environment, "httpx")
        pauses = 0
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value, pauses, alone
            pauses += 1

    return settle


def test_eight_blocks_of_three_with_a_pause_between_them(settled: Callable[..., Settled]) -> None:
    outcome, pauses, alone = settled("cancel-connecting", [LEAK, PASS, PASS] * 8)
    assert (outcome.blocks, outcome.repeats, outcome.status) == ([(1, 3)] * 8, 24, Status.FLAKY)
    assert outcome.rate == rate_of_blocks([(1, 3)] * 8)
    assert (pauses, alone) == (7, [True] * 24)


def test_three_equal_runs_are_not_enough_where_chance_decides(settled: Callable[..., Settled]) -> None:
    outcome, _, _ = settled("cancel-connecting", [PASS] * 24)
    assert (outcome.blocks, outcome.rate, outcome.status) == ([(0, 3)] * 8, None, Status.PASS)


def test_another_cell_is_run_as_before(settled: Callable[..., Settled]) -> None:
    outcome, pauses, alone = settled("gather-over-limit", [PASS] * 24)
    assert (outcome.in_blocks, outcome.repeats, pauses, alone) == ([], 1, 0, [False])


def test_a_cell_whose_runs_differ_is_run_anew_in_blocks(settled: Callable[..., Settled]) -> None:
    """The runs that were made until they differed do not count: they would bias the rate."""
    outcome, _, alone = settled("gather-over-limit", [LEAK, PASS, *[PASS] * 25])
    assert alone[:3] == [False, False, False]
    assert len(alone) == 27
    assert (outcome.repeats, outcome.status, len(outcome.in_blocks)) == (24, Status.PASS, 8)


def test_a_fixed_number_of_runs_is_kept(settled: Callable[..., Settled]) -> None:
    assert blocks_wanted(Settings(repeats=5)) == [3, 2]
    outcome, _, _ = settled("cancel-connecting", [LEAK] * 5, repeats=5)
    assert outcome.blocks == [(3, 3), (2, 2)]


def test_a_block_that_is_not_judged_ends_the_cell(settled: Callable[..., Settled]) -> None:
    outcome, pauses, _ = settled("cancel-connecting", [PASS, PASS, PASS, LATE, PASS, PASS])
    assert (outcome.status, pauses) == (Status.UNKNOWN, 1)


def test_a_measurement_that_pauses_goes_behind_all_other_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def measure(context: object, cell: Cell) -> Generator[None, None, str]:
        for part in range(3 if cell.scenario.id == "cancel-connecting" else 1):
            if part:
                yield
            order.append(cell.scenario.id)
        return cell.scenario.id

    def unseen(total: int, running: list[str]) -> Any:
        return contextlib.nullcontext(lambda answer: None)

    monkeypatch.setattr(batch, "measure", measure)
    monkeypatch.setattr(batch, "shown_progress", unseen)
    cells = [Cell(*each, parse(TARGET)) for each in select(["cancel-connecting", "close-pool", "gather-over-limit"])]
    context: Any = None
    with ThreadPoolExecutor(1) as executor:
        answers: dict[int, Any] = dict(batch._finished(cells, context, executor))
    assert answers == {0: "cancel-connecting", 1: "close-pool", 2: "gather-over-limit"}
    assert order[:3] == ["cancel-connecting", "close-pool", "gather-over-limit"]
    assert order[3:] == ["cancel-connecting"] * 2


def test_blocks_are_kept_in_a_ledger_and_a_file_without_them_is_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    plain = Entry(scenario="cancel-connecting", variant={}, status=Status.PASS, instrument="x", python="3.11.7")
    ledger.record(PACKAGES, None, msgspec.structs.replace(plain, blocks=[(0, 3)] * 8))
    ledger.record({"httpcore": "1.0.9"}, None, plain)
    read = {path.read_bytes().count(b'"blocks"'): load_stack(path) for path in (tmp_path / "stacks").glob("*.json")}
    assert read[1].cells[0].in_blocks == [(0, 3)] * 8
    assert read[0].cells[0].in_blocks == []
