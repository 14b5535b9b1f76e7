"""Shapes that the loads of several scenarios share, as lists of requests."""

from typing import List, Optional

from .scenario import Request


def one_after_another(requests: List[Request]) -> List[Request]:
    """Return the same requests, each after the end of the one before it."""
    before: List[Optional[str]] = [None, *(request.id for request in requests)]
    return [request._replace(after=before[n]) for n, request in enumerate(requests)]


def failing_first(failing: Request, times: int, slots: int) -> List[Request]:
    """Return a request that fails, `times` times, then one served request for each slot, one after another."""
    served = Request(id="", hold=0.5, pool_timeout=2.5)
    requests = [failing._replace(id="failing-%d" % n) for n in range(times)]
    return one_after_another(requests + [served._replace(id="served-%d" % n) for n in range(slots)])


def in_turns(one: Request, count: int, turns: int, turn: float) -> List[Request]:
    """Return `count` copies of a request every `turn` units; each copy is cancelled after half of that time."""
    ends = turn / 2.0
    return [
        one._replace(id="%s-%d-%d" % (one.id, number, n), at=number * turn, cancelled=number * turn + ends)
        for number in range(turns)
        for n in range(count)
    ]
