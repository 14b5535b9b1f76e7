"""Which remedies help on a target: each beside the same scenario without it, and the upgrades that there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from ...catalogue.packages import CLIENT_OF
from ...catalogue.releases import load
from ...catalogue.requirements import admits
from ...cells.cell import Cell, variant_name
from ...cells.commands import replay
from ...errors import PoolgateError
from ...scenarios.declaration.scenario import BY_CALLER, REMEDIES, REMEDY, Load, Scenario, complete, load_of, remedied
from ...targets.parse import parse
from ...targets.target import Target
from ...verdict.compare import Change, compare, open_question
from ...verdict.outcome import CellResult
from ...verdict.words import Status
from .cautions import NONE, Efforts, when_not
from .load_figures import Effort, ideal_effort, stored_effort

Helps = Literal["helps", "helps in part", "does not help", "makes it worse", "not judged"]

MOVES = {
    "upgrade-pool": "the newest pool that the client there is admits, alone",
    "upgrade": "the newest release of the client",
    "fork": "the newest release of a fork",
}
"""Remedies that change what is installed."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy against one failing scenario.

    `without` and `effort` are of the load before and with it, `due` is what a correct pool makes of it with no remedy.
    """

    remedy: str
    what: str
    scenario: str
    target: str
    helps: Helps
    told: str
    without: Effort | None
    effort: Effort | None
    due: Effort | None
    caution: str
    command: str

    @property
    def does(self) -> str:
        """Whether it helps, behind `it`: "it makes it worse", "it could not be judged"."""
        return "could not be judged" if self.helps == "not judged" else self.helps


class WorkaroundsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `workarounds`: the cells of the target, and what was tried against those that fail."""

    schema: Literal["poolgate/workarounds"] = "poolgate/workarounds"
    version: Literal[1] = 1
    target: str
    cells: list[CellResult]
    tried: list[Tried]


def remedy_cells(cell: Cell) -> dict[str, Cell]:
    """A cell with each remedy that can be there, by the remedy's name: one that changes nothing of a load is none.

    A sweep makes its requests by its own hand, so that nothing can be put around them.
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
    """The load of a cell without any remedy."""
    variant = {name: value for name, value in cell.variant.items() if name != REMEDY}
    return load_of(cell.scenario, complete(cell.scenario, variant))


def efforts_of(cell: Cell, other: Cell) -> Efforts:
    """What is stored of a cell and of the same with a remedy."""
    with_it = stored_effort(other)
    due = ideal_effort(plain_load(cell), with_it.unit) if with_it else None
    return Efforts(stored_effort(cell), with_it, due)


def _changes(load: Load, remedy: str) -> bool:
    if remedy == "shield":
        return any(request.cancelled is not None for request in load.requests)
    return remedy in BY_CALLER or remedied(load, {REMEDY: remedy})._replace(remedy=None) != load


def moves(target: Target) -> dict[str, list[Target]]:
    """Other targets that people move to from this one, by the name of the move."""
    pins = dict(target.pins)
    newest = {name: releases[-1].version for name, releases in load().packages.items() if releases}
    asked: dict[str, list[str]] = {"upgrade-pool": [], "upgrade": [], "fork": []}
    for client in CLIENT_OF.values():
        pool = next(name for name, driver in CLIENT_OF.items() if driver == client)
        newest_pool = _admitted(client, pins[client], pool) if client in pins and pool in pins else None
        if newest_pool is not None and newest_pool != pins[pool]:
            asked["upgrade-pool"].append(f"{client}=={pins[client]},{pool}=={newest_pool}")
        if client in pins or pool in pins:
            asked["upgrade"] += [f"{client}=={newest[client]}"] if pins.get(client) != newest[client] else []
        else:
            asked["fork"].append(f"{client}=={newest[client]}")
    # From a fork, httpx is no fork.
    forks = [spec for spec in asked["fork"] if not spec.startswith("httpx==")]
    return {name: list(_possible(forks if name == "fork" else specs)) for name, specs in asked.items()}


def _admitted(client: str, version: str, pool: str) -> str | None:
    """Return the newest release of a pool that a client's requirement admits; None where it admits none."""
    release = load().find(client, version)
    versions = [known.version for known in reversed(load().releases(pool))]
    return next((known for known in versions if admits(release, pool, known)), None)


def _possible(specs: Iterable[str]) -> Iterable[Target]:
    for spec in specs:
        try:
            yield parse(spec)
        except PoolgateError:
            continue


def weighed(remedy: str, before: CellResult, after: CellResult, efforts: Efforts = NONE) -> Tried:
    """What a remedy did to a failing cell."""
    change, remark = compare(before, after)
    helps = _helps(before, change, after)
    told = f"{before.status} {before.key}, then {after.status} {after.key or after.reason}"
    return Tried(
        remedy=remedy if before.target == after.target else f"{remedy}: {after.target}",
        what=REMEDIES.get(remedy) or MOVES[remedy],
        scenario=variant_name(before.scenario, before.variant),
        target=after.target,
        helps=helps,
        told=f"{told} ({remark})" if remark and helps == "not judged" else told,
        without=efforts.without,
        effort=efforts.effort,
        due=efforts.due,
        caution=when_not(remedy, before, after, efforts),
        command=replay(variant_name(after.scenario, after.variant), after.target),
    )


def _helps(before: CellResult, change: Change, after: CellResult) -> Helps:
    if change is Change.UNKNOWN or (change is Change.SAME and open_question(before, after)):
        return "not judged"
    if after.status is Status.PASS:
        return "helps"
    if change is Change.BETTER:
        return "helps in part"
    return "makes it worse" if change is Change.WORSE else "does not help"


def suited(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The scenarios that remedies are tried against: those whose load is requests, not crowds."""
    return [scenario for scenario in scenarios if not load_of(scenario, complete(scenario, {})).ladder]
