"""A search should aim at a moment until it has met it, and believe nothing of what it has not met."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from poolgate.scenarios.declaration.scenario import Job, Load
from poolgate.scenarios.sweep.pools import AT_MOST, SOON, Range
from poolgate.scenarios.sweep.until_closed import MISSES, Search


@pytest.fixture
def search() -> Search:
    field: Any = SimpleNamespace(backend=SimpleNamespace(time=lambda: 0.0), unit=0.1)
    return Search(field, lambda kind, **data: None, deadline=1.0)


class Pool:
    """A pool whose slot is found at once never, but after so many more waits, if at all."""

    def __init__(self, served_after: int | None) -> None:
        self.ended = "CancelledError"
        self.closed = False
        self._served_after = served_after
        self._waits = 0
        vars(self).update({"told": {}})  # as the instrument names the data of a probe

    @property
    def whole(self) -> bool:
        return self._served_after is not None and self._waits >= self._served_after

    async def whole_soon(self) -> bool:
        return self.whole

    async def counted(self, seconds: float) -> None:
        self._waits += 1

    async def close(self) -> None:
        self.closed = True


def aims(search: Search, meets: bool) -> int:
    """How often one moment is aimed at."""
    tried = 0
    while search.wanted("moment"):
        search.aimed("moment", meets)
        tried += 1
    return tried


def test_what_is_met_is_aimed_at_as_often_as_there_are_chances(search: Search) -> None:
    assert aims(search, meets=True) == 2


def test_what_is_missed_is_aimed_at_again_but_not_for_ever(search: Search) -> None:
    assert aims(search, meets=False) == MISSES > 2


def test_a_miss_takes_no_chance_away(search: Search) -> None:
    search.aimed("moment", met=False)
    assert aims(search, meets=True) == 2


def test_what_is_suspected_already_is_aimed_at_no_more(search: Search) -> None:
    suspect: Any = SimpleNamespace(whole=False)
    search.suspects["moment"] = suspect
    assert not search.wanted("moment")


async def test_a_probe_that_is_served_late_is_not_a_suspect_after_the_pass(search: Search) -> None:
    """All new suspects get some more time, together; a pool that does not serve in it stays suspected."""
    late, lost = (Pool(served_after) for served_after in (1, None))

    async def one_pass() -> None:
        for aim, pool in (("late", late), ("lost", lost)):
            if search.wanted(aim):
                search.aimed(aim, met=True)
                await search.take(aim, None, pool)  # type: ignore[arg-type]

    assert await search.run(one_pass, enough=1)
    assert list(search.suspects) == ["lost"]
    assert (late.closed, lost.closed) == (True, False)


async def test_it_is_closed_once_passes_add_nothing(search: Search) -> None:
    passes = []

    async def one_pass() -> None:
        passes.append(search.wanted("moment"))

    assert await search.run(one_pass, enough=3)
    assert passes == [True] * 3


@pytest.fixture
def field() -> Iterator[Range]:
    """What pools share whose server is never asked."""
    load = Load(limit=1, max_keepalive=1, keepalive_expiry=5.0, deadline=9.0, requests=[])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = listener.getsockname()
        job = Job(fresh=Any, record=print, variant={}, load=load, unit=0.1, server=here, cell="c", base="", counted="")
        field = Range(job, None)
        yield field
        field.hand.close()


def test_a_count_gets_as_much_time_as_the_machine_has_just_needed(field: Range) -> None:
    """Briefly where it is quick, for each leak costs that time; more, but never for long, where it is late."""
    assert field.soon == SOON
    field.served_in(0.010)
    assert SOON < field.soon < AT_MOST
    field.served_in(9.0)
    assert field.soon == AT_MOST
    for _ in range(20):
        field.served_in(0.001)
    assert field.soon == SOON
