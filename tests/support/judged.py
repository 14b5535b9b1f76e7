"""Runs that several tests of the judge share, and short functions for their verdicts."""

from __future__ import annotations

from typing import Any

from poolgate.scenarios.declaration.scenario import Load, Request
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.words import Status
from support.histories import Deed, Event, exited, history_of, load_of, run, until

# Two slots, two rounds of a unit each.
SERVING = load_of(2, *[Request(id=name, hold=1.0, pool_timeout=3.5) for name in "abcd"])
# One slot; `c` has to give up at 1.5, half a unit from where slots come free.
CUTTING = load_of(
    1,
    Request(id="a", hold=1.0, pool_timeout=9.0),
    Request(id="b", hold=1.0, pool_timeout=9.0),
    Request(id="c", hold=1.0, pool_timeout=1.5),
)
# One slot; the third is served half a unit before its wait runs out.
JUST_SERVED = load_of(1, *[Request(id=name, hold=1.0, pool_timeout=2.5) for name in "abc"])
TIMED_OUT = {"error": "PoolTimeout"}


def verdict(load: Load, changes: dict[str, Deed] | None = None, **options: Any) -> Judgement:
    judgement = judge(history_of(run(load, changes, **options)))
    assert judgement.reason is None
    return judgement


def key(load: Load, changes: dict[str, Deed] | None = None, **options: Any) -> str | None:
    return verdict(load, changes, **options).key


def reason(events: list[Event]) -> str | None:
    """Return why there is no verdict."""
    judgement = judge(history_of(events))
    assert judgement.status is Status.UNKNOWN
    assert (judgement.burst, judgement.after, judgement.key, judgement.slots) == (None, None, None, None)
    return judgement.reason


# One slot; `a` holds it and `b` waits for it when both are cancelled at 1, `c` comes at 2.
CANCELLING = load_of(
    1,
    *[Request(id=name, hold=4.0, pool_timeout=9.0, cancelled=1.0) for name in "ab"],
    Request(id="c", hold=1.0, pool_timeout=3.0, at=2.0),
)
FAILING = load_of(1, Request(id="a", hold=1.0, pool_timeout=9.0, expected="error"), *SERVING.requests[1:])


def closing(*kinds: str) -> list[Event]:
    """A client is closed in the middle of the load."""
    data = {"phase": "burst", "error": "RuntimeError"}
    return [*run(SERVING), *(Event(1.5 + n / 10, "worker", kind, None, data) for n, kind in enumerate(kinds))]


# One request for each fault; on a correct pool the first four are served in turn and the fifth gives up.
FAULTY = load_of(
    1,
    *[Request(id=name, hold=1.0, pool_timeout=6.5) for name in ("hangs", "early", "fails", "refused")],
    Request(id="kept", hold=1.0, pool_timeout=1.5),
    Request(id="fresh", hold=0.5, pool_timeout=1.5, at=5.5),
)._replace(connections=1, kept=1)
BLOCKED = Event(0.6, "worker", "stalled", None, {"late": 0.2, "gap": 0.225, "cpu": 0.2})
KINDS = sorted({event.kind for event in run(SERVING)} | {"unsupported", "failure", "stalled", "deadline"})
GOOD = tuple(
    history_of(records)
    for records in (
        run(SERVING),
        run(CUTTING, {"c": Deed("hangs", 0.0)}),
        run(SERVING, {"c": Deed("error", 0.0, 1.0, 1.1, {"error": "ReadError", "site": ["a:b"]})}, final=[0.1]),
        until(run(SERVING), 0.5, exited(60.0, "deadline", -9)),
        [*run(SERVING), BLOCKED],
    )
)
RACED = load_of(1, Request(id="a", hold=1.0, pool_timeout=3.5, cancelled=1.0, raced=True))
