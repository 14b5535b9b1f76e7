"""A search should aim at a moment until it has met it, and believe nothing of what it has not met."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from poolgate.scenarios.sweeping.search import MISSES, Search


@pytest.fixture
def search() -> Search:
    field: Any = SimpleNamespace(backend=SimpleNamespace(time=lambda: 0.0), unit=0.1)
    return Search(field, None, deadline=1.0)


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


async def test_it_is_closed_once_passes_add_nothing(search: Search) -> None:
    passes = []

    async def one_pass() -> None:
        passes.append(search.wanted("moment"))

    assert await search.run(one_pass, enough=3)
    assert passes == [True] * 3
