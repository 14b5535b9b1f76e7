"""Results of cells for every command that measures: from the ledger where they are fresh, else measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..cells.cell import Cell
from ..environments.build import Environment, environment_for
from ..environments.uv import RegistryError, UninstallableError
from ..errors import NothingSelectedError
from ..ledger.instruments import live
from ..ledger.store import Ledger
from ..processes import Processes
from ..scenarios.declaration.scenario import Scenario, Variant
from ..targets.target import Target
from ..verdict.compare import open_pairs
from ..verdict.outcome import CellResult
from ..verdict.words import Status
from .batch import run_cells
from .own_client import ask_client, check_suited
from .repeats import CONFIRMING, ENOUGH
from .settings import Settings

Pairs = Callable[[list[CellResult]], list[tuple[int, int]]]
"""Returns the indexes of the results that are compared with each other."""
Compared = Callable[[list[CellResult]], list[CellResult]]
"""Returns what is compared in place of each result."""


@dataclass(frozen=True, slots=True)
class Measurer:
    """The measurements of one command: its settings, the root of the user's ledger, and the cells in parallel.

    Results are in the order of the cells. `settings.repeats` fixes the runs of each cell; no cell runs more often.
    """

    settings: Settings
    ledger: Path
    jobs: int

    def answers(self, cells: list[Cell]) -> list[CellResult]:
        """Return the results of cells."""
        return self._measured(cells, self.settings)

    def answers_compared(self, cells: list[Cell], pairs: Pairs, compared: Compared = list) -> list[CellResult]:
        """Return the results of cells, repeated where a comparison depends on a rate that is not known well enough."""
        answers = dict(enumerate(self.answers(cells)))
        repeated: set[int] = set()
        while more := self._to_repeat(list(answers.values()), pairs, compared) - repeated:
            # A cell that becomes flaky opens the comparison with its other neighbour.
            repeated |= more
            again = self._measured([cells[n] for n in sorted(more)], self._enough)
            answers |= dict(zip(sorted(more), again, strict=True))
        return list(answers.values())

    def answers_confirmed(self, cells: list[Cell]) -> list[CellResult]:
        """Return the results of cells that users act upon: single passes are repeated, and flaky cells get a rate."""
        if self.settings.repeats is not None:
            return self.answers(cells)
        answers = self._measured(cells, replace(self.settings, repeats=CONFIRMING))
        racy = [n for n, answer in enumerate(answers) if answer.status is Status.FLAKY and answer.repeats < ENOUGH]
        measured = self._measured([cells[n] for n in racy], self._enough) if racy else []
        again = dict(zip(racy, measured, strict=True))
        return [again.get(n, answer) for n, answer in enumerate(answers)]

    def environment(self, target: Target) -> Environment:
        """Return the environment of a target, built if needed; raises UninstallableError or RegistryError."""
        return environment_for(Processes(), target)

    def check_client(self, target: Target, chosen: list[tuple[Scenario, Variant]]) -> None:
        """Raise UsageError where the user's own client does not work on a target, or does not suit the scenarios.

        A target that can't be installed is not a usage error: the results of its cells report it.
        """
        own = self.settings.client
        if own is None:
            return
        check_suited(chosen)
        try:
            made = ask_client(own, self.environment(target))
        except (UninstallableError, RegistryError):
            return
        if all(scenario.threads is not made.threads for scenario, _ in chosen):
            raise NothingSelectedError(f"{own.spec} makes {made}, and none of these scenarios is about that one")

    @property
    def _enough(self) -> Settings:
        return replace(self.settings, repeats=ENOUGH, again=True)

    def _to_repeat(self, answers: list[CellResult], pairs: Pairs, compared: Compared) -> set[int]:
        """Return the indexes of cells with too few runs for their comparison."""
        if self.settings.repeats is not None:
            return set()
        shown = compared(answers)
        return {n for n in open_pairs(shown, pairs(answers)) if shown[n].repeats < ENOUGH}

    def _measured(self, cells: list[Cell], settings: Settings) -> list[CellResult]:
        return run_cells(cells, Ledger(self.ledger, live()), settings, self.jobs)
