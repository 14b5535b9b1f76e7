"""Loads that are not the one that was run: each sign of it, and a run that misses it by a little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from support.histories import Deed, Event, load_of, run

from corpus_made.loads import BURST, FAILING, RACED, asks, changed
from poolgate.scenarios.declaration.scenario import Load

Named = Iterator[tuple[str, list[Event]]]

ONE = load_of(1, asks("a"))
UNTIMED: dict[str, dict[str, Any]] = {
    "stalls": {"fault": "stall-head"},
    "is-endless": {"endless": True},
    "fails": {"fault": "cut"},
}
"""What makes the server answer at another time than at the end of a hold."""


def made() -> Named:
    for part in (_again, _otherwise, _early):
        for name, records in part():
            yield f"declarations/{name}", records


def visits(load: Load, count: int, **deeds: Deed) -> list[Event]:
    """A run in which the server answers `a` so many times, once every half unit."""
    kept = [each for each in run(load, deeds) if each.request != "a" or each.source != "server"]
    for n in range(count):
        arrived = Event(n / 2, "server", "arrived", "a", {**BURST, "asked": 0.1, "client": None})
        kept += [arrived, Event(n / 2 + 0.5, "server", "departed", "a", {**BURST, "how": "sent"})]
    return kept


def _again() -> Named:
    for count in (1, 2, 3):
        yield f"answered-{count}-times", visits(ONE, count)
    for remedy in ("retry", "recreate", "semaphore"):
        yield f"answered-twice-with-{remedy}", visits(ONE._replace(remedy=remedy), 2)
    for http2 in (True, False):
        for fault in ("reset-head", None):
            requests = asks("a", door="h2"), asks("b", door="h2", fault=fault, expected="error" if fault else "ok")
            load = load_of(2, *requests)._replace(http2=http2)
            yield f"answered-twice-beside-{fault}-with-http2-{http2}", visits(load, 2)
    yield "answered-twice-and-failed", visits(FAILING, 2)
    yield "answered-twice-and-raced", visits(RACED, 2, a=Deed("ok", 0.0, 0.0, 1.0))
    cancelled = load_of(1, asks("a", cancelled=2.0))
    yield "answered-twice-before-its-cancellation", visits(cancelled, 2)


def _otherwise() -> Named:
    for asked in (0.99, 1.0, 1.01):
        yield f"asked-for-{asked}-of-0.5", _asked(load_of(1, asks("a", 0.5)), asked)
    for name, fields in UNTIMED.items():
        yield f"asked-for-5-where-it-{name}", _asked(load_of(1, asks("a", **fields)), 5.0)
    yield "asked-for-nothing", _asked(ONE, None)


def _asked(load: Load, units: float | None) -> list[Event]:
    seconds = None if units is None else units / 10
    return _replaced(run(load), "arrived", {"asked": seconds})


def _replaced(records: Sequence[Event], kind: str, data: dict[str, Any]) -> list[Event]:
    return [
        each._replace(data={**each.data, **data}) if (each.kind, each.request) == (kind, "a") else each
        for each in records
    ]


def _early() -> Named:
    later = load_of(1, asks("a", at=1.0))
    for started in (0.49, 0.5, 0.51):
        yield f"started-at-{started}-of-1", run(later, {"a": Deed("ok", started, 1.0, 2.0)})
    for held in (0.49, 0.5, 0.51):
        yield f"answered-after-{held}-of-1", run(ONE, {"a": Deed("ok", 0.0, 0.0, held)})
    yield "answered-as-it-arrived", changed(ONE, "arrived", "a", at=1.0)
    for name in ("fails", "is-endless"):
        load = load_of(1, asks("a", **UNTIMED[name]))
        yield f"answered-after-0.3-where-it-{name}", run(load, {"a": Deed("ok", 0.0, 0.0, 0.3)})
    yield (
        "answered-before-it-came-again",
        [
            *run(ONE),
            Event(1.05, "server", "arrived", "a", {**BURST, "asked": 0.1, "client": None}),
        ],
    )
    unsent = _replaced(run(ONE, {"a": Deed("ok", 0.0, 0.0, 0.3)}), "departed", {"how": "cut"})
    yield "cut-after-0.3", unsent
