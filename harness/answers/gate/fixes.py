"""The smallest change of pins that clears a finding: from stored verdicts where there are, else measured."""

from __future__ import annotations

import itertools

from ...catalogue.packages import clients_of, differing, pool_of
from ...catalogue.releases import load
from ...cells.cell import Cell
from ...errors import UsageError
from ...scenarios import declared
from ...targets.from_release import of_pins
from ...targets.spec import text_of
from ...targets.target import Target, minor
from ...verdict.compare import Change, compare
from ...verdict.outcome import CellResult
from ...verdict.words import Status
from .answer import Compared, Fix, GateAnswer
from .destination import clears, stored_in
from .evidence import Evidence
from .families import narrowed
from .fresh import Fresh
from .minimal_fix import Pins, candidates, with_companions

BATCH = 3
"""The number of candidates for a fix that are measured in parallel."""


def fixes(answer: GateAnswer, evidence: Evidence, fresh: Fresh) -> list[Fix]:
    """Return the smallest fix of each finding."""
    return [_Search(answer, cell, evidence, fresh).fix() for cell in answer.worse]


class _Search:
    """The search for the smallest fix of one finding."""

    def __init__(self, answer: GateAnswer, cell: Compared, evidence: Evidence, fresh: Fresh) -> None:
        client = clients_of(cell.head.packages)[0]
        self._packages = narrowed({**cell.head.packages, **answer.head.packages}, client)
        self._start = pool_of(self._packages, client)
        self._python = minor(answer.head.python) if answer.head.python else None
        self._cell, self._evidence, self._fresh = cell, evidence, fresh
        self._tried = 0

    def fix(self) -> Fix:
        """Return the first candidate that is not worse than base, the nearest first."""
        remaining = candidates(self._packages, load())
        while batch := list(itertools.islice(remaining, BATCH)):
            known = [self._stored(pins) for pins in batch]
            open_pins = [pins for pins, clear in zip(batch, known, strict=True) if clear is None]
            self._tried += len(batch) - len(open_pins)
            measured = self._measured(open_pins) if open_pins else {}
            for pins, clear in zip(batch, known, strict=True):
                if clear:
                    return self._fix(text_of(pins), differing(self._start, pins))
                if (answer := measured.get(text_of(pins))) and self._is_clear(answer):
                    return self._fix(answer.target, differing(self._packages, answer.packages))
        return self._fix(None, {})

    def _fix(self, target: str | None, change: dict[str, list[str | None]]) -> Fix:
        return Fix(scenario=self._cell.scenario, target=target, change=change, tried=self._tried)

    def _stored(self, pins: Pins) -> bool | None:
        """Return whether stored verdicts call a candidate clear; None if there is none."""
        stacks = self._evidence.by_pair.get((self._python or "", tuple(sorted(pins.items()))), [])
        return clears(self._cell, stacks) if stored_in(stacks, self._cell) else None

    def _measured(self, batch: list[Pins]) -> dict[str, CellResult]:
        """Return the results of candidates; other pins are kept if a solution exists with them."""
        scenario, variant = declared()[self._cell.head.scenario], self._cell.head.variant
        results: list[CellResult] = []
        for companions in (True, False):
            pinned = [with_companions(pins, self._packages) if companions else pins for pins in batch]
            results = self._fresh.results([Cell(scenario, variant, self._target(pins)) for pins in pinned])
            self._tried += len(results)
            if not results or any(result.status is not Status.UNINSTALLABLE for result in results):
                break
        return {text_of(pins): result for pins, result in zip(batch, results, strict=False)}

    def _target(self, pins: Pins) -> Target:
        """Return a candidate as a target, on the Python of head if the candidate supports it."""
        try:
            return of_pins(pins, self._python)
        except UsageError:
            return of_pins(pins)

    def _is_clear(self, answer: CellResult) -> bool:
        better = {Change.SAME, Change.BETTER}
        return answer.status is Status.PASS or compare(self._cell.base, answer)[0] in better
