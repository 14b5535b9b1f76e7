"""The plan that goes to a worker: one line of JSON, version 1, and the first record of every history."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..scenarios.declaration import scenario as declaration
from ..scenarios.declaration.scenario import Load, Scenario, Variant
from ..scenarios.worker import driver, main

VERSION = 1
UNIT = 0.1
"""Seconds of a unit on a machine that is not late."""
STARTUP = 60.0
"""Seconds that a worker may take to import its client and warm up."""
GRACE = 5.0
"""Seconds that a worker may be late in all, and that it has to exit in."""


class Door(msgspec.Struct, frozen=True):
    """The address of one listener of a server; `ca` is the authority to trust there, as PEM text, None without TLS."""

    host: str
    port: int
    ca: str | None = None


class Address(msgspec.Struct, frozen=True):
    """The address of a cell's server: its plain listener, and by name the others that its load needs."""

    host: str
    port: int
    doors: dict[str, Door] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The task of a worker. `load` is in units, `unit` in seconds.

    A worker has `startup` seconds until it is ready, and `lifetime` seconds from there. `factory` is set
    for a client of the user's own: the function that makes it, and the directory that its path is relative to.
    """

    schema: Literal["poolgate/plan"] = "poolgate/plan"
    version: Literal[1] = 1
    cell: str
    scenario: str
    variant: dict[str, str]
    client: str
    server: Address
    unit: float
    startup: float
    lifetime: float
    seed: int
    load: dict[str, Any]
    factory: tuple[str, str] | msgspec.UnsetType = msgspec.UNSET

    def typed_load(self) -> Load:
        """Return the load as a `Load`; raises TypeError or KeyError where it is not a valid one."""
        return declaration.load_from_plain(self.load)


def make_plan(
    scenario: Scenario, variant: Variant, *, cell: str, client: str, server: Address, unit: float, seed: int
) -> Plan:
    """Return the plan of one run of a scenario's variant, with all values of the variant."""
    whole = declaration.complete(scenario, variant)
    load = declaration.load_of(scenario, whole)
    return Plan(
        cell=cell,
        scenario=scenario.id,
        variant=whole,
        client=client,
        server=server,
        unit=unit,
        startup=STARTUP,
        lifetime=longest(load) * unit + GRACE,
        seed=seed,
        load=declaration.load_to_plain(load),
    )


def longest(load: Load) -> float:
    """Return the units after which a correct worker has ended, whatever hangs: load, counts and waits."""
    counts = 2 * (main.COUNT_DEADLINE + main.GRACE)
    waits = load.keepalive_expiry + 2 * driver.SETTLE
    stragglers = load.deadline
    return load.deadline + main.GRACE + stragglers + counts + waits
