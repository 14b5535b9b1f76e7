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
from ..verdict.paired import FALSE_SAME
from ..verdict.rate import ENOUGH_BLOCKS
from .batch import run_cells, run_pairs
from .cell import decided_by_chance
from .own_client import Made, ask_client, check_suited
from .paired import Comparison
from .repeats import CONFIRMING
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
        """Return the results of cells, run in blocks where a comparison depends on a rate that was not."""
        answers = dict(enumerate(self.answers(cells)))
        repeated: set[int] = set()
        while more := self._to_repeat(list(answers.values()), pairs, compared) - repeated:
            # A cell that becomes flaky opens the comparison with its other neighbour.
            repeated |= more
            again = self._measured([cells[n] for n in sorted(more)], replace(self.settings, again=True))
            answers |= dict(zip(sorted(more), again, strict=True))
        return list(answers.values())

    def compared_pairs(
        self,
        pairs: list[tuple[Cell, Cell]],
        budget: float,
        among: int | None = None,
        false_same: float = FALSE_SAME,
        first: int = 0,
    ) -> list[Comparison]:
        """Return the comparison of each pair (base, head), all measured anew by runs that alternate.

        It is for cells that chance decides (`decided_by_chance`): a stored verdict is never set against a fresh one.
        `budget` is in seconds, for all pairs together; environments are built before it counts. The error of all
        comparisons together is bounded for `among` cells, by default those of `pairs`; a caller that also
        compares stored cells names the number of both. `false_same` is the chance that a difference that matters is
        called the same, of each comparison. The `first` pairs have half of the budget before the others begin.
        """
        count = max(len(pairs), among or 0)
        if not pairs:
            return []
        return run_pairs(pairs, self._ledger(), self.settings, self.jobs, budget, count, false_same, first)

    def decided_by_chance(self, cell: Cell) -> bool:
        """Return whether chance decides a cell, so that it is compared by `compared_pairs`."""
        return decided_by_chance(cell, dict(cell.target.pins))

    def answers_confirmed(self, cells: list[Cell]) -> list[CellResult]:
        """Return the results of cells that users act upon: single passes are repeated."""
        return self._measured(cells, replace(self.settings, least=CONFIRMING))

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
        suited = check_suited(chosen)
        try:
            made = ask_client(own, self.environment(target))
        except (UninstallableError, RegistryError):
            return
        if all(scenario.threads is not made.threads for scenario, _ in suited):
            raise NothingSelectedError(f"{own.spec} makes {made}, and none of these scenarios is about that one")

    def made(self, target: Target) -> Made | None:
        """Return what the factory of the user's own client makes on a target; None without a factory.

        Raises OwnClientError, UninstallableError or RegistryError.
        """
        own = self.settings.client
        return ask_client(own, self.environment(target)) if own else None

    def _to_repeat(self, answers: list[CellResult], pairs: Pairs, compared: Compared) -> set[int]:
        """Return the indexes of cells with too few blocks for their comparison."""
        if self.settings.repeats is not None:
            return set()
        shown = compared(answers)
        return {n for n in open_pairs(shown, pairs(answers)) if len(shown[n].in_blocks) < ENOUGH_BLOCKS}

    def _measured(self, cells: list[Cell], settings: Settings) -> list[CellResult]:
        return run_cells(cells, self._ledger(), settings, self.jobs)

    def _ledger(self) -> Ledger:
        return Ledger(self.ledger, live())
