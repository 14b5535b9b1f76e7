"""Simulated gates should have the stated errors, for the variances of measured blocks and for larger ones."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import msgspec
import pytest

from poolgate.errors import PoolgateError
from poolgate.maintenance.chance import evidence, simulate
from poolgate.maintenance.chance.record import Gate, Gates, Row, load_gates, store_gates
from poolgate.maintenance.chance.simulate import Spread, false_worse, power, spread_of
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
    assert worse[True] <= 300 * FALSE_WORSE + 2


def test_twenty_points_are_found_within_a_long_budget() -> None:
    assert power(Spread(0.5, 0.02, 0.0), gates=60, pairs=600, among=20, chance=random.Random(1)) >= 0.9


def test_the_command_prints_the_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gates.json"
    store_gates(Gates(gates=[gate(0, STEADY), gate(1, SHAKEN)]), path)
    words = ["simulate", "--file", str(path), "--gates", "20", "--pairs", "30", "--among", "3"]
    monkeypatch.setattr(sys, "argv", words)
    assert simulate.main() == 0
    out = capsys.readouterr().out
    assert "measured: failing 50%" in out
    assert 'of 20 gates of 3 equal cells report "worse"' in out
    assert "at 60 s, 80 pairs of one cell: differences below" in out
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
