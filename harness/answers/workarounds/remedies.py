"""Which remedies help on a target: each is compared with the same scenario without it, and so is each upgrade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from ...catalogue.packages import CLIENT_OF
from ...catalogue.releases import load
from ...catalogue.requirements import admits
from ...cells.cell import Cell, variant_name
from ...cells.commands import replay
from ...errors import PoolgateError
from ...scenarios.declaration.scenario import BY_CALLER, REMEDIES, REMEDY, Load, Scenario, complete, load_of, remedied
from ...targets.from_release import of_pins
from ...targets.target import Target
from ...verdict.compare import JUDGED, Change, compare, failing_rate, open_question
from ...verdict.outcome import CellResult
from ...verdict.words import Status
from .cautions import NONE, ComparedLoads, costs, when_not
from .load_figures import LoadFigures, ideal_figures, stored_figures

Helps = Literal["helps", "helps in part", "does not help", "makes it worse", "not judged"]

MOVES = {
    "upgrade-pool": "the newest pool that the client there is admits, alone",
    "upgrade": "the newest release of the client",
    "fork": "the newest release of a fork",
}
"""Remedies that change what is installed."""


class TriedRemedy(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy against one failing scenario.

    `without` and `figures` describe the load without and with it, `due` the same load on a correct pool without it.
    `costs` are the measured ones, `caution` all of them and when not to use it.
    """

    remedy: str
    what: str
    scenario: str
    target: str
    helps: Helps
    measured: str = msgspec.field(name="told")
    without: LoadFigures | None
    figures: LoadFigures | None = msgspec.field(name="effort")
    due: LoadFigures | None
    caution: str
    command: str
    costs: list[str] = []

    @property
    def does(self) -> str:
        """Return the result as a predicate of `it`: "makes it worse", "could not be judged"."""
        return "could not be judged" if self.helps == "not judged" else self.helps


def remedy_cells(cell: Cell) -> dict[str, Cell]:
    """Return a cell with each remedy that changes its load, by the remedy's name.

    A sweep makes its requests itself, so that no remedy can wrap them: its result is empty.
    """
    if cell.scenario.run is not None:
        return {}
    plain = plain_load(cell)
    return {
        remedy: Cell(cell.scenario, {**cell.variant, REMEDY: remedy}, cell.target)
        for remedy in REMEDIES
        if _changes(plain, remedy)
    }


def plain_load(cell: Cell) -> Load:
    """Return the load of a cell without a remedy."""
    variant = {name: value for name, value in cell.variant.items() if name != REMEDY}
    return load_of(cell.scenario, complete(cell.scenario, variant))


def compared_loads(cell: Cell, other: Cell) -> ComparedLoads:
    """Return the stored figures of a cell and of the same cell with a remedy."""
    with_it = stored_figures(other)
    due = ideal_figures(plain_load(cell), with_it.unit) if with_it else None
    return ComparedLoads(stored_figures(cell), with_it, due)


def _changes(load: Load, remedy: str) -> bool:
    if remedy == "shield":
        return any(request.cancelled is not None for request in load.requests)
    return remedy in BY_CALLER or remedied(load, {REMEDY: remedy})._replace(remedy=None) != load


def moves(target: Target, packages: Mapping[str, str] | None = None, python: str = "") -> dict[str, list[Target]]:
    """Return the usual targets to move to from this one, by the name of the move.

    `packages` are those of an environment, where the target has no pins. `python` is the minor version that the target
    names: then the other targets run on it too.
    """
    pins = dict(packages or target.pins)
    newest = {name: releases[-1].version for name, releases in load().packages.items() if releases}
    asked: dict[str, list[dict[str, str]]] = {"upgrade-pool": [], "upgrade": [], "fork": []}
    for client in CLIENT_OF.values():
        pool = next(name for name, driver in CLIENT_OF.items() if driver == client)
        newest_pool = _admitted(client, pins[client], pool) if client in pins and pool in pins else None
        if newest_pool is not None and newest_pool != pins[pool]:
            asked["upgrade-pool"].append({client: pins[client], pool: newest_pool})
        if client in pins or pool in pins:
            asked["upgrade"] += [{client: newest[client]}] if pins.get(client) != newest[client] else []
        else:
            asked["fork"].append({client: newest[client]})
    # For the target of a fork, httpx is not a fork.
    forks = [pinned for pinned in asked["fork"] if "httpx" not in pinned]
    return {name: list(_possible(forks if name == "fork" else sets, python)) for name, sets in asked.items()}


def _admitted(client: str, version: str, pool: str) -> str | None:
    """Return the newest release of a pool that a client's requirement admits; None where it admits none."""
    release = load().find(client, version)
    versions = [known.version for known in reversed(load().releases(pool))]
    return next((known for known in versions if admits(release, pool, known)), None)


def _possible(sets: Iterable[dict[str, str]], python: str) -> Iterable[Target]:
    """Yield the targets of pins, without those that cannot be one."""
    for pins in sets:
        try:
            yield of_pins(pins, python or None)
        except PoolgateError:
            continue


def tried_remedy(remedy: str, before: CellResult, after: CellResult, loads: ComparedLoads = NONE) -> TriedRemedy:
    """Return the result of one remedy against a failing cell."""
    change, remark = compare(before, after)
    helps = _helps(before, change, after)
    measured = f"{before.status} {before.key}, then {after.status} {after.key or after.reason}"
    return TriedRemedy(
        remedy=remedy if before.target == after.target else f"{remedy}: {after.target}",
        what=REMEDIES.get(remedy) or MOVES[remedy],
        scenario=variant_name(before.scenario, before.variant),
        target=after.target,
        helps=helps,
        measured=f"{measured} ({remark})" if remark and helps == "not judged" else measured,
        without=loads.without,
        figures=loads.figures,
        due=loads.due,
        caution=when_not(remedy, before, after, loads),
        command=replay(variant_name(after.scenario, after.variant), after.target),
        costs=costs(before, after, loads),
    )


def _helps(before: CellResult, change: Change, after: CellResult) -> Helps:
    if not {before.status, after.status} <= JUDGED:
        return "not judged"
    if change is Change.UNKNOWN or (change is Change.SAME and open_question(before, after)):
        return _by_rates(before, after)
    if after.status is Status.PASS:
        return "helps"
    if change is Change.BETTER:
        return "helps in part"
    return "makes it worse" if change is Change.WORSE else "does not help"


def _by_rates(before: CellResult, after: CellResult) -> Helps:
    """Return what the runs decide where chance decides a cell: intervals of the failing rates that do not overlap.

    Where every run fails with the remedy, as without it, it does not help.
    """
    if before.status is after.status is Status.FAIL:
        return "does not help"
    without, with_it = failing_rate(before), failing_rate(after)
    if without is None or with_it is None:
        return "not judged"
    if with_it.high < without.low:
        return "helps" if after.status is Status.PASS else "helps in part"
    return "makes it worse" if without.high < with_it.low else "not judged"


def suited(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """Return the scenarios that remedies apply to: those that load requests, not a ladder of task counts."""
    return [scenario for scenario in scenarios if not load_of(scenario, complete(scenario, {})).ladder]
