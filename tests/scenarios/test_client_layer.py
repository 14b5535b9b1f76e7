"""What the client's own layer does with its pools: each scenario fails on one release and passes on another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from conftest import DATA
from support.environments import plant

Poolgate = Callable[..., tuple[int, str, str]]

PASSES = "pass completes/serves"
CLEAN = "httpx2==2.16.2"
CLOSES_NONE = {
    "error-answers": "fail pool-timeout/dead/PoolTimeout",
    "nested-requests": "fail pool-timeout/dead/PoolTimeout",
    "stream-raises": "fail pool-timeout/dead/PoolTimeout",
}
"""Status and key of each scenario on a client that closes no answer with an error status."""
OLD = "httpx==0.18.0"
FAILS = {
    "failed-read": "fail hangs/dead",
    "no-timeouts": "fail over-limit/serves",
    "redirects": "fail hangs/serves",
}
"""The same on an old release."""


def measured(poolgate: Poolgate, scenarios: Iterable[str], *targets: str) -> dict[str, dict[str, str]]:
    """Return status and key by target and scenario, all in one command: the cells run side by side."""
    _, out, _ = poolgate("run", *scenarios, "--target", *targets, "--repeats", "1", "--again", "--format", "json")
    found: dict[str, dict[str, str]] = {target: {} for target in targets}
    for cell in json.loads(out)["cells"]:
        found[cell["target"]][cell["scenario"]] = f"{cell['status']} {cell['key'] or cell['reason']}"
    return found


def test_an_old_release_is_distinguished_from_a_new_one(poolgate: Poolgate) -> None:
    assert measured(poolgate, FAILS, OLD, CLEAN) == {OLD: FAILS, CLEAN: dict.fromkeys(FAILS, PASSES)}


def test_connections_that_a_client_leaves_open_are_detected(poolgate: Poolgate) -> None:
    found = measured(poolgate, ["close-pools"], "httpx==0.28.1", "httpxyz==0.42.1")
    assert [keys["close-pools"] for keys in found.values()] == ["fail over-kept/serves", PASSES]


def test_a_read_timeout_that_runs_on_while_a_connection_is_idle_is_detected(poolgate: Poolgate, tmp_path: Path) -> None:
    planted = plant("counts_idle_time", CLEAN, tmp_path / "environment")
    found = measured(poolgate, ["idle-timeout"], planted, CLEAN)
    assert found == {planted: {"idle-timeout": "fail error/serves/ReadTimeout"}, CLEAN: {"idle-timeout": PASSES}}


def test_a_client_that_closes_no_error_answer_is_detected(poolgate: Poolgate, tmp_path: Path) -> None:
    """The release as it is passes the same scenarios."""
    planted = plant("closes_no_error_answer", CLEAN, tmp_path / "environment")
    found = measured(poolgate, CLOSES_NONE, planted, CLEAN)
    assert found == {planted: CLOSES_NONE, CLEAN: dict.fromkeys(CLOSES_NONE, PASSES)}


def test_a_dropped_answer_is_the_callers(poolgate: Poolgate) -> None:
    """The slot is not there, and the verdict is that of the pool."""
    assert measured(poolgate, ["retry-drops"], CLEAN) == {CLEAN: {"retry-drops": PASSES}}


def test_a_retry_layer_that_drops_answers_is_set_apart_from_the_pool(
    poolgate: Poolgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DATA / "own")
    asked = ("run", "error-answers", "--target", "httpx==0.28.1", "--client", "retrying:make", "--format", "json")
    (cell,) = json.loads(poolgate(*asked, "--repeats", "1")[1])["cells"]
    assert (cell["status"], cell["key"], cell["slots"]["usable_final"]) == ("fail", CLOSES_NONE["error-answers"][5:], 0)
    assert cell["notes"][-1] == (
        "the default client of these packages passes: retrying:make makes the difference, not the pool"
    )
