"""Simulated gates should have the stated errors, for the variances of measured blocks and for larger ones."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import msgspec
import pytest

from poolgate.errors import PoolgateError
from poolgate.maintenance.chance import evidence, shared, simulate
from poolgate.maintenance.chance.real_gates import OpenCell, RealGate, real_gates
from poolgate.maintenance.chance.record import Gate, Gates, Row, load_gates, store_gates
from poolgate.maintenance.chance.simulate import false_worse
from poolgate.maintenance.chance.simulate_cell import Spread, simulated_block, spread_of
from poolgate.verdict.compare import FALSE_WORSE, Change

STEADY, SHAKEN = [(4, 2, 2), (4, 1, 3), (4, 3, 1), (4, 2, 2)] * 5, [(4, 0, 0), (4, 4, 4)] * 10


def gate(number: int, blocks: list[tuple[int, int, int]], base: str = evidence.BASE) -> Gate:
    row = Row(
        scenario="cancel-connecting",
        change=Change.UNKNOWN,
        pairs=sum(pairs for pairs, *_ in blocks),
        only_base=0,
        only_head=0,
        unseen=40,
        seconds=60.0,
        blocks=blocks,
    )
    return Gate(base=base, head=evidence.BASE, number=number, busy=0, budget=60.0, among=15, seed=1, rows=[row])


def test_what_both_sides_share_is_separated_from_what_one_has_alone() -> None:
    assert spread_of(SHAKEN) == pytest.approx(Spread(0.5, 0.263, 0.0), abs=0.02)
    apart = [(4, 0, 4), (4, 4, 0)] * 10
    assert spread_of(apart).shared == 0.0
    assert spread_of(apart).alone > 0.2
    assert spread_of(STEADY).alone < 0.05


@pytest.mark.parametrize("spread", [Spread(0.5, 0.0, 0.0), Spread(0.5, 0.1, 0.0), Spread(0.9, 0.02, 0.01)])
def test_few_simulated_gates_are_worse(spread: Spread) -> None:
    worse = false_worse([spread], gates=300, pairs=60, among=5, chance=random.Random(1))
    assert worse <= 300 * FALSE_WORSE + 2


USUAL = Spread(0.5, 0.002, 0.0)
GATE = RealGate(
    "base", "head", 12, [OpenCell("core", 0.9, 1.0, core=True), *[OpenCell(f"cell-{n}", 0.0, 0.1) for n in range(5)]]
)


@pytest.mark.parametrize("planted", [0, 5])
def test_twenty_points_in_a_cell_that_shares_a_long_budget_are_found(planted: int) -> None:
    assert shared.power(GATE, planted, 60, 2400, USUAL, random.Random(1)) >= 0.9
    assert shared.power(GATE, planted, 20, 60, USUAL, random.Random(1)) <= 0.3


def test_cells_that_are_decided_leave_their_turns_to_the_others() -> None:
    """Five cells that never fail are decided after some pairs, and the core cell has more than its sixth."""
    steady = [(USUAL._replace(rate=0.0, shared=0.0), 0.0)] * 5
    noisy = (USUAL, 0.0)
    changes = [shared.simulated_gate([noisy, *steady], 1, 800, 12, random.Random(seed)) for seed in range(10)]
    assert all(found[1:] == [Change.SAME] * 5 for found in changes)
    alone = [shared.simulated_gate([noisy] * 6, 1, 800, 12, random.Random(seed)) for seed in range(10)]
    assert sum(found[0] is Change.SAME for found in changes) > sum(found[5] is Change.SAME for found in alone)


def test_the_shocks_of_blocks_leave_the_difference_as_it_is() -> None:
    chance = random.Random(2)
    blocks = [simulated_block(Spread(0.9, 0.03, 0.01), 3, 0.2, chance) for _ in range(4000)]
    assert sum(head - base for head, base in blocks) / 12000 == pytest.approx(0.2, abs=0.02)


def test_real_gates_are_those_of_the_ledger_that_ships() -> None:
    gates = real_gates()
    assert {gate.head.partition("==")[0] for gate in gates} == {"httpx", "httpx2", "httpxyz"}
    assert all(0 <= cell.base <= 1 and 0 <= cell.head <= 1 for gate in gates for cell in gate.cells)
    assert all(gate.among == 2 * max(1, len(gate.cells)) for gate in gates)


def test_the_command_prints_the_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gates.json"
    store_gates(Gates(gates=[gate(0, STEADY), gate(1, SHAKEN)]), path)
    words = ["simulate", "--file", str(path), "--gates", "20", "--pairs", "30", "--among", "3", "--power", "5"]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(simulate, "real_gates", lambda: [GATE])
    monkeypatch.setattr(simulate, "BUDGETS", (60,))
    assert simulate.main() == 0
    out = capsys.readouterr().out
    assert "measured: failing 50%" in out
    assert 'of 20 gates of 3 equal cells report "worse"' in out
    assert 'at 60 s, 0 of 20 gates of releases that fail alike report "worse"' in out
    assert "cells share 80 pairs; 20% more in one of them is found in " in out
    store_gates(Gates(), path)
    with pytest.raises(PoolgateError, match="run `make chance-evidence` first"):
        simulate.main()


def test_measured_gates_are_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "chance" / "gates.json"
    made: list[evidence.Planned] = []

    def measured(plan: evidence.Planned, *_: object) -> Gate:
        made.append(plan)
        found = gate(plan.number, STEADY)
        return msgspec.structs.replace(found, base=plan.base, head=plan.head, busy=plan.busy)

    monkeypatch.setattr(evidence, "measured", measured)
    for itself, count in (("1", 2), ("4", 5), ("4", 5)):
        monkeypatch.setattr(sys, "argv", ["evidence", "--itself", itself, "--real", "1", "--file", str(path)])
        assert evidence.main() == 0
        assert len(made) == len(load_gates(path).gates) == count
    assert sum(plan.busy == 2 for plan in made) == 2
    assert {plan.base for plan in made if plan.base == plan.head} == {evidence.BASE, evidence.HEAD}
    assert "5 gates in" in capsys.readouterr().out


def test_busy_loops_end_with_their_block() -> None:
    with evidence.busy_loops(1):
        pass
