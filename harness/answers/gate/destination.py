"""The nearest newer pins that stored verdicts call no worse than base, for a family that is worse on head. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue.packages import clients_of, differing, pool_of
from ...catalogue.releases import load
from ...ledger.stack import Entry, Stack
from ...targets.spec import text_of
from ...targets.target import minor
from ...verdict.compare import FAILING, JUDGED, Change, compare
from ...verdict.words import Status
from ..destination import greatest_gain
from .answer import Compared, Destination, GateAnswer
from .evidence import Evidence
from .minimal_fix import candidates


def destinations(answer: GateAnswer, evidence: Evidence) -> list[Destination]:
    """Return a destination for each family with a cell that is worse, where the ledgers have one.

    It has the nearest pins without anything worse, else those with the least that is worse.
    """
    worse = {cell.client for cell in answer.worse}
    families = (family.client for family in answer.families if family.client in worse)
    found = (greatest_gain(_candidates(answer, evidence, client)) for client in families)
    return [each for each in found if each is not None]


def _candidates(answer: GateAnswer, evidence: Evidence, client: str) -> Iterator[Destination]:
    """Yield newer pins, the nearest first, that are judged on everything that is worse on head."""
    cells = [cell for cell in answer.worse if cell.client == client]
    kept = [cell for cell in (*answer.same, *answer.better) if cell.client == client]
    python = minor(answer.head.python or "")
    packages = cells[0].head.packages
    start = pool_of(packages, clients_of(packages)[0])
    for pins in candidates(start, load()):
        stacks = evidence.by_pair.get((python, tuple(sorted(pins.items()))), [])
        if stacks and all(stored_in(stacks, cell) for cell in cells):
            yield Destination(
                client=client,
                target=text_of(pins),
                change=differing(start, pins),
                clears=sum(clears(cell, stacks) for cell in cells),
                of=len(cells),
                adds=sum(_harms(cell, stacks) for cell in kept),
            )


def clears(cell: Compared, stacks: list[Stack]) -> bool:
    """Return whether a stored verdict of the stacks passes, or is at most as bad as base."""
    entry = stored_in(stacks, cell)
    if entry is None or entry.stale or entry.status not in JUDGED:
        return False
    return entry.status is Status.PASS or compare(cell.base, entry)[0] in {Change.SAME, Change.BETTER}


def _harms(cell: Compared, stacks: list[Stack]) -> bool:
    """Return whether a stored verdict of the stacks is worse than base."""
    entry = stored_in(stacks, cell)
    return entry is not None and entry.status in FAILING and compare(cell.base, entry)[0] is Change.WORSE


def stored_in(stacks: list[Stack], cell: Compared) -> Entry | None:
    """Return the stored verdict about the scenario variant of a compared cell."""
    found = (stack.find(cell.head.scenario, cell.head.variant) for stack in stacks)
    return next((entry for entry in found if entry is not None), None)
