"""The measurement of places for a bisection, in the same cells as every other command, and their preparation.

Commits have a ledger of their own below the user's: they state the version of a release, and are not releases.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec

from ...cells.cell import Cell
from ...environments.build import environment_for
from ...errors import PoolgateError
from ...measurement.cached import Measurer
from ...processes import Processes
from ...scenarios.declaration.scenario import Scenario, Variant
from ...verdict.outcome import CellResult
from .bisection import Step
from .log import Log
from .places import Place
from .search import Side

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
