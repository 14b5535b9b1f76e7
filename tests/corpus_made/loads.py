"""The loads of the made histories."""

from __future__ import annotations

from typing import Any

from support.histories import Deed, Event, load_of, run

from poolgate.scenarios.declaration.scenario import Load, Request

BURST = {"phase": "burst"}
TIMED_OUT = {"error": "PoolTimeout"}
READ_ERROR = {"error": "ReadError"}


def asks(name: str, hold: float = 1.0, pool_timeout: float = 3.5, **fields: Any) -> Request:
    return Request(id=name, hold=hold, pool_timeout=pool_timeout, **fields)


# Two slots, two rounds of a unit each.
SERVING = load_of(2, *map(asks, "abcd"))
# One slot; `c` has to give up at 1.5, half a unit from where slots come free.
CUTTING = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 9.0), asks("c", 1.0, 1.5))
# One slot; the third is served half a unit before its wait runs out.
JUST_SERVED = load_of(1, *[asks(name, 1.0, 2.5) for name in "abc"])
# One slot; `a` holds it and `b` waits for it when both are cancelled at 1, `c` comes at 2.
CANCELLING = load_of(1, *[asks(name, 4.0, 9.0, cancelled=1.0) for name in "ab"], asks("c", 1.0, 3.0, at=2.0))
# One slot; the first is failed by its server.
FAILING = load_of(1, asks("a", 1.0, 9.0, expected="error"), *SERVING.requests[1:])
# One after another: one connection carries both, and one may stay open.
FRUGAL = load_of(1, asks("a", 1.0, 3.0), asks("b", 1.0, 3.0, at=0.5, after="a"))._replace(connections=1, kept=1)
RACED = load_of(1, asks("a", 1.0, 3.5, cancelled=1.0, raced=True))
# Two slots, of which one is never given back.
LENDING = load_of(2, asks("lent", ending="drop"), asks("b"))


def changed(load: Load, which: str, of: str | None = None, **fields: Any) -> list[Event]:
    """The run of a correct pool in which the first record of this kind and request has other fields."""
    records = run(load)
    place = next(n for n, event in enumerate(records) if (event.kind, event.request) == (which, of))
    records[place] = records[place]._replace(**fields)
    return records


def timed_out(started: float, ended: float) -> Deed:
    return Deed("pool-timeout", started, None, ended, TIMED_OUT)


def refused(ended: float, **data: Any) -> Deed:
    """An error of a request that was served."""
    return Deed("error", 0.0, 0.0, ended, {**READ_ERROR, **data})
