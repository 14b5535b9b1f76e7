"""Two targets should be measured side by side: equal numbers, random order, one unit for both runs of a pair."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.environments.uv import UninstallableError
from poolgate.measurement import paired
from poolgate.measurement.cached import Measurer
from poolgate.measurement.paired import Comparison, compare_pairs
from poolgate.measurement.retries import RetryPolicy
from poolgate.measurement.settings import Settings
from poolgate.targets.parse import parse
from poolgate.verdict.compare import Change
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.words import After, Burst, Status

PASS = Judgement(status=Status.PASS, burst=Burst.COMPLETES, after=After.SERVES, key="completes/serves")
LEAK = Judgement(status=Status.FAIL, burst=Burst.COMPLETES, after=After.LEAKS, key="completes/leaks")
LATE = Judgement(status=Status.UNKNOWN, reason="the machine was late", late=True)
ABSENT = Judgement(status=Status.UNSUPPORTED, reason="no such API")
BASE, HEAD = "httpx==0.27.2,httpcore==1.0.9", "httpx==0.28.1,httpcore==1.0.9"

Judging = Callable[[str, int], Judgement]
"""Returns the judgement of a run of a target, with a unit that is doubled so many times."""


class Machine:
    """A machine whose runs are judged by a function and take a millisecond each; it records the order of the runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, judging: Judging) -> None:
        self.runs: list[tuple[int, str, int, int, bool]] = []
        self.now = 0.0
        self._lock = threading.Lock()

        def attempt(*place: Any, seed: int, alone: bool) -> tuple[Judgement, bool]:
            _, cell, _, _, attempts = place
            assert isinstance(attempts, RetryPolicy)
            with self._lock:
                self.now += 0.001
                self.runs.append((threading.get_ident(), cell.target.spec, attempts.doubled, seed, alone))
            return judging(cell.target.spec, attempts.doubled), False

        def answer(context: object, cell: Cell, outcome: Any, environment: object, **_: object) -> Any:
            return SimpleNamespace(**outcome.fields(), in_blocks=outcome.in_blocks)

        monkeypatch.setattr(paired, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(paired, "attempt", attempt)
        monkeypatch.setattr(paired, "environment_for", lambda *_: SimpleNamespace(client="httpx"))
        monkeypatch.setattr(paired, "recorded_answer", answer)
        monkeypatch.setattr(paired, "Comparison", SimpleNamespace)

    def compare(self, budget: float = 20.0, scenario: str = "cancel-connecting", among: int = 1) -> list[Comparison]:
        context: Any = SimpleNamespace(
            processes=None, settings=Settings(seed=3), unit=SimpleNamespace(doubled=0), ledger=None
        )
        pairs = [(Cell(*each, parse(BASE)), Cell(*each, parse(HEAD))) for each in select([scenario])]
        return compare_pairs(context, pairs, budget, 2, among)


@pytest.mark.parametrize(
    ("base", "head", "change"), [(PASS, LEAK, Change.WORSE), (LEAK, PASS, Change.BETTER), (LEAK, LEAK, Change.SAME)]
)
def test_sides_that_never_vary_are_decided_early(
    monkeypatch: pytest.MonkeyPatch, base: Judgement, head: Judgement, change: Change
) -> None:
    (found,) = Machine(monkeypatch, lambda spec, _: base if spec == BASE else head).compare()
    assert found.change is change
    assert found.pairs <= 24
    assert len(found.base.in_blocks) == len(found.head.in_blocks) >= 3


def test_both_sides_run_as_often_in_random_order_and_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    machine = Machine(monkeypatch, lambda *_: chance.choice((PASS, LEAK)))
    machine.compare(budget=0.4)
    by_thread: dict[int, list[tuple[str, int, bool]]] = {}
    for thread, spec, _, seed, alone in machine.runs:
        by_thread.setdefault(thread, []).append((spec, seed, alone))
    firsts: Counter[str] = Counter()
    for runs in by_thread.values():
        for one, other in zip(runs[::2], runs[1::2], strict=True):
            assert ({one[0], other[0]}, one[1] == other[1], one[2], other[2]) == ({BASE, HEAD}, True, True, True)
            firsts[one[0]] += 1
    assert firsts.total() >= 20
    assert min(firsts[BASE], firsts[HEAD]) >= firsts.total() * 0.25


def test_a_late_run_repeats_its_whole_pair_with_a_longer_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, lambda spec, doubled: LATE if spec == HEAD and doubled == 0 else LEAK)
    (found,) = machine.compare()
    assert found.change is Change.SAME
    units = Counter((spec, doubled) for _, spec, doubled, _, _ in machine.runs)
    assert units[BASE, 0] == units[HEAD, 0] == units[BASE, 1] == units[HEAD, 1]


def test_the_budget_ends_a_comparison_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(2)
    machine = Machine(monkeypatch, lambda *_: chance.choice((PASS, LEAK)))
    (found,) = machine.compare(budget=0.05)
    assert found.change is Change.UNKNOWN
    assert "undecided after" in found.remark
    assert "seen" in found.remark
    (none,) = machine.compare(budget=0.0)
    assert (none.change, none.pairs, none.unseen) == (Change.UNKNOWN, 0, None)
    assert "no difference is seen" in none.remark


@pytest.mark.parametrize(
    ("head", "change", "remark"),
    [
        (LATE, Change.UNKNOWN, "head is unknown: the machine was late"),
        (ABSENT, Change.UNKNOWN, "head is unsupported: no such API"),
    ],
)
def test_a_side_that_is_not_judged_is_not_compared(
    monkeypatch: pytest.MonkeyPatch, head: Judgement, change: Change, remark: str
) -> None:
    machine = Machine(monkeypatch, lambda spec, _: LEAK if spec == BASE else head)
    (found,) = machine.compare()
    assert (found.change, found.remark) == (change, remark)
    assert len(machine.runs) < 150


def test_cells_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is decided in the time, as a decided cell has no further turn: head fails more often by 25 points.

    That is not the same, and among so many cells it is not yet worse.
    """
    chance = random.Random(4)
    machine = Machine(monkeypatch, lambda spec, _: LEAK if chance.random() < (0.75 if spec == HEAD else 0.5) else PASS)
    found = machine.compare(budget=0.3, scenario="cancel-connecting[style=*]", among=10**9)
    assert [comparison.change for comparison in found] == [Change.UNKNOWN] * 3
    pairs = [comparison.pairs for comparison in found]
    assert max(pairs) - min(pairs) <= 9


def test_what_can_not_be_installed_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, lambda *_: LEAK)

    def refused(*_: object) -> None:
        raise UninstallableError("no such release")

    monkeypatch.setattr(paired, "environment_for", refused)
    (found,) = machine.compare()
    assert (found.change, found.remark, machine.runs) == (Change.UNKNOWN, "no such release", [])


def test_a_real_pair_of_a_target_with_itself_is_never_worse(tmp_path: Path) -> None:
    """Real workers, for some seconds: base and head are the same."""
    cell = Cell(*select(["gather-over-limit"])[0], parse(HEAD))
    (found,) = Measurer(Settings(), tmp_path, jobs=4).compared_pairs([(cell, cell)], budget=8.0, among=20)
    assert found.change in {Change.SAME, Change.UNKNOWN}
    assert found.pairs > 0
    assert (found.base.repeats, found.only_base, found.only_head) == (found.pairs, 0, 0)
