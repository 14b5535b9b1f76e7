"""What a gate measures: environments and cells, as long as its budget lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...cells.cell import Cell
from ...targets.target import Target
from ...verdict.outcome import CellResult
from .budget import Budget

if TYPE_CHECKING:
    from ...environments.build import Environment
    from ...measurement.cached import Measurer

MeasurerFactory = Callable[[], "Measurer"]
"""Returns the measurer; called at the first measurement, because an answer from the ledgers needs none."""

CellPair = tuple[Cell, Cell]


@dataclass(slots=True)
class Fresh:
    """The measurements of a gate, begun only while its budget lasts."""

    factory: MeasurerFactory
    budget: Budget
    _measurer: Measurer | None = field(default=None, init=False)

    @property
    def measurer(self) -> Measurer:
        """Return the measurer, made once."""
        if self._measurer is None:
            self._measurer = self.factory()
        return self._measurer

    @property
    def used(self) -> bool:
        """Return whether anything was measured or built."""
        return self._measurer is not None

    def environment(self, target: Target) -> Environment | str:
        """Return the environment of a target, or the reason why it can't be built."""
        from ...environments.uv import RegistryError, UninstallableError

        try:
            return self.measurer.environment(target)
        except (UninstallableError, RegistryError) as error:
            return str(error)

    def compared(self, pairs: list[CellPair]) -> Iterator[tuple[CellResult, CellResult] | None]:
        """Yield the results of each pair of cells, in their order; None for a pair that the budget leaves out."""
        done = 0
        while done < len(pairs) and not self.budget.over:
            batch = pairs[done : done + max(1, self.measurer.jobs // 2)]
            yield from self._batch(batch)
            done += len(batch)
        yield from (None for _ in pairs[done:])

    def _batch(self, pairs: list[CellPair]) -> Iterator[tuple[CellResult, CellResult]]:
        cells = [cell for pair in pairs for cell in pair]
        places = [(n, n + 1) for n in range(0, len(cells), 2)]
        results = self.measurer.answers_compared(cells, lambda _: places)
        yield from ((results[one], results[other]) for one, other in places)

    def results(self, cells: list[Cell]) -> list[CellResult]:
        """Return the results of cells; nothing if the budget is over."""
        return [] if self.budget.over else self.measurer.answers(cells)
