"""The measurement of places for a bisection, in the same cells as every other command, and their preparation.

Commits have a ledger of their own below the user's: they state the version of a release, and are not releases.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec

from ...cells.cell import Cell
from ...environments.build import environment_for
from ...errors import PoolgateError
from ...measurement.cached import Measurer
from ...measurement.paired import NO_TIME, Comparison
from ...processes import Processes
from ...scenarios.declaration.scenario import Scenario, Variant
from ...verdict.compare import JUDGED, Change
from ...verdict.outcome import CellResult
from .in_turns import Errors
from .log import Log
from .places import Place
from .search import Side
from .step import Step

COMMITS = "commits"
"""The folder of the commits' ledger below the user's own."""


class BisectMeasurer:
    """The places of a search as cells; leaving the context stops the preparation."""

    def __init__(
        self,
        scenario: Scenario,
        variant: Variant,
        places: list[Place],
        *,
        measurer: Measurer,
        log: Log,
    ) -> None:
        self._cells = [Cell(scenario, variant, place.target) for place in places]
        self._places = places
        committed = any(place.target.git for place in places)
        self._measurer = replace(measurer, ledger=measurer.ledger / COMMITS) if committed else measurer
        self._log = log
        self._chance = any(step.blocks for step in log.steps.values())
        self._processes = Processes()
        self._ahead = ThreadPoolExecutor(1)

    @property
    def by_chance(self) -> bool:
        """Return whether chance decides the scenario variant, as far as that is known by now."""
        return self._chance or any(self._measurer.decided_by_chance(cell) for cell in self._cells)

    def __enter__(self) -> BisectMeasurer:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._processes.end_all()
        self._ahead.shutdown(cancel_futures=True)

    def measure(self, places: Sequence[int], runs: int | None) -> Mapping[int, Step]:
        """Return the steps of places with this many runs; steps in the log or a ledger are not measured again."""
        known = {at: step for at in places if (step := self._log.steps.get(self._places[at].name)) is not None}
        steps = {at: step for at, step in known.items() if _enough(step, runs)}
        steps.update(self._run([at for at in places if at not in steps], runs, again=self._measurer.settings.again))
        # A ledger finds a cell by its identity, not by its number of runs.
        rare = [at for at, step in steps.items() if not _enough(step, runs)]
        steps.update(self._run(rare, runs, again=True))
        return steps

    def compare(self, places: Sequence[int], errors: Errors, deadline: float) -> Mapping[int, Step]:
        """Return the steps of places and of the good end, from the log or by runs in turns.

        They end at the deadline, in seconds of `time.monotonic`.
        """
        logged = {at: self._log.steps.get(self._places[at].name) for at in (0, *places)}
        known = {at: step for at, step in logged.items() if step and _decided(step)}
        asked = [at for at in places if at not in known or 0 not in known]
        left = max(0.0, deadline - time.monotonic())
        pairs = [(self._cells[0], self._cells[at]) for at in asked]
        results = self._measurer.compared_pairs(pairs, left, errors.among, errors.false_same)
        for at, found in zip(asked, results, strict=True):
            good = _step(self._places[0], found.base)
            known |= {0: msgspec.structs.replace(good, compared=Change.SAME), at: self._compared(at, found)}
        return known

    def _compared(self, at: int, found: Comparison) -> Step:
        """Return the step of a place; it has a decision, or more runs may lead to one, unless it can't be judged."""
        judged = {found.base.status, found.head.status} <= JUDGED
        possible = found.change is not Change.UNKNOWN or judged or found.head.reason == NO_TIME
        step, good = _step(self._places[at], found.head), self._places[0].name[:12]
        if not possible:
            return msgspec.structs.replace(step, reason=found.remark)
        counts = f"only that fails in {found.only_base}, only this in {found.only_head}"
        seen = f"{found.pairs} pairs of runs in turns with {good}: {counts}" if found.pairs else NO_TIME
        return msgspec.structs.replace(step, compared=found.change, reason=seen)

    def _run(self, places: list[int], runs: int | None, *, again: bool) -> Iterator[tuple[int, Step]]:
        if places:
            settings = replace(self._measurer.settings, repeats=runs, again=again, chance=self._chance)
            jobs = min(self._measurer.jobs, len(places))
            answers = replace(self._measurer, settings=settings, jobs=jobs).answers([self._cells[at] for at in places])
            # If chance decides one place, all are measured under its conditions.
            self._chance = self._chance or any(answer.by_chance for answer in answers)
            yield from ((at, _step(self._places[at], answer)) for at, answer in zip(places, answers, strict=True))

    def prepare(self, places: list[int]) -> None:
        """Build the environments of places in the background; a failure is reported when the place is measured."""

        def build(cell: Cell) -> None:
            with contextlib.suppress(PoolgateError):
                environment_for(self._processes, cell.target, cell.scenario.extras)

        for at in places:
            self._ahead.submit(build, self._cells[at])


def _enough(step: Step, runs: int | None) -> bool:
    """Return whether a step needs no more runs: it has enough, or it can't be judged."""
    return step.runs >= (runs or 1) or not step.keys


def _decided(step: Step) -> bool:
    return step.compared is not msgspec.UNSET and step.compared is not Change.UNKNOWN


def _step(place: Place, cell: CellResult) -> Step:
    return Step(
        name=place.name,
        date=place.date,
        subject=place.subject,
        side=Side.SKIP,
        status=cell.status,
        keys=msgspec.structs.asdict(cell)["keys"],
        runs=cell.repeats,
        reason=cell.reason,
        again=cell.replay,
        blocks=cell.blocks,
    )
