"""More requests in flight than the pool has slots, or its connections streams."""

from __future__ import annotations

import pytest
from support.histories import Deed, Event, history_of, load_of, run
from support.judged import SERVING, key

from poolgate.scenarios.declaration.scenario import Request
from poolgate.verdict.judge import judge


def test_over_limit() -> None:
    changes = {name: Deed("ok", 0.0, 0.1, 1.1) for name in "abcd"}
    assert key(SERVING, changes) == "over-limit/serves"


@pytest.mark.parametrize(("noticed", "expected"), [(1.3, "error/serves/ReadError"), (1.9, "over-limit/serves")])
def test_a_server_may_notice_late_that_a_client_went_away(noticed: float, expected: str) -> None:
    """The slot of `a` is free at 1.0 and given to `c`; until the server has noticed it sees one request too many."""
    gone = Event(noticed, "server", "departed", "a", {"phase": "burst", "how": "disconnected"})
    records = run(SERVING, {"a": Deed("error", 0.0, 0.0, 1.0, {"error": "ReadError"}), "c": Deed("ok", 0.0, 1.1, 2.1)})
    records = [gone if (event.kind, event.request) == ("departed", "a") else event for event in records]
    assert judge(history_of(records)).key == expected


def test_requests_that_share_a_connection_are_one_in_flight() -> None:
    """Over HTTP/2, to one origin: four at once on one slot; to two origins they are one too many."""
    one = [Request(id=name, hold=1.0, pool_timeout=3.5, door="h2") for name in "abcd"]
    shared = load_of(1, *one)._replace(http2=True)
    assert key(shared) == "completes/serves"
    other = load_of(1, *one[:3], one[3]._replace(door="h2#1"))._replace(http2=True)
    assert key(other, {"d": Deed("ok", 0.0, 0.0, 1.0)}) == "over-limit/serves"


def test_requests_beyond_the_streams_of_a_connection_are_on_another() -> None:
    """Three at once where a connection carries two are one connection too many, whatever the client thinks."""
    one = [Request(id=name, hold=1.0, pool_timeout=3.5, door="h2?streams=2") for name in "abc"]
    load = load_of(1, *one)._replace(http2=True)
    assert load.counted_at == ["h2?streams=2"] * 2
    assert key(load, {name: Deed("ok", 0.0, 0.0, 1.0) for name in "abc"}) == "over-limit/serves"
