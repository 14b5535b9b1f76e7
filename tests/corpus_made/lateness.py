"""Late machines and late clients: what is tolerated, what is not, and the sum of small delays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.histories import Deed, Event, load_of, run

from corpus_made.loads import CUTTING, JUST_SERVED, SERVING, asks, timed_out
from poolgate.protocol.history import Source

Named = Iterator[tuple[str, list[Event]]]

SLOW = {"a": Deed("ok", 0.0, 0.0, 1.3), "b": Deed("ok", 0.0, 1.3, 2.6)}


def stalled(source: Source, at: float = 1.2, **data: float) -> Event:
    """Seconds, as they are recorded; a unit is a tenth of one."""
    return Event(at, source, "stalled", None, data)


def made() -> Named:
    for part in (_stalls, _holds, _sums, _paces, _turns):
        for name, records in part():
            yield f"lateness/{name}", records


def _stalls() -> Named:
    for units in (0.49, 0.5, 0.51):
        for source in ("server", "worker"):
            gap = round(units * 0.1, 6)
            yield f"{source}-{units}", [*run(SERVING), stalled(source, late=gap / 2, gap=gap, cpu=0.0)]
        yield f"worker-{units}-all-busy", [*run(SERVING), stalled("worker", late=gap / 2, gap=gap, cpu=gap)]
        yield f"server-{units}-without-a-gap", [*run(SERVING), stalled("server", late=round(units * 0.1, 6))]
    for share in (0.79, 0.8, 0.81):
        for units in (0.51, 3.0):
            gap = units * 0.1
            busy = stalled("worker", late=gap / 2, gap=gap, cpu=gap * share)
            yield f"worker-{units}-busy-for-{share}", [*run(SERVING), busy]
    yield "server-busy", [*run(SERVING), stalled("server", late=0.06, gap=0.06, cpu=0.06)]
    both = [stalled("server", late=0.04, gap=0.045, cpu=0.0), stalled("worker", 1.3, late=0.2, gap=0.2, cpu=0.2)]
    yield "client-late-and-machine-nearly", [*run(SERVING), *both]
    yield (
        "idle-and-busy",
        [
            *run(SERVING),
            stalled("worker", late=0.2, gap=0.2, cpu=0.2),
            stalled("worker", 1.4, late=0.06, gap=0.06, cpu=0.01),
        ],
    )
    yield "before-the-load", [*run(SERVING), stalled("worker", -0.5, late=0.06, gap=0.06, cpu=0.01)]
    yield "after-the-load", [*run(SERVING), stalled("worker", 3.0, late=0.06, gap=0.06, cpu=0.01)]
    two = [stalled("server", 1.2, late=0.03, gap=0.03), stalled("server", 1.4, late=0.04, gap=0.04)]
    yield "two-that-are-allowed", [*run(SERVING), *two]
    # A tolerated lateness of the client's own, at the bound.
    for units in (0.49, 0.5, 0.51):
        slow = {**SLOW, "c": timed_out(0.0, 2.5)}
        gap = round(units * 0.1, 6)
        busy = stalled("worker", 0.6, late=gap, gap=gap, cpu=gap)
        yield f"sum-beside-a-client-late-by-{units}", [*run(JUST_SERVED, slow), busy]


def _holds() -> Named:
    for held in (1.49, 1.5, 1.51):
        yield f"held-for-{held}-of-1", run(SERVING, {"d": Deed("ok", 0.0, 1.0, 1.0 + held)})
    long = Deed("error", 0.0, 1.0, 3.0, {"error": "ReadError"})
    yield "held-for-long-and-disconnected", run(SERVING, {"d": long})
    records = run(SERVING, {"d": Deed("ok", 0.0, 1.0, 2.6)})
    unasked = [
        event._replace(data={**event.data, "asked": None}) if (event.kind, event.request) == ("arrived", "d") else event
        for event in records
    ]
    yield "held-for-long-as-long-as-it-likes", unasked
    faulty = [
        event._replace(data={**event.data, "how": "fault"})
        if (event.kind, event.request) == ("departed", "d")
        else event
        for event in records
    ]
    yield "held-for-long-by-a-fault", faulty
    yield (
        "departed-without-an-arrival",
        [event for event in records if (event.kind, event.request) != ("arrived", "c")],
    )


def _sums() -> Named:
    yield "adds-up", run(JUST_SERVED, {**SLOW, "c": timed_out(0.0, 2.5)})
    for first in (0.2, 0.26):
        slow = {"a": Deed("ok", 0.0, 0.0, 1.0 + first), "b": Deed("ok", 0.0, 1.0 + first, 2.0 + 2 * first)}
        yield f"adds-up-by-twice-{first}-of-0.5", run(JUST_SERVED, {**slow, "c": timed_out(0.0, 2.5)})
    for gap in (0.3, 0.49, 0.51):
        handed = {
            "b": Deed("ok", 0.0, 1.0 + gap, 2.0 + gap),
            "c": timed_out(0.0, 2.5),
        }
        yield f"slots-handed-on-after-{gap}", run(JUST_SERVED, handed)
        twice = {"a": Deed("ok", 0.0, gap, 1.0 + gap), "b": Deed("ok", 0.0, 1.0 + 2 * gap, 2.0 + 2 * gap)}
        yield f"slots-handed-on-twice-after-{gap}", run(JUST_SERVED, {**twice, "c": timed_out(0.0, 2.5)})
    patient = load_of(1, *[request._replace(pool_timeout=3.5) for request in JUST_SERVED.requests])
    yield "adds-up-to-less-than-what-happened", run(patient, {**SLOW, "c": timed_out(0.0, 3.5)})
    tight = load_of(1, *[request._replace(pool_timeout=9.0) for request in JUST_SERVED.requests], deadline=3.5)
    yield "adds-up-beyond-the-deadline", run(tight, {**SLOW, "c": Deed("hangs", 0.0, 2.6)})
    yield (
        "served-where-a-timeout-is-due-by-a-fast-pool",
        run(CUTTING, {"a": Deed("ok", 0.0, 0.0, 0.7), "b": Deed("ok", 0.0, 0.7, 1.4), "c": Deed("ok", 0.0, 1.4, 2.4)}),
    )


def _paces() -> Named:
    def chained(**fields: Any) -> list[Event]:
        load = load_of(
            1,
            asks("a", 1.0, 9.0),
            asks("b", 1.0, 9.0, at=0.5, after="a"),
            asks("c", 1.0, 1.0, at=2.0),
            deadline=9.5,
        )
        return run(load, {"b": Deed("ok", 1.9, 1.9, 3.3), "c": timed_out(2.0, 3.0), **fields})

    yield "starts-late", chained()
    yield "starts-late-after-one-that-never-ends", chained(a=Deed("hangs", 0.0, 0.0))
    early = {"b": Deed("ok", 0.9, 1.0, 2.0), "c": timed_out(2.0, 3.0)}
    yield "starts-before-the-other-ends", chained(**early)
    failed = load_of(1, asks("a", 1.0, 9.0, expected="error"), asks("b", 1.0, 2.5), asks("c", 1.0, 2.5))
    slow_error = {"a": Deed("error", 0.0, 0.0, 1.3, {"error": "ReadError"}), "b": Deed("ok", 0.0, 1.3, 2.6)}
    yield "an-error-that-is-late", run(failed, {**slow_error, "c": timed_out(0.0, 2.5)})
    ran_out = load_of(1, asks("a", 3.0, 9.0, read_timeout=1.0), asks("b", 1.0, 2.5), asks("c", 1.0, 2.5))
    yield "a-read-timeout-that-is-late", run(ran_out, {**slow_error, "c": timed_out(0.0, 2.5)})
    cancelled = load_of(1, asks("x", 4.0, 9.0, cancelled=1.0), asks("b", 1.0, 2.5), asks("c", 1.0, 2.5))
    late = {"x": Deed("cancelled", 0.0, 0.0, 1.3), "b": Deed("ok", 0.0, 1.3, 2.6)}
    yield "a-cancellation-that-is-late", run(cancelled, {**late, "c": timed_out(0.0, 2.5)})
    never = [event for event in run(JUST_SERVED, {**SLOW, "c": timed_out(0.0, 2.5)}) if event.request != "b"]
    yield "one-that-never-was", [event for event in never if event.kind not in {"done"}]

    half = load_of(1, asks("a", 0.5, 9.0), asks("b", 1.0, 9.0), asks("c", 1.0, 1.8))
    for came in (0.99, 1.0, 1.01):
        taken = {"b": Deed("ok", 0.0, came, came + 1.0), "c": timed_out(0.0, 1.8)}
        yield f"a-slot-taken-{came}-where-it-was-free-at-0.5", run(half, taken)
    two = load_of(
        2, asks("a", 1.0, 9.0), asks("b", 1.3, 9.0), asks("c", 1.0, 9.0), asks("d", 5.0, 9.0), asks("e", 1.0, 2.2)
    )
    taken = {"c": Deed("ok", 0.0, 1.3, 2.3), "e": timed_out(0.0, 2.2)}
    yield "a-slot-taken-as-another-comes-free", run(two, taken)
    chain = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 0.05, at=0.5, after="a"))
    yield "a-start-before-the-end-that-it-waits-for", run(chain, {"b": Deed("ok", 0.9, 1.0, 2.0)})
    waits = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 9.0, after="a"), asks("c", 1.0, 0.82, at=1.2))
    early = {"b": Deed("ok", 0.95, 1.0, 2.05), "c": timed_out(1.2, 2.02)}
    yield "a-start-before-the-end-that-it-waits-for-is-not-counted-twice", run(waits, early)
    yield "an-error-before-its-arrival", _error_before_its_arrival()
    row = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 1.5, at=0.5))
    yield "a-start-at-once", run(row, {"b": timed_out(0.0, 1.05)})
    for wait, deeds in ((0.05, {"b": timed_out(0.0, 0.05)}), (0.55, {"a": Deed("ok", 0.0, 0.0, 0.0)})):
        nothing = load_of(1, asks("a", 0.0, 9.0), asks("b", 1.0, wait), deadline=3.0)
        yield ("a-lease-of-nothing" if "a" in deeds else "a-lease-of-nothing-before-a-short-wait"), run(nothing, deeds)


def _error_before_its_arrival() -> list[Event]:
    """A client that gives up on a request just before the server sees it: its lease is nothing, and not less."""
    load = load_of(
        1, asks("x", 1.0, 9.0), asks("a", 0.3, 9.0, expected="error"), asks("b", 1.0, 9.0), asks("c", 1.0, 1.97)
    )
    deeds = {
        "a": Deed("error", 0.0, 1.0, 0.95, {"error": "ReadError"}),
        "b": Deed("ok", 0.0, 1.02, 2.02),
        "c": timed_out(0.0, 1.97),
    }
    return [
        event._replace(at=1.02) if (event.kind, event.request) == ("departed", "a") else event
        for event in run(load, deeds)
    ]


def _turns() -> Named:
    for at, came, ended in (
        (2.0, 2.0, 2.1),
        (2.0, 2.0, 2.0),
        (2.0, 2.1, 2.1),
        (2.0, 2.0, 1.8),
        (1.5, 1.8, 1.7),
        (1.7, 1.7, 1.8),
        (1.7, 1.7, 1.6),
    ):
        requests = (asks(name, 1.7, 3.0, at=begin) for name, begin in (("a", 0.0), ("b", at)))
        changes = {
            "a": Deed("ok", 0.0, 0.0 if ended < 1.7 else 0.3, ended, client="127.0.0.1:5001"),
            "b": Deed("ok", came, came, came + 1.7, client="127.0.0.1:5002"),
        }
        load = load_of(2, *requests)
        name = f"another-order-due-at-{at}-came-{came}-ended-{ended}"
        yield name, run(load._replace(connections=1), changes)
        if came == at:
            yield f"{name}-kept", run(load._replace(kept=1), changes, open=2)
