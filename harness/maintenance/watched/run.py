"""Measures a cell with the watcher in its worker; nothing is stored but the row that is returned."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from ... import scenarios, watch
from ...cells.cell import Cell
from ...environments import probe
from ...environments.build import environment_for
from ...environments.uv import UninstallableError
from ...ledger.meaning import digest_of
from ...measurement.retries import RetryPolicy
from ...measurement.server_pool import ServerError, ServerPool
from ...measurement.worker import run_worker
from ...measurement.worker_start import WorkerStarter
from ...processes import Process, Processes
from ...protocol import history
from ...protocol.plan import UNIT, Plan, make_plan
from ...scenarios.declaration.scenario import Load
from ...verdict.judge import judge
from ...verdict.judgement import Judgement
from ...verdict.observed import slots_counted
from ...verdict.sweep import is_sweep
from ...verdict.words import Status
from .row import Look, Row

WATCH = Path(str(watch.__file__)).resolve().parent
GRACE = 0.05
"""Seconds between the two looks: the load is over, so that no request is in transit."""
_ENTRY = Path(str(scenarios.__file__)).resolve().parent / "worker" / "watched.py"
_numbers = itertools.count()


class _Noted(msgspec.Struct, frozen=True):
    """One line of a worker's looks; `t` as in a history."""

    t: int
    pools: list[Look]
    during: str | None = None
    """The count during which the look was made."""


@functools.cache
def digest_of_watcher(folder: Path = WATCH) -> str:
    """Return a digest of what the sources of the watcher do, as those of an instrument."""
    sources = "".join(file.name + digest_of(file.read_text("utf-8")) for file in sorted(folder.glob("*.py")))
    return hashlib.sha256(sources.encode()).hexdigest()[:12]


class WatchedStarter(WorkerStarter):
    """A starter of workers with a watcher in them, each an interpreter of its own; looks go to a file."""

    def __init__(self, processes: Processes, watcher: Path, file: Path) -> None:
        super().__init__(processes)
        self._all = processes
        self._words = (str(watcher), str(file), str(GRACE))

    @contextlib.contextmanager
    def started(self, interpreter: str, plan: Plan, history: IO[bytes], *, alone: bool = False) -> Iterator[Process]:
        """Yield a worker that waits for its plan."""
        command = [interpreter, "-I", str(_ENTRY), *self._words, "--history-fd", str(history.fileno())]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with self._all.started(command, **pipes, **probe.surroundings(history.fileno())) as process:
            yield process


@dataclass(frozen=True, slots=True)
class Watching:
    """What the runs of watched cells share; `watcher` is the folder of the watcher."""

    processes: Processes
    servers: ServerPool
    watcher: Path = WATCH
    doubled: int = 0

    def __post_init__(self) -> None:
        """Work the digest out in this thread: Python 3.11 can't always parse in two threads at once."""
        digest_of_watcher(self.watcher)

    def row(self, cell: Cell) -> Row:
        """Return the row of a cell; a late run is tried again with a longer unit."""
        try:
            attempts = RetryPolicy(self.doubled)
            row = Row(target=cell.target.spec, scenario=cell.scenario_name, reason="never run")
            while attempts.left:
                row, late = self._attempt(cell, UNIT * 2**attempts.doubled)
                if not late:
                    break
                attempts.learn(late=True, busy=False)
        except (UninstallableError, ServerError) as error:
            row = Row(target=cell.target.spec, scenario=cell.scenario_name, reason=str(error))
        return msgspec.structs.replace(row, watcher=digest_of_watcher(self.watcher))

    def _attempt(self, cell: Cell, unit: float) -> tuple[Row, bool]:
        environment = environment_for(self.processes, cell.target, cell.needs)
        number = f"watched-{next(_numbers)}"
        with self.servers.borrow() as server, tempfile.TemporaryDirectory() as folder:
            address = server.with_doors(cell.load.doors)
            plan = make_plan(
                cell.scenario,
                cell.variant,
                cell=number,
                client=environment.client,
                server=address,
                unit=unit,
                seed=0,
            )
            file = Path(folder) / "looks"
            records = run_worker(WatchedStarter(self.processes, self.watcher, file), environment.interpreter, plan)
            recorded = history.merge([*records, *server.account(number)])
            lines = file.read_bytes().splitlines() if file.exists() else []
        judgement = judge(recorded)
        return row_of(cell, judgement, recorded, [msgspec.json.decode(line, type=_Noted) for line in lines]), (
            judgement.status is Status.UNKNOWN and not judgement.refused
        )


def row_of(cell: Cell, judgement: Judgement, recorded: history.History, noted: list[_Noted]) -> Row:
    """Return the row of a judged run."""
    row = Row(target=cell.target.spec, scenario=cell.scenario_name, reason=judgement.reason)
    if judgement.after is None or judgement.slots is None:
        return row
    load = cell.load
    if is_sweep(recorded):
        looks = [look for look in noted[-1].pools if look.verdict != "serves"] if noted else []
        return msgspec.structs.replace(
            row, after=judgement.after, leaking=_leaking(recorded, judgement.slots.limit), looks=looks
        )
    counts = [recorded.first("phase-start", phase) for phase in ("first", "final")]
    if None in counts or len([one for one in noted if one.during]) < len(counts):
        return msgspec.structs.replace(row, reason="the load ended the worker before its slots were counted")
    alone = [one for one in noted if one.during is None]
    before = [[one for one in alone if count is not None and one.t < count.t] for count in counts]
    return msgspec.structs.replace(
        row,
        after=judgement.after,
        shares=load.capacity != load.limit or load.http2,
        kept=load.lent,
        missing=(_missing(recorded, load, "first"), _missing(recorded, load, "final")),
        looks=[one[-1].pools[-1] for one in before if one and one[-1].pools],
        during=[one.pools[-1] if one.pools else None for one in noted if one.during],
    )


def _missing(recorded: history.History, load: Load, phase: str) -> int:
    """Return how many slots a count missed; below zero where it found some that callers never returned.

    A request that came late, as on a busy machine, had its slot, and so had one whose connection was broken.
    """
    broken = sum(record.data["outcome"] == "error" for record in recorded.of("ended", phase=phase))
    missing: int = load.capacity - load.lent - slots_counted(recorded, phase) - broken
    return max(-load.lent, missing)  # the collector may return what callers do not


def _leaking(recorded: history.History, limit: int) -> int:
    """Return how many pools of a sweep never had all their slots again.

    The last two counts of a pool are those that suspected it and that confirmed it; a pool may have served before.
    """
    together = {record.data["phase"]: record.data["together"] for record in recorded.of("opened")}
    counts = [[together.get(phase, 0) for phase in record.data["phases"][-2:]] for record in recorded.of("suspect")]
    return sum(max(count) < limit for count in counts)
