"""A planted bad pool is reported with its defect, where the same release as it is serves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.environments import PLANTED, plant

Watched = Callable[..., Any]

LIMIT = 3
BAD = [
    ("forgets_a_slot", "httpx==0.28.1", "serves", "leaks", "closed"),
    ("forgets_at_one_await", "httpx2==2.16.2", "cancelled_connecting", "leaks", "cancelled"),
    ("keeps_a_dead_waiter", "httpx2==2.16.2", "cancelled_waiting", "leaks", "unknown"),
]


def seen_in(watched: Watched, place: Path, name: str, release: str, situation: str) -> Any:
    plant(name, release, place)
    pool = "httpcore" if release.startswith("httpx==") else "httpcore2"
    return watched(str(place / "bin" / "python"), "program.py", pool, situation)


@pytest.mark.parametrize(("name", "release", "situation", "verdict", "what"), BAD)
def test_a_planted_leak_is_reported(
    watched: Watched, tmp_path: Path, name: str, release: str, situation: str, verdict: str, what: str
) -> None:
    seen = seen_in(watched, tmp_path / "environment", name, release, situation)
    (state,) = seen["states"]
    assert (state["verdict"], {slot["ending"]["what"] for slot in state["lost"]}) == (verdict, {what})
    assert seen["usable"] == LIMIT - len(state["lost"])


@pytest.mark.parametrize("situation", sorted({situation for *_, situation, _, _ in BAD} | {"asleep"}))
def test_the_same_pool_as_it_is_serves(watched_pool: Watched, situation: str) -> None:
    seen = watched_pool("httpx2==2.16.2", situation)
    (state,) = seen["states"]
    assert (state["verdict"], state["lost"], seen["usable"]) == ("serves", [], LIMIT)


def test_a_waiting_request_that_gets_no_free_slot_is_a_dead_pool(watched: Watched, tmp_path: Path) -> None:
    place = tmp_path / "environment"
    (state,) = seen_in(watched, place, "leaves_a_waiter_asleep", "httpx2==2.16.2", "asleep")["states"]
    assert (state["verdict"], state["queued"], state["lost"]) == ("dead", 2, [])
    assert (PLANTED / "leaves_a_waiter_asleep.py").exists()
