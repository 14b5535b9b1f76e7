"""Remedies: what each makes of a load, whether it helps by the cells, and both on real releases."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from histories import history_of, load_of, run
from test_claim_verdicts import cell

from poolgate import scenarios
from poolgate.cells import Cell, select
from poolgate.effort import effort_of
from poolgate.ideal import Outcome, ideal_pool
from poolgate.scenarios.worker.declaration import REMEDIES, REMEDY, Request, complete
from poolgate.scenarios.worker.declaration import load_of as load_with
from poolgate.targets import parse
from poolgate.verdicts import Status
from poolgate.workarounds import CAUTIONS, MOVES, moves, remedy_cells, suited, weighed

Poolgate = Callable[..., tuple[int, str, str]]
GATHER = "gather-over-limit"
TARGET = parse("httpx==0.25.2,httpcore==1.0.2")


def test_every_scenario_takes_every_remedy_and_none_by_default() -> None:
    for scenario in scenarios.declared().values():
        assert REMEDY not in complete(scenario, {})
        for remedy in REMEDIES:
            variant = complete(scenario, {REMEDY: remedy})
            assert load_with(scenario, variant).remedy == remedy
    assert [variant for _, variant in select([f"{GATHER}[remedy=*]"])] == [{REMEDY: name} for name in REMEDIES]
    assert all(REMEDY not in variant for _, variant in select(["all[*]"]))
    assert CAUTIONS.keys() == REMEDIES.keys() | MOVES.keys()


@pytest.mark.parametrize(
    ("remedy", "served"),
    [("semaphore", 12), ("wait-for-ever", 12), ("more-connections", 12), ("no-keepalive", 6), ("retry", 12)],
)
def test_a_correct_pool_is_asked_for_what_the_remedy_should_come_to(remedy: str, served: int) -> None:
    """The queue is longer than its timeout: outside the pool, or without one, all twelve are served."""
    scenario = scenarios.declared()["queue-timeout"]
    fates = ideal_pool(load_with(scenario, complete(scenario, {REMEDY: remedy})))
    assert sum(fate.outcome is Outcome.OK for fate in fates.values()) == served


def test_only_what_is_cancelled_is_shielded_and_crowds_are_left_alone() -> None:
    known = scenarios.declared()
    assert "shield" not in remedy_cells(Cell(known[GATHER], {}, TARGET))
    assert "shield" in remedy_cells(Cell(known["cancel-task-group"], {}, TARGET))
    assert [scenario.id for scenario in suited([known["contention-cost"], known[GATHER]])] == [GATHER]


def test_there_is_somewhere_to_move_to() -> None:
    found = {name: [target.spec for target in targets] for name, targets in moves(TARGET).items()}
    assert found["upgrade-pool"] == ["httpx==0.25.2,httpcore==1.0.9"]
    assert found["upgrade"] == ["httpx==0.28.1"]
    assert [spec.partition("==")[0] for spec in found["fork"]] == ["httpx2", "httpxyz"]
    newest = moves(parse("httpx2==2.16.2"))
    assert (newest["upgrade"], newest["upgrade-pool"]) == ([], [])
    assert all(not target.spec.startswith("httpx==") for target in newest["fork"])


@pytest.mark.parametrize(
    ("after", "helps"),
    [
        (["completes/serves"], "helps"),
        (["hangs/leaks"] * 3, "helps in part"),
        (["hangs/dead"] * 3, "does not help"),
        ([], "not judged"),
    ],
)
def test_whether_a_remedy_helps_is_what_the_cells_say(after: list[str], helps: str) -> None:
    one = cell("httpx==0.27.0", *["hangs/dead"] * 3)
    status = None if after else Status.UNSUPPORTED
    assert weighed("retry", one, cell("httpx==0.27.0", *after, status=status), (None, None)).helps == helps


def test_what_makes_it_worse_is_said() -> None:
    one, other = cell("httpx==0.27.0", *["hangs/late"] * 3), cell("httpx==0.27.0", *["hangs/dead"] * 3)
    assert weighed("retry", one, other, (None, None)).helps == "makes it worse"


def test_the_effort_of_a_load_is_read_off_its_history() -> None:
    """Two slots, four requests of a unit: the last is served after two units of 0.1 s."""
    load = load_of(2, *(Request(f"r{n}", hold=1.0, pool_timeout=9.0) for n in range(4)))
    effort = effort_of(history_of(run(load)))
    assert (effort.served, effort.rate, effort.latency) == (4, 20.0, 150.0)


def test_a_semaphore_helps_where_the_pool_forgets_to_wake_its_queue(poolgate: Poolgate) -> None:
    """On real releases, of the last one in which a plain gather hangs: inside the semaphore nobody queues."""
    words = ("run", f"{GATHER}[remedy=semaphore]", GATHER, "--target", "httpcore==0.13.7", "--repeats", "1")
    code, out, err = poolgate(*words, "--format", "json")
    assert code == 0, err
    assert [found["status"] for found in json.loads(out)["cells"]] == ["pass", "fail"], err


def test_where_nothing_fails_there_is_nothing_to_work_around(poolgate: Poolgate) -> None:
    code, out, err = poolgate("workarounds", GATHER, "--target", "httpx2==2.16.2")
    assert code == 0, err
    assert out == "httpx2==2.16.2: nothing fails, so there is nothing to work around.\n"


def test_the_remedies_of_a_failing_target_are_tried(poolgate: Poolgate) -> None:
    code, out, err = poolgate("workarounds", "sequential-reuse", "--target", "httpx==0.15.2", "--format", "json")
    assert code == 0, err
    tried = {found["remedy"]: found["helps"] for found in json.loads(out)["tried"]}
    assert tried["upgrade: httpx==0.28.1"] == "helps", err
    assert tried["retry"] != "helps"
    assert all(found["command"].startswith("poolgate run ") for found in json.loads(out)["tried"])
