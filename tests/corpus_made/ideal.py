"""The ideal pool: what each kind of load expects of it, and the same load with a pool that misses it."""

from __future__ import annotations

from collections.abc import Iterator

from support.histories import Deed, Event, load_of, run

from corpus_made.loads import asks
from poolgate.scenarios.declaration.scenario import Load
from poolgate.verdict.ideal_pool import Fate, ideal_pool

Named = Iterator[tuple[str, list[Event]]]

SAME = [asks(name, 2.0, 9.0, door="h2?streams=2") for name in "abc"]
LOADS: dict[str, Load] = {
    "a-wait-that-ends-as-a-slot-comes-free": load_of(1, asks("a", 1.0, 0.0), asks("b", 1.0, 1.0)),
    "no-wait-at-all": load_of(1, asks("a", 1.0, 0.0), asks("b", 1.0, 0.0)),
    "one-that-gives-up-is-not-in-the-way": load_of(
        1,
        asks("holds", 3.0, 0.0),
        asks("gives-up", 9.0, 1.0, at=0.5),
        asks("behind", 1.0, 5.0, at=1.0),
        asks("then", 1.0, 5.0, at=0.25, after="gives-up"),
    ),
    "a-short-one-that-gives-up-is-not-in-the-way": load_of(
        1,
        asks("holds", 3.0, 0.0),
        asks("gives-up", 2.0, 1.0, at=0.5),
        asks("behind", 1.0, 5.0, at=1.0),
        asks("then", 1.0, 5.0, at=0.25, after="gives-up"),
    ),
    "a-cancelled-group": load_of(
        1, *[asks(name, 4.0, 9.0, cancelled=1.0) for name in "abd"], asks("c", 1.0, 9.0), asks("e", 1.0, 9.0)
    ),
    "cancelled-just-before-it-comes": load_of(1, asks("a", 1.0, 9.0, at=2.0, cancelled=1.6), asks("b", 1.0, 9.0)),
    "cancelled-as-it-comes": load_of(1, asks("a", 1.0, 9.0, at=1.0, cancelled=1.0), asks("b", 1.0, 9.0)),
    "cancelled-as-it-ends": load_of(1, asks("a", 1.0, 9.0, cancelled=1.0), asks("b", 1.0, 9.0)),
    "cancelled-after-its-end": load_of(1, asks("a", 1.0, 9.0, cancelled=5.0), asks("b", 1.0, 9.0)),
    "cancelled-in-the-queue": load_of(1, asks("a", 3.0, 9.0), asks("b", 1.0, 9.0, cancelled=1.0), asks("c", 1.0, 4.0)),
    "cancelled-at-two-moments": load_of(
        2, *[asks(f"r{n}", 4.0, 9.0, cancelled=1.0 + n // 2) for n in range(4)], asks("z", 1.0, 9.0)
    ),
    "comes-as-another-ends": load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 0.0, at=1.0), asks("c", 1.0, 9.0, at=0.5)),
    "ends-free-a-slot-before-a-wait-runs-out": load_of(2, *[asks(f"r{n}", 1.0, 1.0) for n in range(5)]),
    "an-error-frees-its-slot": load_of(
        1, asks("fails", 2.0, 0.0, expected="error"), asks("runs-out", 5.0, 3.0, read_timeout=1.0), asks("z", 1.0, 4.0)
    ),
    "a-row": load_of(2, asks("a"), *[asks(f"r{n}", 1.0, 1.0, after=f"r{n - 1}" if n else "a") for n in range(3)]),
    "streams": load_of(1, *SAME, asks("z", 1.0, 1.0, door="h2#1"))._replace(http2=True),
    "streams-of-three": load_of(2, *SAME, *[s._replace(id=s.id * 2) for s in SAME])._replace(http2=True),
    "streams-that-come-free-one-by-one": load_of(
        1,
        *[asks(f"r{n}", 1.0 + n, 9.0, door="h2?streams=3") for n in range(3)],
        *[asks(f"s{n}", 3.0, 2.5, door="h2?streams=3") for n in range(4)],
    )._replace(http2=True),
    "streams-without-http2": load_of(1, *SAME, asks("z", 1.0, 1.0, door="h2#1")),
    "streams-and-a-plain-door": load_of(1, *SAME[:2], asks("z", 1.0, 1.0))._replace(http2=True),
    "lent": load_of(1, asks("lent", 1.0, 9.0, ending="keep"), asks("z", 1.0, 5.0)),
    "lent-of-two": load_of(2, asks("lent", 1.0, 9.0, ending="drop"), asks("y", 1.0, 2.0), asks("z", 1.0, 2.0)),
    "lent-and-cancelled": load_of(1, asks("lent", 3.0, 9.0, ending="keep", cancelled=1.0), asks("z", 1.0, 5.0)),
}
HARD = load_of(1, *[asks(f"r{n}", 2.0, 1.5) for n in range(6)])
REMEDIES = ("semaphore", "retry", "recreate", "shield")


def made() -> Named:
    loads = {**LOADS, **{f"remedy-{remedy}": HARD._replace(remedy=remedy, deadline=19.5) for remedy in REMEDIES}}
    two = load_of(2, *[asks(f"r{n}", 4.0, 1.5, at=n * 0.25) for n in range(9)], deadline=19.5)
    loads["remedy-recreate-of-two"] = two._replace(remedy="recreate")
    for name, load in loads.items():
        yield f"ideal/{name}", run(load)
        waited = [fate for fate in ideal_pool(load).values() if fate.outcome == "ok" and fate.served != fate.queued]
        for fate in waited[-1:]:
            refused = Deed("pool-timeout", fate.queued, None, fate.ended, {"error": "PoolTimeout"})
            yield f"ideal/{name}-and-{fate.request}-refused", run(load, {fate.request: refused})
        due = [fate for fate in ideal_pool(load).values() if fate.outcome == "pool-timeout"]
        for fate in due[-1:]:
            yield from _served(name, load, fate)


def _served(name: str, load: Load, fate: Fate) -> Named:
    """Serve a request that has to give up, for a unit or, where that is not what it declares, for its hold."""
    hold = next(request.hold for request in load.requests if request.id == fate.request)
    if fate.ended + hold < load.deadline:
        served = Deed("ok", fate.queued, fate.ended, fate.ended + (hold if hold > 1.5 else 1.0))
        suffix = "-for-its-hold" if hold > 1.5 else ""
        yield f"ideal/{name}-and-{fate.request}-served{suffix}", run(load, {fate.request: served})
