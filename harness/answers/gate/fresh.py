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
    from ...measurement.own_client import Made
    from ...measurement.paired import Comparison

MeasurerFactory = Callable[[], "Measurer"]
"""Returns the measurer; called at the first measurement, because an answer from the ledgers needs none."""

CellPair = tuple[Cell, Cell]


@dataclass(slots=True)
class Fresh:
    """The measurements of a gate, begun only while its budget lasts."""

    factory: MeasurerFactory
    budget: Budget
    _measurer: Measurer | None = field(default=None, init=False)
    _environments: dict[str, Environment | str] = field(default_factory=dict, init=False)

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

    def made(self, target: Target) -> Made | None:
        """Return what the factory of a user's own client makes on a target; None where it makes nothing usable."""
        from ...environments.uv import RegistryError, UninstallableError
        from ...measurement.own_client import OwnClientError

        try:
            return self.measurer.made(target)
        except (UninstallableError, RegistryError, OwnClientError):
            return None

    def unsuited(self, pair: CellPair) -> str | None:
        """Return why a cell can't be measured on a user's own client; None where it can, or for poolgate's client."""
        if self.measurer.settings.client is None:
            return None
        from ...measurement.own_client import unsuited

        return unsuited(pair[1].scenario, pair[1].variant)

    def by_chance(self, pair: CellPair) -> bool:
        """Return whether chance decides one of two cells; a fixed number of runs is taken as it is."""
        measurer = self.measurer
        return measurer.settings.repeats is None and any(measurer.decided_by_chance(cell) for cell in pair)

    def uninstallable(self, pair: CellPair) -> str | None:
        """Return why a side of a pair can't be installed; its environment is built where that is not known."""
        for cell in pair:
            if cell.target.spec not in self._environments:
                self._environments[cell.target.spec] = self.environment(cell.target)
        reasons = [(side, self.reason_of(cell.target)) for side, cell in zip(("head", "base"), pair[::-1], strict=True)]
        return next((f"{side} can't be installed: {reason}" for side, reason in reasons if reason), None)

    def reason_of(self, target: Target) -> str | None:
        """Return why a target can't be installed, as far as that was tried."""
        known = self._environments.get(target.spec)
        return known if isinstance(known, str) else None

    def plain(self, pairs: list[CellPair]) -> Iterator[tuple[CellResult, CellResult] | None]:
        """Yield the results of each pair of cells, in their order; None for a pair that the budget leaves out."""
        done = 0
        while done < len(pairs) and not self.budget.over:
            batch = pairs[done : done + max(1, self.measurer.jobs // 2)]
            results = self.measurer.answers([cell for pair in batch for cell in pair])
            yield from zip(results[::2], results[1::2], strict=True)
            done += len(batch)
        yield from (None for _ in pairs[done:])

    def alternating(
        self, pairs: list[CellPair], among: int, *, first: int = 0, share: float = 1.0
    ) -> list[Comparison | None]:
        """Return the comparison of each pair of cells by runs that alternate; None for all if the budget is over.

        They may use a share of the time that is left, of which the `first` pairs have half before the others begin.
        The error is bounded for `among` tests together.
        """
        if not pairs or self.budget.over:
            return [None for _ in pairs]
        return [*self.measurer.compared_pairs(pairs, self.budget.left * share, among, first=first)]

    def results(self, cells: list[Cell]) -> list[CellResult]:
        """Return the results of cells; nothing if the budget is over."""
        return [] if self.budget.over else self.measurer.answers(cells)
