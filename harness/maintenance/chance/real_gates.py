"""The gates that people run: releases of the catalogue, and the cells of each that only runs in turns can decide.

Which cells these are, and how often each side fails, is read from the ledger that ships.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...answers.gate.budget import Budget
from ...answers.gate.evidence import Evidence
from ...answers.gate.exercise import KINDS
from ...answers.gate.families import matches
from ...answers.gate.fresh import Fresh
from ...answers.gate.pairs import Chosen, Pair, pair_of
from ...answers.gate.sides import known_side
from ...answers.gate.value import is_core, rank
from ...catalogue.packages import CLIENTS
from ...catalogue.releases import load
from ...cells.cell import variant_name
from ...cells.select import select
from ...ledger.instruments import SHIPPED
from ...ledger.store import Ledger
from ...measurement.cached import Measurer
from ...targets.parse import parse
from ...verdict.compare import Change, failing_rate
from ...verdict.outcome import CellResult

UNKNOWN_RATE = 0.5
"""The failing rate of a side that the ledger does not have: the one whose runs are the noisiest."""


class OpenCell(NamedTuple):
    """A cell that runs in turns decide, with the failing rates of both sides; `core` cells have the first turns."""

    name: str
    base: float
    head: float
    core: bool = False


class RealGate(NamedTuple):
    """Two targets, how many cells share the error of the test, and the cells that share the budget."""

    base: str
    head: str
    among: int
    cells: list[OpenCell]


def real_gates() -> list[RealGate]:
    """Return the gate of each client's newest release with the series before, and of httpx with each fork."""
    evidence = Evidence(Ledger(SHIPPED).stacks)
    return [_gate(base, head, evidence) for base, head in _targets()]


def _targets() -> Iterator[tuple[str, str]]:
    newest = {client: load().releases(client)[-1] for client in CLIENTS}
    for client, release in newest.items():
        series = release.parsed.release[:2]
        before = [each for each in load().releases(client) if each.parsed.release[:2] < series]
        yield f"{client}=={before[-1].version}", f"{client}=={release.version}"
    first, *forks = newest
    yield from ((f"{first}=={newest[first].version}", f"{fork}=={newest[fork].version}") for fork in forks)


def _gate(base: str, head: str, evidence: Evidence) -> RealGate:
    fresh = Fresh(_never, Budget(0))
    sides = [known_side(parse(spec), evidence, fresh) for spec in (base, head)]
    (match,) = matches(sides[0].packages, sides[1].packages)
    pair = pair_of(match, sides[0], sides[1], evidence)
    chosen = [each for each in select(["all"]) if pair.uses_changed(each) and not pair.lacks(each)]
    among = KINDS * max(1, sum(pair.stored_by_chance(each) for each in chosen))
    left = [each for each in chosen if pair.left_to_chance(each) and _is_open(pair, each, among)]
    cells = [_cell(pair, each) for each in sorted(left, key=lambda each: rank(*each))]
    return RealGate(base, head, KINDS * max(1, len(cells)), cells)


def _never() -> Measurer:
    raise AssertionError("a gate of stored verdicts measures nothing")


def _is_open(pair: Pair, chosen: Chosen, among: int) -> bool:
    placed = pair.stored(chosen, among)
    return placed is None or placed[0] is Change.UNKNOWN


def _cell(pair: Pair, chosen: Chosen) -> OpenCell:
    base, head = (_rate(side.find(*chosen)) for side in (pair.base, pair.head))
    name = variant_name(chosen[0].id, chosen[1])
    return OpenCell(name, base, head, is_core(*chosen))


def _rate(result: CellResult | None) -> float:
    rate = failing_rate(result) if result else None
    return rate.failed / rate.runs if rate else UNKNOWN_RATE
