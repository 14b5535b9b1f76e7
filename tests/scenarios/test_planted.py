"""A planted bad pool should fail where the real one passes, and its verdict should name the defect."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.environments import plant

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]

# Both environments have the same packages: one must not be answered by the verdict about the other.
RUN = ("run", "gather-over-limit", "--repeats", "1", "--again", "--format", "json", "--target")
PLANTED = {
    "forgets_a_slot": ("fail", "completes/leaks", 2),
    "exceeds_its_limit": ("fail", "over-limit/serves", 3),
    "never_wakes_a_waiter": ("fail", "hangs/serves", 3),
    "raises_something_else": ("fail", "error/serves/LocalProtocolError", 3),
}


def cells(answer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer)["cells"]
    return found


@pytest.mark.parametrize("release", ["httpx==0.28.1"])
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_pool_is_caught(poolgate: Poolgate, tmp_path: Path, name: str, release: str) -> None:
    """The same release, once with a bad pool and once as it is: only the bad one fails."""
    target = plant(name, release, tmp_path / "environment")
    code, out, err = poolgate(*RUN, target, release)
    assert code == 0, err
    bad, real = cells(out)
    assert (bad["status"], bad["key"], bad["slots"]["usable_final"]) == PLANTED[name]
    assert (real["status"], real["key"]) == ("pass", "completes/serves")


@pytest.mark.usefixtures("start")
def test_a_client_that_blocks_its_loop_is_not_mistaken_for_a_slow_machine(poolgate: Poolgate, tmp_path: Path) -> None:
    target = plant("blocks_the_loop", "httpx==0.28.1", tmp_path / "environment")
    _, out, _ = poolgate(*RUN, target)
    (cell,) = cells(out)
    if "the machine was late" in (cell["reason"] or ""):
        pytest.skip(f"the two can't be distinguished here: {cell['reason']}")
    assert "the client blocked its own event loop" in cell["notes"]
