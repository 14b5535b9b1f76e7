"""The notes of a verdict: each of them, and a run that narrowly misses it."""

from __future__ import annotations

from collections.abc import Iterator

from support.histories import Deed, Event, load_of, run

from corpus_made.loads import BURST, FAILING, JUST_SERVED, LENDING, SERVING, asks

Named = Iterator[tuple[str, list[Event]]]


def made() -> Named:
    for part in (_order, _idle, _closing, _handshakes, _sites):
        for name, records in part():
            yield f"notes/{name}", records


def _order() -> Named:
    yield "out-of-order", run(SERVING, {"a": Deed("ok", 0.0, 1.0, 2.0), "c": Deed("ok", 0.0, 0.0, 1.0)})
    yield (
        "in-another-order-of-one-round",
        run(SERVING, {"a": Deed("ok", 0.0, 0.2, 1.2), "b": Deed("ok", 0.0, 0.1, 1.1)}),
    )
    refused = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 9.0), asks("c", 1.0, 1.5))
    yield "one-served-that-has-no-turn", run(refused, {"c": Deed("ok", 0.0, 1.0, 2.0), "b": Deed("ok", 0.0, 2.0, 3.0)})
    two = load_of(1, *[asks(name, 1.0, 9.0, expected="error") for name in "ab"], asks("c"))
    for count in (1, 2):
        served = {name: Deed("ok", 0.0, float(n), n + 1.0) for n, name in enumerate("ab"[:count])}
        yield f"{count}-served-where-an-error-was-due", run(two, served)


def _idle() -> Named:
    for arrived in (1.49, 1.5, 1.51):
        yield f"a-slot-idle-until-{arrived}", run(SERVING, {"d": Deed("ok", 0.0, arrived, arrived + 1.0)})
    records = run(JUST_SERVED, {"c": Deed("hangs", 0.0)})
    yield "a-slot-idle-to-the-end", [t for t in records if (t.kind, t.request) != ("ended", "c")]
    both = run(SERVING, {"c": Deed("ok", 0.0, 1.4, 2.4), "d": Deed("ok", 0.0, 1.8, 2.8)})
    yield "a-slot-idle-in-two-parts", both
    one = load_of(1, asks("a"), asks("b"))
    yield "the-only-slot-idle", run(one, {"b": Deed("ok", 0.0, 1.6, 2.6)})
    yield "the-only-slot-idle-and-nothing-waits", run(load_of(1, asks("a"), asks("b", at=1.6)))
    failing = load_of(1, asks("a", 1.0, 9.0, expected="error"), SERVING.requests[1])
    yield "connects-in-vain", run(failing, {"a": Deed("error", 0.0, None, 1.0, {"error": "ConnectTimeout"})})
    yield "an-error-that-is-due-at-the-server", run(failing, {"b": Deed("ok", 0.0, 1.6, 2.6)})
    shared = load_of(2, *[asks(name, door="h2#" + name) for name in "123"])._replace(http2=True)
    yield "a-slot-idle-with-http2", run(shared, {"3": Deed("ok", 0.0, 1.6, 2.6)})
    unreturned = load_of(2, asks("lent", ending="drop"), asks("b"), asks("c"))
    yield "a-lent-slot-is-not-idle", run(unreturned)
    yield "a-lent-slot-and-an-idle-one", run(unreturned, {"c": Deed("ok", 0.0, 1.6, 2.6)})


def _closing() -> Named:
    failed = {"error": "RuntimeError"}
    records = run(SERVING)
    yield "closing-raised", [*records, Event(records[-2].at, "worker", "close-failed", None, failed)]
    yield "one-slot-of-two-came-back", run(LENDING, first=[0.05, 0.05], final=[0.05])


def _handshakes() -> Named:
    a, *rest = FAILING.requests
    for door in ("untrusted", "plain", "tls"):
        load = load_of(1, a._replace(door=door), *rest)
        for outcome in ("error", "ok"):
            data = {"error": "ConnectError", "message": "self-signed certificate"} if outcome == "error" else {}
            yield f"a-handshake-at-{door}-{outcome}", run(load, {"a": Deed(outcome, 0.0, 0.0, 1.0, data)})
    secure = load_of(1, asks("a", door="tls"), asks("b", door="tls"))
    data = {"error": "ConnectError", "message": "self-signed certificate"}
    yield "a-handshake-that-should-not-fail", run(secure, {"a": Deed("error", 0.0, 0.0, 1.0, data)})


def _sites() -> Named:
    data = {"error": "ReadError", "site": ["httpx:get", "httpcore:read"]}
    other = {"error": "ReadError", "site": ["httpcore:write"]}
    empty = {"error": "ReadError", "site": []}
    yield "raised-in", run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, data), "d": Deed("error", 0.0, 1.0, 1.1, data)})
    yield (
        "raised-in-two",
        run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, data), "d": Deed("error", 0.0, 1.0, 1.1, other)}),
    )
    yield "raised-in-none", run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, empty)})
    yield "raised-where-it-is-due", run(FAILING, {"a": Deed("error", 0.0, 0.0, 1.0, data)})
    both = {
        "c": Deed("error", 0.0, 1.0, 1.1, data),
        "d": Deed("pool-timeout", 0.0, None, 0.5, {"error": "PoolTimeout", "site": ["httpcore:pool"]}),
    }
    yield "raised-in-what-did-not-decide", run(SERVING, both)
    gone = Event(0.01, "server", "weather", None, BURST)
    yield "of-a-kind-that-is-not-read", [*run(SERVING), gone]
