"""Finds declarations with two correct results: a deadline at the moment of another event, whose order decides an end.

The model of a correct pool has an order for events of the same moment; a real pool has another one in each run. Where a
deadline of a load coincides with an event, each kind of time is made a little longer and a little shorter: if a request
ends in another way then, no verdict about the client follows from it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from ..scenarios.declaration.scenario import Load, Request
from .ideal_pool import Fate, Outcome, ideal_pool

LITTLE = 0.01
"""Units by which a time is moved: far less than the half unit that deadlines keep from every event."""
_TIMES = ("pool_timeout", "hold", "at", "cancelled", "read_timeout")


def deciding_tie(load: Load) -> str | None:
    """Return which end is decided by a tie, in a sentence for the author of the load; None if none is."""
    due = ideal_pool(load)
    if not _coincide(load, due):
        return None
    for time in _TIMES:
        for moved in (LITTLE, -LITTLE):
            for request, outcome in _changed(due, ideal_pool(_with(load, time, moved))):
                ends = f"{request} ends in {due[request].outcome.value}, and in {outcome.value}"
                return f"{ends} where each {time} is {moved:+g} units; keep deadlines half a unit away from every event"
    return None


def _coincide(load: Load, due: dict[str, Fate]) -> bool:
    """Return whether a deadline of a request meets an event that is not its own consequence."""
    events = sorted((moment, fate.request) for fate in due.values() for moment in (fate.queued, fate.ended))
    for request in load.requests:
        fate = due[request.id]
        if request.cancelled == fate.ended and fate.outcome is not Outcome.CANCELLED:
            return True
        if any(_meets(events, moment, request.id) for moment in _deadlines(request, fate)):
            return True
    return False


def _deadlines(request: Request, fate: Fate) -> Iterator[float]:
    """Yield when a request is cancelled, and when its wait runs out if it had to wait."""
    if request.cancelled is not None:
        yield request.cancelled
    if fate.served is None or fate.served > fate.queued:
        yield fate.queued + request.pool_timeout


def _meets(events: list[tuple[float, str]], moment: float, request: str) -> bool:
    """Return whether an event of another request is at this moment."""
    near = events[bisect_left(events, (moment - LITTLE, "")) : bisect_right(events, (moment + LITTLE, "~"))]
    return any(other != request for _, other in near)


def _changed(due: dict[str, Fate], other: dict[str, Fate]) -> Iterator[tuple[str, Outcome]]:
    """Yield the requests that end in another way, without those that race their own deadlines."""
    for name, fate in due.items():
        if not fate.raced and fate.outcome is not other[name].outcome:
            yield name, other[name].outcome


def _with(load: Load, time: str, moved: float) -> Load:
    return load._replace(requests=[_moved(request, time, moved) for request in load.requests])


def _moved(request: Request, time: str, moved: float) -> Request:
    """Return a request with one of its times moved; a time of 0 means at once, and stays."""
    value: float | None = getattr(request, time)
    return Request(**{**request._asdict(), time: value + moved}) if value else request
