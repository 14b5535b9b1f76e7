"""Results of cells within a budget: from the ledgers first, then measured, in the order of the cells.

What the budget leaves out is a result without a judgement, whose reason is the budget.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from ..cells.cell import Cell
from ..cells.commands import replay
from ..ledger.store import Ledger, shipped_ledger
from ..measurement.cached import Measurer
from ..measurement.settings import Settings
from ..targets.spec import LOCK
from ..targets.target import Target
from ..verdict.ideal_pool import ideal_pool
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .gate.budget import Budget
from .gate.evidence import Evidence, Stored, Subject

LEFT_OUT = "left out: "
START = 1.0
"""Seconds of a run for its worker and its warm-up; as all figures here from `poolgate run core --target httpx==0.28.1`
on two busy cores."""
LONG = 25.0
"""Seconds of a run that repeats its requests by itself: a sweep, or a ladder of bursts."""
COUNTS = 3.0
"""Units in which slots are counted after a load, without the expiry of idle connections."""
PROCESSOR = 0.5
"""Seconds of processor time of a run."""
BUILD = 2.0
"""Seconds to build or find the environment of a target."""

_CORES = os.cpu_count() or 1

Measure = Callable[[list[Cell]], list[CellResult]]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of a command: how many, how many of them are stored, and the seconds that the others may take."""

    cells: int
    stored: int
    seconds: float

    def __str__(self) -> str:
        if self.stored == self.cells:
            return f"{self.cells} cells, all of them stored"
        missing = self.cells - self.stored
        return f"{self.cells} cells: {self.stored} stored, {missing} to measure, about {self.seconds:.0f} s"


@dataclass(slots=True)
class Within:
    """The measurer of a command with its budget; without one, every cell is measured.

    `evidence` has the verdicts that count as stored: those of both ledgers with a budget, else those of the user's own,
    which the measurer uses by itself.
    """

    measurer: Measurer
    budget: Budget | None
    evidence: Evidence
    _pace: float = field(default_factory=lambda: max(1.0, os.getloadavg()[0] / _CORES), init=False)
    _learned: bool = field(default=False, init=False)
    _known: dict[str, Stored] = field(default_factory=dict, init=False)

    def forecast(self, cells: Sequence[Cell]) -> Forecast:
        """Return the forecast for cells, without measuring any."""
        missing = self.missing(cells)
        return Forecast(cells=len(cells), stored=len(cells) - len(missing), seconds=round(self._takes(missing), 1))

    def missing(self, cells: Sequence[Cell]) -> list[Cell]:
        """Return the cells that are not stored."""
        return [cell for cell in cells if self._stored(cell) is None]

    def results(self, cells: list[Cell], measure: Measure | None = None) -> list[CellResult]:
        """Return the results of cells in their order; `measure` is `measurer.answers` by default.

        With a budget, a few cells are measured first, so that the time of the others is known.
        """
        ask = measure or self.measurer.answers
        if self.budget is None:
            return ask(cells)
        found = {n: known for n, cell in enumerate(cells) if (known := self._stored(cell)) is not None}
        missing = [n for n in range(len(cells)) if n not in found]
        while batch := self._next([cells[n] for n in missing]):
            since, chosen = time.monotonic(), missing[:batch]
            measured = [cells[n] for n in chosen]
            found |= zip(chosen, ask(measured), strict=True)
            self._learn(measured, time.monotonic() - since)
            missing = missing[batch:]
        return [found[n] if n in found else _left_out(cell, self.budget) for n, cell in enumerate(cells)]

    def _next(self, cells: list[Cell]) -> int:
        """Return how many of the next cells fit in the rest of the budget, `jobs` at most."""
        assert self.budget is not None
        number = min(len(cells), self.measurer.jobs if self._learned else _CORES)
        while number and self._takes(cells[:number]) > self.budget.left:
            number -= 1
        return number

    def _learn(self, cells: list[Cell], took: float) -> None:
        """Record how long cells took: the rest is expected to be as slow."""
        self._pace = max(self._pace, took / predicted(cells, self.measurer.settings, self.measurer.jobs))
        self._learned = True

    def _takes(self, cells: Sequence[Cell]) -> float:
        """Return the seconds that cells may take on this machine, which others may use too."""
        return self._pace * predicted(cells, self.measurer.settings, self.measurer.jobs)

    def _stored(self, cell: Cell) -> CellResult | None:
        """Return the stored result of a cell; None if there is none that counts, or all are measured again."""
        if self.measurer.settings.again:
            return None
        return self.stored_on(cell.target).find(cell.scenario, cell.variant)

    def stored_on(self, target: Target) -> Stored:
        """Return the stored verdicts about a target; an environment that exists is asked for its packages once."""
        if target.spec not in self._known:
            self._known[target.spec] = self.evidence.on(self._subject(target))
        return self._known[target.spec]

    def _subject(self, target: Target) -> Subject:
        if target.interpreter is not None:
            found = self.measurer.environment(target)
            return Subject(target, found.packages, complete=True, python=found.python)
        python = next(iter(target.pythons), None)
        return Subject(target, dict(target.pins), complete=target.spec.startswith(LOCK), python=python)


def within(measurer: Measurer, seconds: int | None) -> Within:
    """Return the measurer of a command with its budget in seconds; None for no bound."""
    strict, own = measurer.settings.strict, Ledger(measurer.ledger).stacks
    if seconds is None:
        return Within(measurer, None, Evidence([], own, strict))
    return Within(measurer, Budget(seconds), Evidence(shipped_ledger().stacks, own, strict))


def predicted(cells: Sequence[Cell], settings: Settings, jobs: int, runs: Sequence[int] | None = None) -> float:
    """Return the seconds that measuring cells may take: the longest run, or the work of all of them in parallel.

    `runs` are those of each cell, by default as many as its scenario declares.
    """
    if not cells:
        return 0.0
    runs = runs or [(settings.repeats or cell.scenario.repeats) for cell in cells]
    longest = [_seconds(cell, settings.unit) for cell in cells]
    parallel = sum(each * number for each, number in zip(longest, runs, strict=True)) / jobs
    processor = sum(runs) * PROCESSOR / _CORES
    builds = BUILD * len({(cell.target.spec, cell.needs) for cell in cells}) / _CORES
    return max(max(longest), parallel, processor) + builds


def _seconds(cell: Cell, unit: float) -> float:
    """Return the seconds of one run: those of a correct pool under the load, and of the counts after it."""
    if cell.scenario.run is not None or cell.load.ladder:
        return LONG
    ended = max((fate.ended for fate in ideal_pool(cell.load).values()), default=0.0)
    return START + (min(ended, cell.load.deadline) + cell.load.keepalive_expiry + COUNTS) * unit


def _left_out(cell: Cell, budget: Budget) -> CellResult:
    line, release = cell.target.release or (None, None)
    return CellResult(
        scenario=cell.scenario.id,
        variant=cell.variant,
        status=Status.UNKNOWN,
        reason=f"{LEFT_OUT}{budget.reason}",
        target=cell.target.spec,
        line=line,
        release=release,
        packages={},
        python=None,
        seconds=0.0,
        cached=False,
        replay=replay(cell.scenario_name, cell.target.spec),
    )


def left_out(cell: CellResult) -> bool:
    """Return whether the budget left a cell out."""
    return cell.status is Status.UNKNOWN and (cell.reason or "").startswith(LEFT_OUT)
