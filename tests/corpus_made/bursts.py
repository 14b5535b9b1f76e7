"""What happens under load: each word of a burst, and a run that misses it by a little."""

from __future__ import annotations

from collections.abc import Iterator

from support.histories import Deed, Event, exited, load_of, run, until

from corpus_made.loads import (
    BURST,
    CANCELLING,
    CUTTING,
    FAILING,
    FRUGAL,
    RACED,
    SERVING,
    TIMED_OUT,
    asks,
    refused,
    timed_out,
)

Named = Iterator[tuple[str, list[Event]]]


def made() -> Named:
    for part in (
        _hangs,
        _over_limit,
        _error,
        _due_errors,
        _cancelled,
        _pool_timeout,
        _out_of_turn,
        _connections,
        _raced,
        _crashes,
    ):
        yield from part()


def _hangs() -> Named:
    yield "hangs/no-end", run(SERVING, {"d": Deed("hangs", 0.0, 1.0)})
    yield "hangs/no-end-where-a-timeout-is-due", run(CUTTING, {"c": Deed("hangs", 0.0)})
    yield "hangs/misses-by-an-end-before-the-deadline", run(SERVING, {"d": Deed("ok", 0.0, 8.4, 9.4)})
    for name, ended in (("before", 9.499), ("at", 9.5), ("after", 9.501)):
        records = run(SERVING, {"d": Deed("ok", 0.0, ended - 1.0, ended)})
        deadline = Event(9.5, "worker", "deadline", None, BURST)
        yield f"hangs/an-end-{name}-the-deadline", [*records, deadline]
        yield f"hangs/an-end-{name}-the-deadline-recorded-behind-it", [deadline, *records]
    records = run(SERVING, {"d": Deed("error", 0.0, 1.0, 9.6, {"error": "ReadError", "site": ["httpcore:read"]})})
    yield "hangs/an-error-with-a-site-after-the-deadline", [*records, Event(9.5, "worker", "deadline", None, BURST)]
    for ideal_end in (1.99, 2.0, 2.01):
        slow = load_of(1, asks("a", ideal_end), deadline=2.0)
        yield f"hangs/an-ideal-end-at-{ideal_end}-of-2", run(slow, {"a": Deed("hangs", 0.0, 0.0)})
        cut = [event for event in run(slow, {"a": Deed("hangs", 0.0)}) if event.request != "a"]
        yield f"hangs/never-started-with-an-ideal-end-at-{ideal_end}-of-2", cut
    for kinds in (("closing",), ("closing", "closed"), ("closing", "closed", "closing"), ("closing", "close-failed")):
        data = {"phase": "burst", "error": "RuntimeError"}
        records = [Event(1.5 + n / 10, "worker", kind, None, data) for n, kind in enumerate(kinds)]
        yield f"hangs/{'-'.join(kinds)}", [*run(SERVING), *records]
    yield "hangs/a-worker-that-stands-still", until(run(SERVING), 0.5, exited(60.0, "deadline", -9))
    row = load_of(2, SERVING.requests[0], asks("b", 1.0, 2.0, at=0.5, after="a"))
    yield "hangs/a-worker-that-stands-still-between-two", until(run(row), 1.0, exited(60.0, "deadline", -9))
    for gap in (9.4, 9.5, 9.6):
        stall = Event(0.4, "server", "stalled", None, {"late": 0.0, "gap": gap * 0.1, "cpu": 0.0})
        stuck = until(run(SERVING), 0.5, exited(60.0, "deadline", -9))
        yield f"hangs/stands-still-beside-a-machine-late-by-{gap}", [*stuck, stall]
    late = Event(1.2, "server", "stalled", None, {"late": 0.06, "gap": 0.06, "cpu": 0.0})
    for kind in ("deadline", "phase-end"):
        cut = [event for event in run(SERVING, {"c": Deed("hangs", 0.0)}) if event.at <= 9.8]
        cut = [event for event in cut if event.kind == kind or event.kind not in {"deadline", "phase-end"}]
        yield f"hangs/a-late-machine-and-a-{kind}", [*cut, late, exited(60.0, "deadline", -9)]
    done = [event for event in until(run(SERVING), 2.05, None) if event.kind != "phase-end"]
    yield "hangs/all-served-late-machine-no-end", [*done, late, exited(60.0, "deadline", -9)]
    yield "hangs/exited-late-machine-no-end", [*until(run(SERVING), 0.5, exited(60.0, "exited", -11)), late]


def _over_limit() -> Named:
    yield "over-limit/all-at-once", run(SERVING, {name: Deed("ok", 0.0, 0.1, 1.1) for name in "abcd"})
    yield "over-limit/one-too-many", run(SERVING, {"c": Deed("ok", 0.0, 0.9, 1.9)})
    yield "over-limit/misses-by-a-moment", run(SERVING, {"c": Deed("ok", 0.0, 1.0, 2.0)})
    for noticed in (1.49, 1.5, 1.50000001, 1.51, 1.6):
        gone = Event(noticed, "server", "departed", "a", {**BURST, "how": "disconnected"})
        records = run(
            SERVING, {"a": Deed("error", 0.0, 0.0, 1.0, {"error": "ReadError"}), "c": Deed("ok", 0.0, 1.0, 2.0)}
        )
        records = [gone if (event.kind, event.request) == ("departed", "a") else event for event in records]
        yield f"over-limit/a-disconnect-noticed-at-{noticed}", records
    four = {name: Deed("ok", 0.0, 0.1, 1.1) for name in "abcd"}
    yield "over-limit/recreate-allows-all", run(SERVING._replace(remedy="recreate"), four)
    both = [Event(7.0, "server", "arrived", name, {**BURST, "asked": 1.0}) for name in "xyzuv"]
    both += [Event(8.0, "server", "departed", name, {**BURST, "how": "sent"}) for name in "xyzuv"]
    yield "over-limit/recreate-allows-no-more-than-all", [*run(SERVING._replace(remedy="recreate")), *both]
    few = load_of(3, asks("a"))._replace(remedy="recreate")
    yield "over-limit/recreate-with-fewer-requests-than-slots", [*run(few), *both[:3], *both[5:8]]
    one = [asks(name, door="h2") for name in "abcd"]
    shared = load_of(1, *one)._replace(http2=True)
    yield "over-limit/streams-of-one-connection", run(shared)
    other = load_of(1, *one[:3], one[3]._replace(door="h2#1"))._replace(http2=True)
    yield "over-limit/streams-of-two-connections", run(other, {"d": Deed("ok", 0.0, 0.0, 1.0)})
    for count in (2, 3):
        few = load_of(1, *[asks(name, door="h2?streams=2") for name in "abc"[:count]])._replace(http2=True)
        yield f"over-limit/{count}-of-2-streams", run(few, {name: Deed("ok", 0.0, 0.0, 1.0) for name in "abc"[:count]})
    times = {"a": (1.0, 0.0), "b": (3.0, 0.0), "c": (1.0, 1.5), "d": (1.0, 1.5)}
    late = [asks(name, hold, at=at, door="h2?streams=2") for name, (hold, at) in times.items()]
    three = {name: Deed("ok", 1.5, 1.5, 2.5) for name in "cd"}
    yield "over-limit/3-of-2-streams-after-one-came-free", run(load_of(1, *late)._replace(http2=True), three)
    # One record may have the time of another: a departure and an arrival of one request.
    again = [
        Event(1.0, "server", "arrived", "a", {**BURST, "asked": 0.1}),
        Event(2.0, "server", "departed", "a", {**BURST, "how": "disconnected"}),
    ]
    yield "over-limit/one-request-arrives-again-as-it-departs", [*run(SERVING), *again]


def _error() -> Named:
    yield "error/read-error", run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, {"error": "ReadError"})})
    yield "error/misses-by-being-due", run(FAILING)
    errors = {"b": (0.0, "ReadError"), "c": (1.0, "ConnectError"), "d": (1.0, "ReadError")}
    changes = {name: Deed("error", 0.0, at, at + 1.0, {"error": error}) for name, (at, error) in errors.items()}
    yield "error/several-classes", run(SERVING, changes)
    yield "error/a-timeout-of-another-kind", run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, {"error": "ReadTimeout"})})
    complained = Event(1.5, "worker", "complained", None, {"phase": "burst", "error": "ResourceWarning"})
    yield "error/an-event-loop-complained", [*run(SERVING), complained]
    elsewhere = Event(2.6, "worker", "close-failed", None, {"phase": "first", "error": "RuntimeError"})
    yield "error/misses-by-closing-after-the-load", [*run(SERVING), elsewhere]
    over = {name: Deed("ok", 0.0, 0.1, 1.1) for name in "abcd"}
    failed = [
        Event(1.5 + n / 10, "worker", kind, None, {"phase": "burst", "error": "RuntimeError"})
        for n, kind in enumerate(("closing", "close-failed"))
    ]
    yield "error/closing-beside-over-limit", [*run(SERVING, over), *failed]
    yield "error/closing-beside-hangs", [*run(SERVING, {"d": Deed("hangs", 0.0, 1.0)}), *failed]


def _due_errors() -> Named:
    ran_out = load_of(1, asks("a", 3.0, 9.0, read_timeout=1.0), *SERVING.requests[1:])
    yield "error/due-by-a-read-timeout", run(ran_out)
    for load, name in ((FAILING, "failed"), (ran_out, "ran-out")):
        for ended in (0.9, 1.2):
            yield f"error/due-{name}-at-{ended}", run(load, {"a": refused(ended)})
    chains = {
        "value-error": (["builtins.ValueError", "httpcore.PoolTimeout"], "list.remove(x): x not in list"),
        "assertion": (["builtins.AssertionError"], ""),
        "runtime-error": (["builtins.RuntimeError"], ""),
        "closed-client": (["builtins.RuntimeError"], "the client is closed"),
        "value-error-with-text": (["builtins.ValueError"], "no"),
        "network": (["builtins.ConnectionResetError"], "[Errno 104]"),
        "end-of-file": (["builtins.EOFError"], ""),
        "tls": (["ssl.SSLError"], "wrong version number"),
        "below": (["httpx.ReadError", "builtins.IndexError"], ""),
        "same-name": (["library.ValueError"], ""),
        "no-class": (["builtins.print"], ""),
        "none": ([], ""),
    }
    for name, (chain, message) in chains.items():
        yield f"error/due-and-internal-{name}", run(FAILING, {"a": refused(1.0, chain=chain, message=message)})
    yield "error/internal-where-none-is-due", run(SERVING, {"a": refused(1.0, chain=["builtins.KeyError"])})
    yield "error/due-and-served", run(FAILING, {"a": Deed("ok", 0.0, 0.0, 1.0)})
    yield "error/due-and-refused", run(FAILING, {"a": timed_out(0.0, 0.5)})
    yield "error/due-and-cancelled", run(FAILING, {"a": Deed("cancelled", 0.0, 0.0, 1.0)})


def _cancelled() -> Named:
    yield "error/misses-by-a-cancellation-that-is-due", run(CANCELLING)
    unasked = Deed("cancelled", 0.0, 0.0, 0.5, {"error": "CancelledError"})
    yield "error/a-cancellation-without-cause", run(SERVING, {"b": unasked})
    swallowed = {"a": Deed("ok", 0.0, 0.0, 1.2), "c": Deed("ok", 2.0, 2.1, 3.1)}
    yield "error/a-cancellation-that-is-swallowed", run(CANCELLING, swallowed)
    lost = {"c": timed_out(2.0, 5.0)}
    yield "pool-timeout/a-slot-lost-to-a-cancellation", run(CANCELLING, lost, first=[], final=[])
    yield "pool-timeout/instead-of-a-cancellation", run(CANCELLING, {"b": timed_out(0.0, 1.0)})
    yield (
        "error/instead-of-a-cancellation",
        run(CANCELLING, {"b": Deed("error", 0.0, None, 1.0, {"error": "ReadError"})}),
    )
    yield "hangs/instead-of-a-cancellation", run(CANCELLING, {"b": Deed("hangs", 0.0)})


def _pool_timeout() -> Named:
    yield "pool-timeout/where-a-slot-is-due", run(SERVING, {"d": timed_out(0.0, 3.5)})
    yield "pool-timeout/at-once-where-a-slot-is-due", run(SERVING, {"d": timed_out(0.0, 0.1)})
    yield "back-pressure/as-due", run(CUTTING)
    for ended in (0.99, 1.0, 1.01, 1.1, 1.9, 1.99, 2.0, 2.01, 2.1):
        yield f"pool-timeout/due-at-1.5-and-raised-at-{ended}", run(CUTTING, {"c": timed_out(0.0, ended)})
    a, b, c = CUTTING.requests
    longer = load_of(1, a, b._replace(hold=2.0), c)
    for started, ended in ((0.6, 2.1), (0.4, 2.3), (0.4, 2.5)):
        yield f"pool-timeout/started-at-{started}-and-raised-at-{ended}", run(longer, {"c": timed_out(started, ended)})
    yield "missing-timeout/served", run(CUTTING, {"c": Deed("ok", 0.0, 2.0, 3.0)})
    yield "missing-timeout/misses-by-another-error", run(CUTTING, {"c": Deed("error", 0.0, None, 2.5, {"error": "X"})})
    both = load_of(1, *[asks(name, 1.0, 9.0) for name in "ab"], *[asks(name, 1.0, 1.5) for name in "cd"])
    records = {"c": timed_out(0.0, 1.5), "d": timed_out(0.0, 2.4)}
    yield "missing-timeout/one-of-two-late", run(both, records)
    yield "pool-timeout/one-of-two-early", run(both, {"c": timed_out(0.0, 0.8), "d": timed_out(0.0, 1.5)})
    yield "pool-timeout/early-and-late", run(both, {"c": timed_out(0.0, 0.8), "d": timed_out(0.0, 2.4)})
    yield "back-pressure/with-an-error-due", run(load_of(1, asks("a", 1.0, 9.0, expected="error"), b, c))


def _out_of_turn() -> Named:
    queue = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 1.5), asks("c", 1.0, 1.5))
    served = Deed("ok", 0.0, 1.0, 2.0)
    for ended in (1.5, 1.0, 0.99, 2.0, 2.01):
        yield f"unfair/raised-at-{ended}", run(queue, {"b": timed_out(0.0, ended), "c": served})
    yield "unfair/misses-where-none-is-served-instead", run(queue, {"b": timed_out(0.0, 1.5), "c": timed_out(0.0, 1.5)})
    yield "unfair/misses-where-the-other-is-late", run(queue, {"b": timed_out(0.0, 1.5), "c": timed_out(0.0, 2.4)})
    error = {"b": timed_out(0.0, 1.5), "c": Deed("error", 0.0, None, 1.5, {"error": "ReadError"})}
    yield "unfair/misses-by-another-error", run(queue, error)
    yield "unfair/leaks", run(queue, {"b": timed_out(0.0, 1.5), "c": served}, final=[])
    late = load_of(1, asks("a", 1.0, 9.0), asks("b", 1.0, 1.5, at=0.2), asks("c", 1.0, 1.5))
    yield "unfair/counted-from-its-own-start", run(late, {"b": Deed("ok", 0.2, 1.0, 2.0), "c": timed_out(0.0, 1.5)})
    two = load_of(2, *[asks(name, 1.0, 9.0) for name in "ab"], *[asks(name, 1.0, 1.5) for name in "cde"])
    out = {name: timed_out(0.0, 1.5) for name in "cd"}
    yield "unfair/misses-by-one-too-many", run(two, {**out, "e": served})
    given_up = load_of(
        1, asks("a", 1.0, 9.0), asks("b", 1.0, 1.5, cancelled=0.5), asks("c", 2.0, 9.0), asks("d", 1.0, 1.5)
    )
    swapped = {"b": timed_out(0.0, 1.5), "c": Deed("ok", 0.0, 2.0, 4.0), "d": Deed("ok", 0.0, 1.0, 2.0)}
    yield "unfair/misses-where-a-cancellation-was-due", run(given_up, swapped)


def _connections() -> Named:
    anew = {
        "a": Deed("ok", 0.0, 0.0, 1.0, client="127.0.0.1:5001"),
        "b": Deed("ok", 1.5, 1.5, 2.5, client="127.0.0.1:5002"),
    }
    yield "churns/one-too-many", run(FRUGAL, anew, open=1)
    yield "churns/misses-with-as-many-as-needed", run(FRUGAL, open=1)
    yield "churns/misses-where-two-are-allowed", run(FRUGAL._replace(connections=2), anew, open=1)
    yield "churns/misses-where-it-does-not-matter", run(FRUGAL._replace(connections=None), anew, open=1)
    yield "churns/misses-with-fewer-than-allowed", run(FRUGAL._replace(connections=3, kept=3), open=1)
    yield "churns/none-is-allowed", run(FRUGAL._replace(connections=0), open=1)
    yield "over-kept/one-too-many", run(FRUGAL, open=2)
    yield "over-kept/misses-with-as-many-as-allowed", run(FRUGAL, open=1)
    yield "over-kept/misses-where-it-does-not-matter", run(FRUGAL._replace(kept=None), open=2)
    yield "over-kept/none-is-allowed", run(FRUGAL._replace(kept=0), open=1)
    yield "over-kept/beside-churns", run(FRUGAL, anew, open=3)
    yield (
        "over-kept/two-states",
        [
            *run(FRUGAL, open=None),
            Event(2.6, "harness", "sockets", None, {"phase": "burst", "states": {"ESTABLISHED": 1, "CLOSE_WAIT": 1}}),
        ],
    )
    yield "over-kept/uncounted", run(FRUGAL, open=None)
    yield "over-kept/uncounted-where-it-does-not-matter", run(FRUGAL._replace(kept=None), open=None)
    yield "over-kept/uncounted-where-it-stands-still", until(run(FRUGAL, open=None), 0.5, exited(60.0, "deadline", -9))


def _raced() -> Named:
    ways = {
        "served": Deed("ok", 0.0, 0.0, 1.0),
        "cancelled": Deed("cancelled", 0.0, 0.0, 1.0),
        "refused": timed_out(0.0, 1.0),
        "timed-out": Deed("error", 0.0, 0.0, 1.0, {"error": "ReadTimeout"}),
        "failed": Deed("error", 0.0, 0.0, 1.0, {"error": "ValueError"}),
        "hangs": Deed("hangs", 0.0, 0.0, None),
    }
    for name, deed in ways.items():
        yield f"error/raced-and-{name}", run(RACED, {"a": deed})
    due = load_of(1, asks("a", 3.0, 9.0), asks("b", 1.0, 1.5, raced=True))
    yield "back-pressure/misses-by-being-raced", run(due)
    yield "missing-timeout/misses-by-being-raced", run(due, {"b": Deed("ok", 0.0, 3.0, 4.0)})
    raced = load_of(1, asks("a", 1.0, 9.0, expected="error", raced=True), asks("b"))
    yield "error/raced-and-due", run(raced, {"a": refused(1.0, chain=["builtins.KeyError"])})


def _crashes() -> Named:
    for code in (-11, -6, -7, -4, -8, -9, -15, 11, 1):
        for at in (0.5, 99.0, -0.5) if code == -11 else (0.5,):
            records = [event for event in run(SERVING) if event.kind not in {"done", "exited"}]
            yield f"crashes/code-{code}-at-{at}", until(records, at, exited(100.0, "exited", code))
    whole = [event for event in run(SERVING) if event.kind != "exited"]
    yield "crashes/code--11-after-all-was-done", [*whole, exited(100.0, "exited", -11)]
    yield "crashes/code--11-by-the-deadline", until(run(SERVING), 0.5, exited(100.0, "deadline", -11))
    over = run(SERVING, {name: Deed("ok", 0.0, 0.1, 1.1) for name in "abcd"})
    yield "crashes/beside-over-limit", until(over, 1.5, exited(100.0, "exited", -11))
    error = run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, {**TIMED_OUT, "error": "ReadError"})})
    yield "crashes/beside-an-error", until(error, 1.5, exited(100.0, "exited", -11))
