"""What is left after the load: each word, and a count that misses it by a little."""

from __future__ import annotations

from collections.abc import Iterator

from support.histories import Deed, Event, load_of, run

from corpus_made.loads import BURST, LENDING, SERVING, asks, timed_out

Named = Iterator[tuple[str, list[Event]]]

COUNTS = {
    "serves/at-once": ([0.1, 0.9], [0.1, 0.2]),
    "serves/final-late": ([0.1, 0.9], [0.1, 3.9]),
    "serves/within-a-unit": ([0.1, 0.999], [0.1, 0.2]),
    "serves/at-one-unit": ([0.1, 1.0], [0.1, 0.2]),
    "late/beyond-one-unit": ([0.1, 1.001], [0.1, 0.2]),
    "late/beyond-the-barrier": ([0.1, 4.5], [0.1, 0.2]),
    "late/none-at-first": ([], [0.1, 0.2]),
    "leaks/one": ([0.1], [0.1]),
    "leaks/one-in-the-end": ([0.1, 0.1], [0.1]),
    "leaks/one-beyond-the-barrier": ([0.1], [0.1, 4.5]),
    "leaks/misses-within-the-barrier": ([0.1], [0.1, 3.99]),
    "dead/in-the-end": ([0.1, 0.1], []),
    "dead/from-the-first": ([], []),
}


def made() -> Named:
    for name, (first, final) in COUNTS.items():
        yield name, run(SERVING, first=first, final=final)
    single = load_of(1, asks("a"))
    for name, first, final in (("serves", [0.1], [0.1]), ("late", [], [0.1]), ("dead", [0.1], [])):
        yield f"{name}/of-one-slot", run(single, first=first, final=final)
    three = load_of(3, asks("a"))
    for count in (0, 1, 2, 3):
        yield f"leaks/{count}-of-3", run(three, first=[0.05] * count, final=[0.05] * count)
        yield f"late/{count}-of-3", run(three, first=[0.05] * count)
    yield "dead/beside-pool-timeout", run(SERVING, {"d": timed_out(0.0, 3.5)}, first=[], final=[])
    yield "leaks/beside-hangs", run(SERVING, {"d": Deed("hangs", 0.0, 1.0)}, final=[0.05])
    for count in (0, 1, 2):
        counted = [0.05] * count
        yield f"leaks/{count}-beside-one-that-is-lent", run(LENDING, first=counted, final=counted)
    yield "late/beside-one-that-is-lent", run(LENDING, first=[], final=[0.05])
    yield "leaks/all-back-in-the-end-beside-one-that-is-lent", run(LENDING, first=[0.05], final=[0.05, 0.05])
    yield "leaks/all-back-at-first-beside-one-that-is-lent", run(LENDING, first=[0.05, 0.05], final=[0.05])
    two = load_of(3, asks("x", ending="keep"), asks("y", ending="cycle"), asks("b"))
    for count in (1, 2, 3):
        yield f"leaks/{count}-beside-two-that-are-lent", run(two, first=[0.05] * count, final=[0.05] * count)
    streams = load_of(2, asks("a", door="h2?streams=2"))._replace(http2=True)
    for count in (3, 4):
        yield f"leaks/{count}-of-4-streams", run(streams, final=[0.05] * count)
    for phase in ("first", "final"):
        records = [event for event in run(SERVING) if (event.kind, event.data.get("phase")) != ("phase-end", phase)]
        cut = [event for event in records if event.kind != "done"]
        yield (
            f"dead/{phase}-without-its-end",
            [
                event._replace(data={"how": "deadline", "code": -9, "output": ""}) if event.kind == "exited" else event
                for event in cut
            ],
        )
        begun = [event for event in run(SERVING) if (event.kind, event.data.get("phase")) != ("phase-start", phase)]
        yield f"dead/{phase}-without-its-start", begun
        unopened = [event for event in run(SERVING) if (event.kind, event.data.get("phase")) != ("opened", phase)]
        yield f"dead/{phase}-without-its-barrier", unopened
    twice = Event(9.0, "server", "opened", None, {**BURST, "phase": "first", "together": 7})
    yield "serves/a-barrier-that-opens-twice", [*run(SERVING), twice]
