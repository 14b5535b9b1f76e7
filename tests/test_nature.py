"""Each scenario should fail on a release that is bad at what it asks and pass on one that is good: real ones, both."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from poolgate import scenarios

Poolgate = Callable[..., tuple[int, str, str]]

# Where the behaviour changes, as `poolgate run --line` measured it; the other packages are those of each target.
BAD_AND_GOOD = {
    "gather-over-limit": ("httpx==0.20.0", "httpx==0.21.0"),
    "sequential-reuse": ("httpx==0.15.2", "httpx==0.15.3"),
    "queue-timeout": ("httpx==0.28.1", "httpx2==2.16.2"),
    "cancel-task-group": ("httpcore==1.0.2", "httpcore==1.0.3"),
    "contention-cost": ("httpx2==2.3.0", "httpx2==2.16.2"),
    "threads-over-limit": ("httpx==0.20.0", "httpx==0.21.0"),
}


@pytest.mark.parametrize("scenario", scenarios.declared())
def test_a_scenario_tells_a_bad_release_from_a_good_one(poolgate: Poolgate, scenario: str) -> None:
    words = ("run", scenario, "--target", *BAD_AND_GOOD[scenario], "--repeats", "1", "--format", "json")
    _, out, err = poolgate(*words)
    cells = json.loads(out)["cells"]
    assert [cell["status"] for cell in cells] == ["fail", "pass"], err
