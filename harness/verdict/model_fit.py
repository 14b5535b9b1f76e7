"""Compares a history with the load that its scenario declares: where they differ, the ideal is wrong.

The ideal pool knows only what a load declares. Where the server saw another load, the difference is not a result about
the client, so the declaration is refused. Only what no client can cause counts here: which request is served when, on
which connection and how often a client tries depends on the client, and is judged elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..protocol.history import History
from ..protocol.plan import Plan
from ..scenarios.declaration.scenario import Load, Request
from .lateness import TOLERANCE
from .observed import Seen

_REPEATING = {"retry", "recreate"}
"""Remedies by which the caller sends a request again."""


def misfit(history: History, plan: Plan, load: Load, seen: dict[str, Seen]) -> str | None:
    """Return why the declared load can't be the one that was run, in a sentence for its author; None where it can."""
    answered = Counter(
        record.request for record in history.of("departed", phase="burst") if record.data["how"] == "sent"
    )
    found = [
        *_answered_again(plan, load, seen, answered),
        *_asked_otherwise(history, plan, load),
        *_started_early(load, seen),
        *_answered_early(load, seen, answered),
    ]
    return f"the load that {plan.scenario} declares is not the one that was run: {found[0]}" if found else None


def _answered_again(plan: Plan, load: Load, seen: dict[str, Seen], answered: Counter[str | None]) -> Iterator[str]:
    """Yield requests that ended well and that the server answered in full more than once.

    A client sends a request again where no answer came: over a stale connection, or one that was cut. None does so
    after a whole answer, unless the answer or the caller asks for it.
    """
    for request in load.requests:
        times = answered[request.id]
        if (
            times > 1
            and _ended_well(request, seen)
            and load.remedy not in _REPEATING
            and not _may_be_cut(load, request)
        ):
            problem = f"{request.id} is 1 visit of {request.hold:g} units there, the server answered {times} in full"
            yield f"{problem}; {_once(plan)}"


def _once(plan: Plan) -> str:
    if plan.factory:
        return "use a client that sends no request again"
    return "declare each visit as a request of its own (`after`), or let the server answer once"


def _ended_well(request: Request, seen: dict[str, Seen]) -> bool:
    """Return whether a request was served and nothing ends it from outside."""
    own = seen.get(request.id)
    return own is not None and own.outcome == "ok" and request.cancelled is None and not request.raced


def _may_be_cut(load: Load, request: Request) -> bool:
    """Return whether the fault of another request may cut its connection when the answer is on its way."""
    return load.shares(request.door) and any(other.fault is not None for other in load.requests)


def _asked_otherwise(history: History, plan: Plan, load: Load) -> Iterator[str]:
    """Yield requests that asked the server for another hold than they declare."""
    declared = {request.id: request for request in load.requests if not request.stalls and not request.endless}
    for record in history.of("arrived", phase="burst"):
        request, asked = declared.get(record.request or ""), record.data.get("asked")
        units = None if asked is None else float(asked) / plan.unit
        if request is not None and units is not None and abs(units - request.hold) > TOLERANCE:
            problem = f"{request.id} has hold={request.hold:g} there, the server was asked for {units:g} units"
            yield f"{problem}; declare hold={units:g}, or send the declared request (`driver.fetch(request)`)"


def _started_early(load: Load, seen: dict[str, Seen]) -> Iterator[str]:
    """Yield requests that started before they are due."""
    for request in load.requests:
        own = seen.get(request.id)
        if own is not None and request.after is None and own.started < request.at - TOLERANCE:
            problem = f"{request.id} has at={request.at:g} there, it started at {own.started:.1f}"
            yield f"{problem}; declare the moment, or let the body wait for it (`driver.play(requests)`)"


def _answered_early(load: Load, seen: dict[str, Seen], answered: Counter[str | None]) -> Iterator[str]:
    """Yield requests that ended well and that the server answered in full before the end of their hold."""
    for request in load.requests:
        if request.fault is None and not request.endless and answered[request.id] and _ended_well(request, seen):
            arrived, departed = seen[request.id].arrived, seen[request.id].departed
            if arrived is not None and departed is not None and 0 <= departed - arrived < request.hold - TOLERANCE:
                problem = (
                    f"{request.id} has hold={request.hold:g} there, the server answered after {departed - arrived:.1f}"
                )
                yield f"{problem} units; declare the hold that the server has"
