"""Sweeps: points, pools that are late, hands that hang, and what is counted behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from support.histories import Event, exited, load_of, plan_for

Named = Iterator[tuple[str, list[Event]]]

PLACE = {"style": "native", "situation": "cold", "step": 4, "site": "httpcore:connect"}


def sweep(
    *events: Event, backend: str = "asyncio", closed: bool = True, probes: int = 9, limit: int = 1
) -> list[Event]:
    """A whole sweep on pools of so many slots."""
    return [
        Event(-20, "harness", "plan", None, msgspec.to_builtins(plan_for(load_of(limit)))),
        Event(-1, "worker", "ready"),
        Event(0, "worker", "sweep", None, {"backend": backend, "limit": limit}),
        *events,
        Event(90, "worker", "swept", None, {"closed": closed, "probes": probes}),
        Event(91, "worker", "done"),
        exited(92),
    ]


def place(**changes: Any) -> dict[str, Any]:
    return {**PLACE, "ended": "CancelledError", **changes}


def moment(at: float = 1, **changes: Any) -> Event:
    return Event(at, "worker", "moment", None, place(**changes))


def suspect(at: float = 80, phases: tuple[str, ...] = ("one", "two"), **changes: Any) -> Event:
    return Event(at, "worker", "suspect", None, {"pool": None, **place(**changes), "phases": list(phases)})


def opened(at: float, phase: str, together: int = 1) -> Event:
    return Event(at, "server", "opened", None, {"phase": phase, "together": together})


def broken(situation: str, ended: str, at: float = 2) -> Event:
    return Event(at, "worker", "broken", None, {"situation": situation, "ended": ended})


def made() -> Named:
    for part in (_counts, _places, _victims, _ends, _scattered):
        for name, records in part():
            yield f"sweep/{name}", records


def _counts() -> Named:
    yield "whole", sweep(moment(), moment(2, step=5))
    yield "leaks", sweep(moment(), suspect())
    yield "leaks-in-a-shorter-count", sweep(moment(), suspect(phases=("one",)))
    yield "misses-by-a-first-count", sweep(moment(), opened(70, "one"), suspect())
    yield "late", sweep(moment(), opened(70, "two"), suspect())
    yield "uncounted", sweep(moment(), suspect(phases=()))
    for first in (0, 1, 2):
        for last in (0, 1, 2):
            counted = [opened(70, "one", first), opened(71, "two", last)]
            yield f"{first}-then-{last}-of-2", sweep(moment(), *counted, suspect(), limit=2)
    several = [suspect(80 + n, (f"count-{n}",), step=9 - n) for n in range(3)]
    counted = [opened(70 + n, f"count-{n}", n) for n in range(3)]
    yield "three-with-other-losses", sweep(moment(), *counted, *several, limit=3)
    late = suspect(80, ("one", "two"), style="level")
    yield "late-and-leaking", sweep(moment(), opened(70, "two"), late, suspect(81, ("three",)))


def _places() -> Named:
    yield "styles", sweep(moment(), suspect(80), suspect(81, style="double", step=7), suspect(82, situation="warm"))
    yield "steps", sweep(moment(), suspect(80, step=9), suspect(81))
    yield "trio", sweep(moment(), suspect(style="level"), backend="trio")
    sets = {"native": ["b", "ab", "bc", "ac", "ac"], "level": ["abc"]}
    records = [
        suspect(80 + n, style=style, situation="burst", site=", ".join(sites), sites=list(sites), step=n)
        for style, found in sets.items()
        for n, sites in enumerate(found)
    ]
    yield "smallest-sets", sweep(moment(), *records)
    elsewhere = [
        suspect(80, situation="burst", site="b", sites=["b"]),
        suspect(81, situation="other", site="a, b", sites=["a", "b"]),
    ]
    yield "sets-of-two-situations", sweep(moment(), *elsewhere)
    yield "a-view", sweep(moment(), suspect(pool="[<ACTIVE>]"))


def _victims() -> Named:
    yield "hangs", sweep(moment(ended="hangs"))
    yield "hangs-beside-a-leak", sweep(moment(ended="hangs"), suspect(situation="warm"))
    yield "hangs-beside-one-that-is-broken", sweep(moment(ended="hangs"), broken("warm", "ReadError"))
    yield "swallowed", sweep(moment(ended="ok"), moment(2, ended="ok", site="httpcore:close"))
    yield "swallowed-by-a-scope", sweep(moment(ended="ok", style="level"))
    for ended in ("hangs", "ReadError"):
        yield f"broken-{ended}", sweep(moment(), broken("contended", ended))
        yield f"only-broken-{ended}", sweep(broken("burst", ended))
    yield "broken-in-two-ways", sweep(moment(), broken("contended", "ReadError"), broken("warm", "hangs", 3))


def _ends() -> Named:
    yield "not-closed", sweep(moment(), suspect(), closed=False)
    other = Event(3, "worker", "sweep", None, {"backend": "trio", "limit": 2})
    yield "another-sweep-within", sweep(moment(), other, suspect())
    yield "cut-off", [event for event in sweep(moment()) if event.kind not in {"swept", "done"}]
    whole = sweep(moment())
    early = [event for event in whole if event.at < 2]
    for how, code in (("deadline", -9), ("exited", -11), ("exited", 1), ("flooded", -9)):
        yield f"{how}-{code}", [*early, exited(60.0, how, code)]
    yield "no-end", early
    yield "a-word-that-is-none", sweep(moment(), suspect(style="<b>"))


def _scattered() -> Named:
    one = suspect(style="wait_for", situation="scatter")
    yield "scattered-loss", sweep(one, probes=1200)
    yield "scattered-losses", sweep(one, suspect(81, style="wait_for", situation="scatter", step=7), probes=40)
    late = suspect(82, ("two",), style="wait_for", situation="scatter")
    yield "scattered-late", sweep(opened(70, "two"), one, late, probes=40)
    yield "scattered-without-a-loss", sweep(probes=1200)
    yield "scattered-and-aimed", sweep(moment(), one, probes=1200)
