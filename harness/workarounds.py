"""Which remedies help on a target: each beside the same scenario without it, and the upgrades that there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from .answers import CellAnswer
from .catalogue import CLIENT_OF, load
from .cells import Cell, replay, variant_name
from .comparing import Change, compare
from .effort import Effort
from .errors import PoolgateError
from .scenarios.worker.declaration import REMEDIES, REMEDY, Scenario, complete, load_of
from .targets import Target, parse
from .verdicts import Status

FAILING = {Status.FAIL, Status.FLAKY}
Helps = Literal["helps", "helps in part", "does not help", "makes it worse", "not judged"]

MOVES = {
    "upgrade-pool": "the newest pool alone, with the client that there is",
    "upgrade": "the newest release of the client",
    "fork": "the newest release of a fork",
}
"""Remedies that change what is installed."""

CAUTIONS = {
    "semaphore": "it has to be around every request of that client, whoever makes it; nobody who waits gets a timeout",
    "wait-for-ever": "what was an error becomes a hang where a slot is lost",
    "more-connections": "the server sees all of them at once; a leak takes longer, and comes",
    "no-keepalive": "each request opens a connection of its own",
    "retry": "each try waits the whole pool timeout again, and adds to the queue that is too long",
    "shield": "whoever is cancelled returns at once while the request goes on and keeps its slot",
    "upgrade-pool": "only within what the client's requirement admits",
    "upgrade": "what else changed is told by `poolgate gate`",
    "fork": "another package, another import name",
}
"""When not to: what each of them costs by what it is."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy against one failing scenario; `without` and `effort` are of the load before and with it."""

    remedy: str
    what: str
    scenario: str
    target: str
    helps: Helps
    told: str
    without: Effort | None
    effort: Effort | None
    caution: str
    command: str


class WorkaroundsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `workarounds`: the cells of the target, and what was tried against those that fail."""

    schema: Literal["poolgate/workarounds"] = "poolgate/workarounds"
    version: Literal[1] = 1
    target: str
    cells: list[CellAnswer]
    tried: list[Tried]


def remedy_cells(cell: Cell) -> dict[str, Cell]:
    """A cell with each remedy that can be there, by the remedy's name: one that changes nothing of a load is none."""
    whole = complete(cell.scenario, cell.variant)
    plain = load_of(cell.scenario, whole)
    cells = {}
    for remedy in REMEDIES:
        if remedy == "shield" and not any(request.cancelled is not None for request in plain.requests):
            continue
        cells[remedy] = Cell(cell.scenario, {**cell.variant, REMEDY: remedy}, cell.target)
    return cells


def moves(target: Target) -> dict[str, list[Target]]:
    """Other targets that people move to from this one, by the name of the move."""
    pins = dict(target.pins)
    newest = {name: releases[-1].version for name, releases in load().packages.items() if releases}
    asked: dict[str, list[str]] = {"upgrade-pool": [], "upgrade": [], "fork": []}
    for client in CLIENT_OF.values():
        pool = next(name for name, driver in CLIENT_OF.items() if driver == client)
        if client in pins and pins.get(pool) not in {None, newest[pool]}:
            asked["upgrade-pool"].append(f"{client}=={pins[client]},{pool}=={newest[pool]}")
        if client in pins or pool in pins:
            asked["upgrade"] += [f"{client}=={newest[client]}"] if pins.get(client) != newest[client] else []
        else:
            asked["fork"].append(f"{client}=={newest[client]}")
    # From a fork, httpx is no fork.
    forks = [spec for spec in asked["fork"] if not spec.startswith("httpx==")]
    return {name: list(_possible(forks if name == "fork" else specs)) for name, specs in asked.items()}


def _possible(specs: Iterable[str]) -> Iterable[Target]:
    for spec in specs:
        try:
            yield parse(spec)
        except PoolgateError:
            continue


def weighed(remedy: str, before: CellAnswer, after: CellAnswer, efforts: Sequence[Effort | None]) -> Tried:
    """What a remedy did to a failing cell."""
    change, remark = compare(before, after)
    helps: Helps = "does not help"
    if change is Change.UNKNOWN:
        helps = "not judged"
    elif after.status is Status.PASS:
        helps = "helps"
    elif change is Change.BETTER:
        helps = "helps in part"
    elif change is Change.WORSE:
        helps = "makes it worse"
    told = f"{before.status} {before.key}, then {after.status} {after.key or after.reason}"
    return Tried(
        remedy=remedy if before.target == after.target else f"{remedy}: {after.target}",
        what=REMEDIES.get(remedy) or MOVES[remedy],
        scenario=variant_name(before.scenario, before.variant),
        target=after.target,
        helps=helps,
        told=f"{told} ({remark})" if remark and change is Change.UNKNOWN else told,
        without=efforts[0],
        effort=efforts[1],
        caution=CAUTIONS[remedy],
        command=replay(variant_name(after.scenario, after.variant), after.target),
    )


def suited(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The scenarios that remedies are tried against: those whose load is requests, not crowds."""
    return [scenario for scenario in scenarios if not load_of(scenario, complete(scenario, {})).ladder]
