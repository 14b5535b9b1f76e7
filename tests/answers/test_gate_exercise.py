"""What a gate measures: nothing that the ledgers decide, the most valuable first, and only within its budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from support.answers import cell as result

from poolgate.answers.gate.answer import STORED_CHANCE, GateAnswer, Side, exit_for, judged
from poolgate.answers.gate.budget import Budget
from poolgate.answers.gate.evidence import Evidence, Stored, Subject
from poolgate.answers.gate.exercise import Exercised, exercise
from poolgate.answers.gate.families import Match, Relation
from poolgate.answers.gate.fresh import Fresh
from poolgate.answers.gate.pairs import Pair, family_of
from poolgate.answers.gate.sides import Known
from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.errors import Exit
from poolgate.ledger.chance import Chance
from poolgate.ledger.stack import Entry, Stack
from poolgate.measurement.cached import Measurer
from poolgate.measurement.paired import Comparison
from poolgate.targets.parse import parse
from poolgate.targets.target import Target
from poolgate.verdict.compare import Change
from poolgate.verdict.outcome import CellResult

BASE, HEAD = "httpx==0.27.2", "httpx==0.28.1"
PACKAGES = {
    BASE: {"httpx": "0.27.2", "httpcore": "1.0.9", "h11": "0.16.0"},
    HEAD: {"httpx": "0.28.1", "httpcore": "1.0.9", "h11": "0.16.0"},
}
SCENARIOS = select(["core", "cancel-reading", "h2-streams", "close-pool", "hook-raises"])
NAMES = [scenario.id for scenario, _ in SCENARIOS]


@dataclass
class Fake:
    """A measurer that notes what it is asked for; `chance` are the scenarios that chance decides."""

    chance: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()
    jobs: int = 4
    answers_asked: list[list[str]] = field(default_factory=list)
    pairs_asked: list[list[str]] = field(default_factory=list)
    pairs_change: Change = Change.SAME
    tests: list[tuple[int, int]] = field(default_factory=list)

    @property
    def settings(self) -> Any:
        return SimpleNamespace(repeats=None, client=None)

    def environment(self, target: Target) -> None:
        """An environment that is there."""

    def answers(self, cells: list[Cell]) -> list[CellResult]:
        self.answers_asked.append([cell.scenario_name for cell in cells[::2]])
        return [self._result(cell) for cell in cells]

    def decided_by_chance(self, cell: Cell) -> bool:
        return cell.scenario.id in self.chance

    def compared_pairs(
        self, pairs: list[tuple[Cell, Cell]], budget: float, among: int, *, first: int
    ) -> list[Comparison]:
        self.pairs_asked.append([base.scenario_name for base, _ in pairs])
        self.tests.append((among, first))
        return [
            Comparison(
                scenario=base.scenario_name,
                change=self.pairs_change,
                remark="12 pairs of runs",
                base=self._result(base),
                head=self._result(head),
                pairs=12,
                only_base=0,
                only_head=0,
                unseen=40,
                seed=0,
                seconds=1.0,
            )
            for base, head in pairs
        ]

    def _result(self, cell: Cell) -> CellResult:
        status = "fail" if cell.target.spec == HEAD and cell.scenario.id in self.failing else "pass"
        return msgspec.structs.replace(result(status=status), scenario=cell.scenario.id, variant=cell.variant)


def stored(spec: str, statuses: dict[str, str], chance: frozenset[str]) -> Stored:
    """The verdicts of one side by scenario; `flaky` is 12 of 24 runs, in no blocks."""
    target = parse(spec)
    entries = []
    for scenario, status in statuses.items():
        known = result(status=status, failed=12, runs=24 if status == "flaky" else 3)
        entries.append(Entry(**{**known.fields(), "scenario": scenario, "variant": {}}, python="3.11.7"))
    stack = Stack(python="3.11", packages=PACKAGES[spec], releases=[spec], cells=entries)
    decided = SimpleNamespace(decides=lambda packages, scenario, variant: scenario in chance)
    return Stored(Subject(target, PACKAGES[spec], False, "3.11.7"), [stack], cast(Chance, decided))


def run(
    fake: Fake, budget: Budget, base: dict[str, str] | None = None, head: dict[str, str] | None = None, **more: bool
) -> Exercised:
    match = Match(client="httpx", relation=Relation.CHANGED, base="httpx", head="httpx")
    sides = (stored(BASE, base or {}, fake.chance), stored(HEAD, head or {}, fake.chance))
    pair = Pair(match, *sides, frozenset({"httpx"}), None)
    fresh = Fresh(lambda: cast(Measurer, fake), budget)
    return exercise([pair], SCENARIOS, fresh, every=more.get("every", True))


def places(found: Exercised) -> dict[str, str]:
    return {cell.scenario: change.value for change, cell in found.cells}


def test_what_the_ledgers_decide_is_not_measured() -> None:
    fake = Fake()
    known = dict.fromkeys(NAMES, "pass")
    found = run(fake, Budget(60), known, known | {"close-pool": "fail"})
    assert places(found) == dict.fromkeys(NAMES, "same") | {"close-pool": "worse"}
    assert (fake.answers_asked, fake.pairs_asked, found.missing) == ([], [], [])


def test_the_rest_is_measured_in_the_order_of_its_value() -> None:
    """Core, then cancellation, then the others: a batch has as many pairs as may run side by side."""
    fake = Fake()
    known = {"gather-over-limit": "pass"}
    found = run(fake, Budget(60), known, known)
    asked = [name for batch in fake.answers_asked for name in batch]
    assert set(asked) == {*NAMES} - {"gather-over-limit"}
    assert asked.index("cancel-task-group") < asked.index("cancel-reading") < asked.index("close-pool")
    assert max(map(len, fake.answers_asked)) == 2
    assert found.missing == []


def test_one_side_of_the_ledger_is_never_set_against_a_fresh_one() -> None:
    fake = Fake()
    run(fake, Budget(60), {"gather-over-limit": "pass"}, {})
    assert "gather-over-limit" in {name for batch in fake.answers_asked for name in batch}


@pytest.mark.parametrize("budget", [0, 1e-9])
def test_what_the_budget_leaves_out_is_listed_with_the_reason(budget: float) -> None:
    fake = Fake()
    found = run(fake, Budget(budget), {"close-pool": "pass"}, {"close-pool": "pass"})
    assert (fake.answers_asked, places(found)) == ([], {"close-pool": "same"})
    assert {cell.scenario for cell in found.missing} == {*NAMES} - {"close-pool"}
    expected = "--budget 0 measures nothing" if budget == 0 else "the budget of 1e-09 s was used up"
    assert {cell.reason for cell in found.missing} == {f"not in the ledgers, and {expected}"}


def test_chance_is_decided_by_runs_that_alternate() -> None:
    fake = Fake(chance=frozenset({"cancel-task-group", "close-pool"}), pairs_change=Change.WORSE)
    found = run(fake, Budget(60))
    assert not {"cancel-task-group", "close-pool"} & {name for batch in fake.answers_asked for name in batch}
    assert fake.pairs_asked == [["cancel-task-group", "close-pool"]]
    assert fake.tests == [(4, 1)], "one test of each cell, half of the error for runs in turns, and core comes first"
    assert places(found)["cancel-task-group"] == places(found)["close-pool"] == "worse"


STORED = dict.fromkeys(NAMES, "pass")


def test_stored_runs_that_leave_it_to_chance_are_not_exercised() -> None:
    """Twelve failures of 24 after three passes of three, outside of core: nothing runs, and it is never the same."""
    fake = Fake(chance=frozenset({"close-pool"}))
    found = run(fake, Budget(), STORED, STORED | {"close-pool": "flaky"})
    assert (fake.answers_asked, fake.pairs_asked) == ([], [])
    assert places(found)["close-pool"] == "unknown"
    answer = judged(answer_of(), found.cells, found.missing)
    assert [(cell.scenario, cell.reason) for cell in answer.not_exercised] == [("close-pool", STORED_CHANCE)]
    assert exit_for(answer) is Exit.FINE


def test_they_are_settled_where_time_is_named_or_the_scenario_is() -> None:
    for budget, every in ((Budget(60), True), (Budget(), False)):
        fake = Fake(chance=frozenset({"close-pool"}))
        found = run(fake, budget, STORED, STORED | {"close-pool": "flaky"}, every=every)
        assert fake.pairs_asked == [["close-pool"]]
        assert places(found)["close-pool"] == "same"


def test_a_core_scenario_that_fails_more_often_is_settled_at_once() -> None:
    fake = Fake(chance=frozenset({"cancel-task-group"}), pairs_change=Change.WORSE)
    found = run(fake, Budget(), STORED, STORED | {"cancel-task-group": "flaky"})
    assert fake.pairs_asked == [["cancel-task-group"]]
    assert places(found)["cancel-task-group"] == "worse"
    without_time = run(fake, Budget(0), STORED, STORED | {"cancel-task-group": "flaky"})
    answer = judged(answer_of(), without_time.cells, without_time.missing)
    assert exit_for(answer) is Exit.INCONCLUSIVE


def answer_of() -> GateAnswer:
    base, head = (
        Known(Side(spec=spec, python="3.11.7", packages=PACKAGES[spec]), parse(spec), complete=False)
        for spec in (BASE, HEAD)
    )
    match = Match(client="httpx", relation=Relation.CHANGED, base="httpx", head="httpx")
    changed: dict[str, list[str | None]] = {"httpx": ["0.27.2", "0.28.1"]}
    return GateAnswer(base=base.side, head=head.side, changed=changed, families=[family_of(match, base, head)])


def test_a_stack_counts_only_if_it_is_the_same_in_what_matters() -> None:
    """Another h11 or Python is another stack; sniffio matters on trio only, h2 only to scenarios that use it."""
    [(scenario, variant)] = select(["gather-over-limit"])
    known = result()
    entry = Entry(**{**known.fields(), "scenario": scenario.id, "variant": {}}, python="3.11.7")
    stack = Stack(python="3.11", packages=PACKAGES[HEAD] | {"anyio": "4.16.0"}, releases=[HEAD], cells=[entry])
    evidence = Evidence([stack])
    target = parse(HEAD)

    def found(python: str = "3.11", **packages: str) -> bool:
        whole = PACKAGES[HEAD] | {"anyio": "4.16.0"} | packages
        return evidence.on(Subject(target, whole, True, python)).find(scenario, variant) is not None

    assert found()
    assert found(sniffio="1.3.1", h2="4.1.0", hpack="4.0.0", hyperframe="6.0.1", trio="0.35.0")
    assert not found(h11="0.14.0")
    assert not found(anyio="4.4.0")
    assert not found(httpcore="1.0.8")
    assert not found(python="3.12")


def test_the_verdict_with_the_blocks_for_a_comparison_counts() -> None:
    """Of two stacks that suit a scenario, the one with another sniffio has three runs, and the other eight blocks."""
    [(scenario, variant)] = select(["gather-over-limit"])
    packages = PACKAGES[HEAD] | {"anyio": "4.16.0"}
    few = Entry(**{**result().fields(), "variant": {}}, python="3.11.7")
    blocks = msgspec.structs.replace(few, blocks=[(0, 3)] * 8)
    stacks = [
        Stack(python="3.11", packages=packages, releases=[HEAD], cells=[blocks]),
        Stack(python="3.11", packages=packages | {"sniffio": "1.3.1"}, releases=[HEAD], cells=[few]),
    ]
    for order in (stacks, stacks[::-1]):
        found = Evidence(order).on(Subject(parse(HEAD), packages, True, "3.11")).find(scenario, variant)
        assert found is not None
        assert len(found.in_blocks) == 8
