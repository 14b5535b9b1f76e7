"""Each kind of bad pool should be caught by the scenario that is about it, and named by what it does wrong.

They are planted into the release whose pool loses nothing, and that release as it is passes all of these scenarios.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.environments import plant

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]

CLEAN = "httpx2==2.16.2"
PLANTED = {
    "forgets_at_one_await": ("cancel-sweep[style=native]", "completes/leaks/native:cold,contended"),
    "keeps_a_dead_waiter": ("cancel-sweep[style=native]", "completes/leaks/native:contended"),
    "leaves_a_waiter_asleep": ("gather-over-limit", "pool-timeout/serves/PoolTimeout"),
    "hands_one_slot_to_two": ("gather-over-limit", "over-limit/serves"),
    "restarts_its_timeout": ("queue-timeout", "missing-timeout/serves/PoolTimeout"),
    "serves_last_come_first": ("queue-timeout", "unfair/serves/PoolTimeout"),
}


def measured(poolgate: Poolgate, scenario: str, target: str) -> dict[str, Any]:
    _, out, err = poolgate("run", scenario, "--repeats", "1", "--format", "json", "--target", target)
    (cell,) = json.loads(out)["cells"]
    assert cell["key"] is not None, (cell["reason"], err)
    found: dict[str, Any] = cell
    return found


@pytest.mark.parametrize("name", PLANTED)
def test_a_bad_pool_is_caught_and_named(poolgate: Poolgate, tmp_path: Path, name: str) -> None:
    scenario, key = PLANTED[name]
    cell = measured(poolgate, scenario, plant(name, CLEAN, tmp_path / "environment"))
    assert (cell["status"], cell["key"]) == ("fail", key)


@pytest.mark.parametrize("scenario", sorted({scenario for scenario, _ in PLANTED.values()}))
def test_the_release_as_it_is_passes(poolgate: Poolgate, scenario: str) -> None:
    assert measured(poolgate, scenario, CLEAN)["status"] == "pass"


def test_the_await_at_which_a_slot_is_forgotten_is_named(poolgate: Poolgate, tmp_path: Path) -> None:
    """It is the client's own function that waited there, whatever is planted around it, and nothing else is blamed."""
    target = plant("forgets_at_one_await", CLEAN, tmp_path / "environment")
    cell = measured(poolgate, "cancel-sweep[style=native]", target)
    assert {point["site"] for point in cell["points"]} == {"httpcore2._async.connection:_connect"}
    assert all(point["lost"] == 1 and point["backend"] == "asyncio" for point in cell["points"])
    assert cell["covered"] > len(cell["points"])


def test_a_pool_that_fails_its_waiting_requests_may_be_closed(poolgate: Poolgate, tmp_path: Path) -> None:
    """No release does, and so none passes: a good pool is planted for once."""
    target = plant("fails_waiting_requests_at_close", CLEAN, tmp_path / "environment")
    cell = measured(poolgate, "close-pool[while=waiting]", target)
    assert (cell["status"], cell["key"], cell["outcomes"]) == ("pass", "completes/serves", {"error": 5}), cell["notes"]


def test_a_pool_that_serves_waiting_requests_after_it_is_closed_fails(poolgate: Poolgate) -> None:
    cell = measured(poolgate, "close-pool[while=waiting]", CLEAN)
    assert (cell["status"], cell["key"]) == ("fail", "over-kept/serves")


@pytest.mark.parametrize("release", ["httpx2==2.3.0", "httpx2==2.4.0"])
def test_a_request_that_lingers_before_its_stream_is_seen(poolgate: Poolgate, tmp_path: Path, release: str) -> None:
    """Neither release lingers there; where one would, the connection is closed under the request on both of them."""
    target = plant("lingers_before_its_stream", release, tmp_path / "environment", ("h2",))
    cell = measured(poolgate, "h2-last-stream", target)
    assert (cell["status"], cell["key"]) == ("fail", "error/serves/ReadError"), cell["notes"]


def test_a_queue_that_is_a_stack_is_reported_even_where_all_are_served(poolgate: Poolgate, tmp_path: Path) -> None:
    target = plant("serves_last_come_first", CLEAN, tmp_path / "environment")
    cell = measured(poolgate, "gather-over-limit", target)
    assert (cell["status"], "served out of order" in cell["notes"]) == ("pass", True)
