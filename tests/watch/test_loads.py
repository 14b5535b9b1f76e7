"""Under a mixed load the watcher reports each slot that is lost, and no slot that can be used.

The load reads, abandons, cancels and times out requests while looks are made all the time. The slots are counted
afterwards, with one request for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.environments import built

from watch.conftest import pool_of

Watched = Callable[..., Any]

SECONDS = 2
LIMIT = 4


def loaded(watched: Watched, release: str, load: str, seconds: int = SECONDS) -> Any:
    environment = built(release, tuple(extra for extra in ("h2", "trio") if extra in load))
    return watched(environment.interpreter, "program_load.py", pool_of(environment.packages), f"{load},{seconds}")


@pytest.mark.parametrize("load", ["asyncio,plain", "trio,plain", "threads,plain", "asyncio,proxy", "trio,proxy"])
def test_no_look_at_a_whole_pool_reports_a_leak(watched: Watched, load: str) -> None:
    seen = loaded(watched, "httpx2==2.16.2", load)
    assert seen["looks"] > 3
    assert set(seen["lost"]) == {0}
    assert set(seen["verdicts"]) <= {"serves", "back-pressure"}
    assert (seen["last"]["verdict"], seen["usable"]) == ("serves", LIMIT)


@pytest.mark.parametrize(
    ("release", "load"),
    [
        ("httpx2==2.16.2", "asyncio,h2"),
        ("httpx2==2.16.2", "trio,tunnel"),
        ("httpx2==2.3.0", "trio,h2"),
        ("httpx==0.28.1", "asyncio,plain"),
        ("httpx==0.28.1", "threads,h2"),
        ("httpxyz==0.42.1", "asyncio,plain"),
        ("httpcore==0.18.0", "trio,plain"),
        ("httpcore==0.18.0", "asyncio,tunnel"),
    ],
)
def test_each_lost_slot_is_reported_and_no_other(watched: Watched, release: str, load: str) -> None:
    seen = loaded(watched, release, load)
    lost = seen["lost"][-1]
    dead = seen["last"]["verdict"] == "dead"
    assert seen["usable"] == (0 if dead else LIMIT - lost)
    assert max(seen["lost"]) == lost
    assert (seen["last"]["verdict"] in ("leaks", "dead")) == bool(seen["last"]["lost"])


@pytest.mark.parametrize(("release", "verdict"), [("httpx2==2.16.2", "dead"), ("httpx==0.28.1", "serves")])
def test_connections_of_http_2_that_broke_are_lost_where_the_pool_keeps_them(
    watched: Watched, release: str, verdict: str
) -> None:
    """A read timeout breaks a connection of HTTP/2; httpx2 keeps it, and waits for it, until it expires."""
    seen = loaded(watched, release, "asyncio,h2", 0)
    assert seen["errors"] == {"ReadTimeout": LIMIT} if verdict == "serves" else seen["errors"]["PoolTimeout"] == LIMIT
    assert (seen["last"]["verdict"], seen["usable"]) == (verdict, 0 if verdict == "dead" else LIMIT)
    assert {slot["ending"]["what"] for slot in seen["last"]["lost"]} <= {"timed out"}
