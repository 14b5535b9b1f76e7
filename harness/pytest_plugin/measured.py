"""The cells behind `pytest --poolgate`, and the text of each verdict."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ..catalogue.packages import PACKAGES
from ..cells.cell import Cell
from ..cells.select import select
from ..formats.cell_text import commands_of, evidence_of, points_of, text_of
from ..measurement.batch import default_jobs
from ..measurement.cached import Measurer
from ..measurement.own_client import own_client
from ..measurement.settings import Settings
from ..paths import results_root
from ..targets.parse import parse
from ..verdict.outcome import CellResult
from ..verdict.words import Status


class Measured:
    """The selected scenarios on this interpreter; raises PoolgateError for a selection that is not valid."""

    def __init__(self, scenarios: Iterable[str], factory: str | None) -> None:
        client = own_client(factory) if factory else None
        self._measurer = Measurer(Settings(client=client), results_root(), default_jobs())
        target = parse(f"python:{sys.executable}")
        chosen = select(scenarios)
        self._measurer.environment(target)
        self._measurer.check_client(target, chosen)
        self._cells = {cell.scenario_name: cell for cell in (Cell(*each, target) for each in chosen)}
        self._results: dict[str, CellResult] = {}

    @property
    def names(self) -> list[str]:
        """The names of the scenarios and variants."""
        return list(self._cells)

    def verdict(self, name: str, together: list[str]) -> tuple[Status, str]:
        """Return status and text of a scenario, measured together with others; raises PoolgateError."""
        if name not in self._results:
            names = [each for each in together if each not in self._results]
            results = self._measurer.answers([self._cells[each] for each in names])
            self._results |= dict(zip(names, results, strict=True))
        return self._results[name].status, text(self._results[name])


def text(cell: CellResult) -> str:
    """Return a verdict: what is tested and what fails, then the evidence, and the command that repeats it."""
    packages = [f"{name} {cell.packages[name]}" for name in PACKAGES if name in cell.packages]
    first = f"{text_of(cell)}: {', '.join(packages) or cell.target} on Python {cell.python or 'unknown'}"
    return "\n".join([first, *(f"  {line}" for line in (*evidence_of(cell), *points_of(cell), *commands_of(cell)))])
