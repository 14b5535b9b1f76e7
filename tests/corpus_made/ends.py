"""Ends of a worker, and impossible histories: why a run has no verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from support.histories import Deed, Event, exited, load_of, plan_for, run, until

from corpus_made.loads import BURST, CANCELLING, SERVING, asks, changed

Named = Iterator[tuple[str, list[Event]]]


def made() -> Named:
    for part in (_ends, _failures, _lies, _plans):
        for name, records in part():
            yield f"ends/{name}", records


def _ends() -> Named:
    ends = {
        "killed": (0.5, exited(2.0, "exited", -9)),
        "hung-up": (0.5, exited(2.0, "exited", -1)),
        "killed-before-its-load": (-1.0, exited(-0.5, "exited", -11)),
        "exit-code": (0.5, exited(2.0, "exited", 3, "warning\nfatal\n")),
        "exit-code-0": (0.5, exited(2.0, "exited", 0)),
        "flooded": (0.5, exited(2.0, "flooded", -9)),
        "garbled": (0.5, exited(2.0, "garbled", -9, "not JSON")),
        "garbled-with-all-records": (99.0, exited(99.0, "garbled", -9, "not JSON")),
        "deadline-with-all-records": (99.0, exited(99.0, "deadline", -9)),
        "never-ready": (-2.0, exited(-1.5, "deadline", -9)),
        "never-begun": (-1.0, exited(-0.5, "deadline", -9)),
        "cut-off": (0.5, None),
        "cut-off-with-all-records": (99.0, None),
    }
    for name, (at, end) in ends.items():
        yield name, until([event for event in run(SERVING) if event.kind != "exited"], at, end)
    unsupported = Event(-1, "worker", "unsupported", None, {"reason": "httpx 0.1: no Limits"})
    yield "unsupported", [*until(run(SERVING), -2, None), unsupported, exited(0.0)]


def _failures() -> Named:
    for name, said in (("traceback", "Traceback:\nValueError: no\n"), ("nothing", "")):
        failure = Event(0.6, "worker", "failure", None, {"reason": said})
        yield f"failure-{name}", [*until(run(SERVING), 0.5, failure), exited(1.0, code=70)]
    failure = Event(2.05, "worker", "failure", None, {"reason": "late"})
    yield "failure-in-a-run-that-is-whole", [*run(SERVING), failure]
    yield "failure-in-a-run-that-is-cut-off", until(run(SERVING), 0.5, failure)


def _lies() -> Named:
    yield "unknown-request", changed(SERVING, "started", "a", request="z")
    yield "no-request", changed(SERVING, "started", "a", request=None)
    yield "started-twice", [*run(SERVING), Event(0.1, "worker", "started", "a", BURST)]
    yield "started-again", [*run(SERVING, {"d": Deed("hangs", 0.0)}), Event(9.8, "worker", "started", "d", BURST)]
    yield "never-ended-twice-started", changed(SERVING, "ended", "a", kind="started", data=BURST)
    yield "ended-twice", [*run(SERVING), Event(0.1, "worker", "ended", "a", {**BURST, "outcome": "ok"})]
    yield "ended-before-its-start", changed(SERVING, "started", "a", at=1.05)
    yield "served-and-never-arrived", changed(SERVING, "arrived", "a", request="z")
    yield "served-before-it-arrived", changed(SERVING, "arrived", "a", at=1.05)
    brief = load_of(2, asks("a", 0.4), *SERVING.requests[1:])
    yield "served-in-the-moment-of-its-arrival", changed(brief, "arrived", "a", at=0.4)
    yield "not-all-ended", changed(SERVING, "ended", "a", kind="hello")
    yield "not-all-started", [event for event in run(SERVING) if event.request != "a"]
    for phase in ("burst", "first", "final"):
        yield f"no-{phase}", [event for event in run(SERVING) if event.data.get("phase") != phase]
        yield (
            f"no-end-of-{phase}",
            [event for event in run(SERVING) if (event.kind, event.data.get("phase")) != ("phase-end", phase)],
        )
    whole = run(CANCELLING)
    yield "cancelled-and-one-never-started", [event for event in whole if event.request != "c"]
    hanging = run(SERVING, {"d": Deed("hangs", 0.0)})
    yield "cut-off-and-one-never-started", [event for event in hanging if event.request != "d"]
    yield "no-phase", changed(SERVING, "phase-start", data={})
    yield "unknown-outcome", changed(SERVING, "ended", "a", data={**BURST, "outcome": "fine"})
    yield "a-record-of-another-source", changed(SERVING, "arrived", "a", source="worker")
    yield "unknown-kinds", [*run(SERVING), Event(0.3, "server", "weather", "a", BURST)]


def _plans() -> Named:
    yield "no-plan", [event for event in run(SERVING) if event.kind != "plan"]
    fields: dict[str, dict[str, Any]] = {
        "no-load": {"load": {}},
        "no-fields": {"load": {"requests": [{"id": "a"}]}},
        "no-unit": {"unit": "short"},
        "another-version": {"version": 2},
    }
    for name, changes in fields.items():
        yield name, changed(SERVING, "plan", data={**msgspec.to_builtins(plan_for(SERVING)), **changes})
    plan = msgspec.to_builtins(plan_for(SERVING))
    first = plan["load"]["requests"][0]
    for name, request in {
        "waits-for-none": {"after": "z"},
        "twice": {"id": "b"},
        "waits-for-itself": {"after": "a"},
    }.items():
        requests = [{**first, **request}, *plan["load"]["requests"][1:]]
        yield name, changed(SERVING, "plan", data={**plan, "load": {**plan["load"], "requests": requests}})
