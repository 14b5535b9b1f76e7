"""Cells with the watcher in their workers: what it reports is what was counted, and nothing enters a ledger.

`make watched` measures each scenario on thirteen releases; here are a few cells, planted pools, and the stored rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from support.environments import plant

from poolgate.cells.cell import Cell
from poolgate.cells.select import select
from poolgate.maintenance.watched.compare import agreement, disagreement
from poolgate.maintenance.watched.page import ENOUGH, PAGE, page, problems
from poolgate.maintenance.watched.row import Look, Row, Rows, load_rows
from poolgate.maintenance.watched.run import WATCH, Watching
from poolgate.measurement.server_pool import ServerPool
from poolgate.paths import cache_root
from poolgate.processes import Processes
from poolgate.targets.parse import parse
from poolgate.verdict.words import After

NEWEST = "httpx2==2.16.2"
LEAKING = "httpcore==1.0.2"


@pytest.fixture(scope="module")
def watching() -> Iterator[Watching]:
    processes = Processes()
    with ServerPool(processes) as servers:
        yield Watching(processes, servers)


def measured(watching: Watching, *cells: tuple[str, str]) -> list[Row]:
    """Return the rows of cells, each a target and a scenario; those that a late machine can't judge skip the test."""
    chosen = [Cell(*select([scenario])[0], parse(target)) for target, scenario in cells]
    with ThreadPoolExecutor(len(cells)) as executor:
        rows = list(executor.map(watching.row, chosen))
    if late := [row.reason for row in rows if row.reason]:
        pytest.skip("; ".join(late))
    return rows


def stored(results: Path) -> list[str]:
    """Return all files of the ledger and of the kept histories."""
    places = [results, cache_root() / "histories"]
    return sorted(str(file) for place in places if place.exists() for file in place.rglob("*"))


def test_the_watcher_agrees_with_counted_slots_and_nothing_is_stored(watching: Watching, results: Path) -> None:
    before = stored(results)
    cells = [(NEWEST, "unread-response"), (LEAKING, "cancel-task-group")]
    assert [agreement(row) for row in measured(watching, *cells)] == ["held-by-caller", "dead"]
    assert stored(results) == before


def test_a_watcher_that_always_reports_serves_disagrees(watching: Watching, tmp_path: Path) -> None:
    blind = tmp_path / "watch"
    shutil.copytree(WATCH, blind)
    look = (blind / "look.py").read_text()
    (blind / "look.py").write_text(
        look.replace("verdict=verdict,", 'verdict="serves",').replace("lost=lost,", "lost=(),")
    )
    assert (blind / "look.py").read_text().count("serves") > look.count("serves")
    planted = Watching(watching.processes, watching.servers, blind)
    (row,) = measured(planted, (LEAKING, "cancel-task-group"))
    assert disagreement(row) == "serves is reported of a pool that dead"


def test_a_planted_pool_is_reported_as_it_is_counted(watching: Watching, tmp_path: Path) -> None:
    target = plant("forgets_a_slot", "httpx==0.28.1", tmp_path / "environment")
    (row,) = measured(watching, (target, "gather-over-limit"))
    assert (disagreement(row), agreement(row)) == (None, "leaks")


def test_the_page_is_that_of_the_stored_rows_and_each_disagreement_has_its_reason() -> None:
    rows = load_rows()
    assert problems(rows) == []
    assert PAGE.read_text() == page(rows)


def blinded(row: Row) -> Row:
    """Return a row as a watcher that always reports `serves` would make it."""
    looks = [msgspec.structs.replace(look, verdict="serves", lost={}) for look in row.looks]
    return msgspec.structs.replace(row, looks=looks, during=[None for _ in row.during])


def test_a_watcher_that_always_reports_serves_fails_the_stored_rows() -> None:
    rows = {key: blinded(row) for key, row in load_rows().items()}
    assert len([one for one in problems(rows) if "without a reason" in one]) >= 2 * ENOUGH
    assert any(one.startswith("only ") for one in problems(rows))


LOOK = Look(verdict="serves", limit=3, active=0, idle=3, queued=0, held=0, lost={})


def row(after: After, missing: tuple[int, int], *looks: Look, during: Look | None = None, kept: int = 0) -> Row:
    return Row(
        target="t", scenario="s", after=after, missing=missing, looks=list(looks), during=[None, during], kept=kept
    )


LEAK = msgspec.structs.replace(LOOK, verdict="leaks", lost={"connection": 1})
DEAD = msgspec.structs.replace(LOOK, verdict="dead", active=1)
HELD = msgspec.structs.replace(LOOK, verdict="held-by-caller", held=2)
ROWS = [
    (row(After.SERVES, (0, 0), LOOK, LOOK), None),
    (row(After.SERVES, (0, 0), LEAK, LOOK), "0 slots are missing at the first count, 1 reported"),
    (row(After.LEAKS, (1, 1), LEAK, LEAK), None),
    (row(After.LEAKS, (2, 2), LEAK, LEAK), "2 slots are missing at the first count, 1 reported"),
    (row(After.LEAKS, (0, 1), LOOK, LOOK), "serves is reported of a pool that leaks"),
    (row(After.LEAKS, (0, 1), LOOK, LOOK, during=DEAD), None),
    (row(After.DEAD, (3, 3), DEAD, DEAD), None),
    (row(After.DEAD, (3, 3), LEAK, LEAK), "leaks is reported of a pool that dead"),
    (row(After.SERVES, (0, 0), HELD, HELD, kept=2), None),
    (row(After.SERVES, (0, 0), HELD, HELD), "0 slots are missing at the first count, 2 reported"),
    (row(After.SERVES, (0, 0)), "the pool was not seen before both counts"),
]


@pytest.mark.parametrize(("one", "words"), ROWS)
def test_a_row_disagrees_where_the_slots_differ(one: Row, words: str | None) -> None:
    assert disagreement(one) == words


def test_a_sweep_agrees_where_as_many_pools_are_reported_as_lost_slots() -> None:
    sweep = row(After.LEAKS, (0, 0), LEAK, LEAK)
    waits = row(After.LEAKS, (0, 0), LEAK, LEAK, DEAD)
    assert agreement(msgspec.structs.replace(waits, leaking=2)) == "leaks", "no slot is lost where a request waits"
    assert agreement(msgspec.structs.replace(sweep, leaking=2)) == "leaks"
    assert disagreement(msgspec.structs.replace(sweep, leaking=1)) == "1 pools of the sweep lost slots, 2 are reported"


def test_a_reason_without_a_disagreement_is_a_problem() -> None:
    agrees: Rows = {("t", "s"): row(After.SERVES, (0, 0), LOOK, LOOK)}
    differs: Rows = {("t", "s"): row(After.SERVES, (0, 0), LEAK, LOOK)}
    reason = {("t", "s"): "why"}
    assert problems(agrees, reason)[0] == "t s: a reason is written, but it agrees"
    assert "without a reason" in problems(differs, {})[0]
    assert all(one.startswith("only 0 agreements are ") for one in problems(differs, reason))
