"""Each scenario should fail on a release that is bad at what it asks and pass on one that is good: real ones, both."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from poolgate import scenarios
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger

pytestmark = pytest.mark.usefixtures("servers_shared")

Poolgate = Callable[..., tuple[int, str, str]]

# Where the behaviour changes, as `poolgate run --line` measured it; the other packages are those of each target.
BAD_AND_GOOD = {
    "gather-over-limit": ("httpx==0.20.0", "httpx==0.21.0"),
    "sequential-reuse": ("httpx==0.15.2", "httpx==0.15.3"),
    "queue-timeout": ("httpx==0.28.1", "httpx2==2.16.2"),
    "cancel-task-group": ("httpcore==1.0.2", "httpcore==1.0.3"),
    "cancel-sweep": ("httpx==0.28.1", "httpx2==2.16.2"),
    "burst-sweep": ("httpx==0.28.1", "httpx2==2.16.2"),
    "wait-for-scatter": ("httpx==0.28.1", "httpx2==2.16.2"),
    "contention-cost": ("httpx2==2.3.0", "httpx2==2.16.2"),
    "threads-over-limit": ("httpx==0.20.0", "httpx==0.21.0"),
    "tls-smoke": ("httpcore==0.14.1", "httpcore==0.14.3"),
    "descriptors": ("httpcore==0.12.0", "httpcore==0.12.1"),
    "server-fault": ("httpcore==0.14.2", "httpcore==0.14.3"),
    "keepalive-limit": ("httpcore==0.10.1", "httpcore==0.10.2"),
    "close-pool": ("httpcore==0.16.2", "httpcore==0.16.3"),
    "keepalive-expiry": ("httpx==0.9.3", "httpx==0.12.1"),
    "h2-streams": ("httpcore==0.8.3", "httpcore==0.8.4"),
    "h2-threads": ("httpx==0.20.0", "httpx==0.28.1"),
    "h2-last-stream": ("httpx2==2.2.0", "httpx2==2.16.2"),
    "h2-cancel": ("httpx2==2.16.2", "httpx==0.28.1"),
    "h2-lower-limit": ("httpx==0.28.1", "httpx2==2.16.2"),
    "h2-goaway": ("httpcore==0.17.0", "httpcore==0.17.3"),
    "h2-reset": ("httpx2==2.16.2", "httpx==0.28.1"),
    "h2-uploads": ("httpx2==2.16.0", "httpx2==2.16.1"),
    "h2-prompt": ("httpcore==0.14.3", "httpcore==0.14.4"),
    "h2-goaway-packet": ("httpcore==0.14.3", "httpcore==1.0.9"),
    "h2-origins": ("httpcore==0.13.7", "httpcore==1.0.9"),
    "h2-read-timeout": ("httpx2==2.16.2", "httpx==0.28.1"),
    "proxy-forward": ("httpcore==0.8.1", "httpx==0.28.1"),
    "tunnel-fault": ("httpx==0.28.1", "httpxyz==0.42.1"),
    "socks-fault": ("httpx==0.28.1", "httpx2==2.16.2"),
    "threads-fault": ("httpcore==0.17.3", "httpcore==0.18.0"),
    "threads-churn": ("httpcore==0.12.3", "httpx2==2.16.2"),
    "threads-idle": ("httpcore==0.13.7", "httpx2==2.16.2"),
    "threads-read-timeout": ("httpcore==0.12.3", "httpx2==2.16.2"),
    "finaliser-deadlock": ("httpcore==1.0.9", "httpx2==2.16.2"),
    "cancel-first-response": ("httpcore==0.16.3", "httpcore==0.17.3"),
    "cancel-reading": ("httpx==0.22.0", "httpx==0.23.0"),
    "cancel-connecting": ("httpcore==1.0.2", "httpx2==2.16.2"),
    "cancel-contention": ("httpcore==1.0.2", "httpx2==2.16.2"),
    "abandoned-stream": ("httpx==0.15.2", "httpx==0.15.3"),
    "unread-response": ("httpx==0.15.2", "httpx==0.15.3"),
    "hook-raises": ("httpx==0.18.2", "httpx==0.19.0"),
    "several-loops": ("httpx==0.16.1", "httpx==0.28.1"),
    "error-answers": ("httpx==0.15.2", "httpx==0.15.3"),
    "stream-raises": ("httpx==0.15.2", "httpx==0.15.3"),
    "nested-requests": ("httpx==0.15.2", "httpx==0.15.3"),
}
VARIANTS = {
    "queue-timeout[queue=ghosts]": ("httpcore==0.14.6", "httpcore==0.14.7"),
    "queue-timeout[queue=none]": ("httpcore==0.17.0", "httpcore==0.17.1"),
    "server-fault[backend=trio,fault=early-answer]": ("httpcore==0.17.3", "httpcore==0.18.0"),
    "close-pool[while=active]": ("httpcore==0.14.5", "httpcore==0.16.3"),
    "close-pool[while=idle]": ("httpcore==0.9.0@3.8", "httpcore==0.9.1@3.8"),
    "tunnel-fault[fault=refuse]": ("httpcore==0.12.0@3.8", "httpcore==0.12.1@3.8"),
    "proxy-forward[queue=off]": ("httpcore==0.8.1", "httpcore==0.8.2"),
    "hook-raises[by=redirect]": ("httpx==0.19.0", "httpx==0.28.1"),
    "h2-origins[slots=shared]": ("httpcore==0.14.3", "httpcore==1.0.9"),
    "finaliser-deadlock[by=caller]": ("httpx2==2.3.0", "httpx2==2.4.0"),
}
"""What a default variant would not show."""


PATIENT = ("queue-timeout", "finaliser-deadlock")
"""Scenarios about timeouts, or with a collection at each call: in parallel with other tests they get more time."""

CLIENT_LAYER = {"close-pools", "failed-read", "idle-timeout", "no-timeouts", "redirects", "retry-drops"}
"""`test_client_layer.py` shows what distinguishes these: two releases, a planted client, or the caller's transport."""

COST = "contention-cost"
"""It measures processor time, for minutes on a busy machine: its shipped verdicts are checked instead."""


@pytest.mark.parametrize("scenario", [*sorted(scenarios.declared().keys() - {COST, *CLIENT_LAYER}), *VARIANTS])
def test_a_scenario_distinguishes_a_bad_release_from_a_good_one(poolgate: Poolgate, scenario: str) -> None:
    targets = {**BAD_AND_GOOD, **VARIANTS}[scenario]
    unit = "250" if scenario.startswith(PATIENT) else "100"
    words = ("--repeats", "1", "--unit", unit, "--format", "json")
    _, out, err = poolgate("run", scenario, "--target", *targets, *words)
    cells = json.loads(out)["cells"]
    assert [cell["status"] for cell in cells] == ["fail", "pass"], err


def test_what_a_burst_of_tasks_costs_differs_in_what_ships() -> None:
    found = {
        release: entry.status.value
        for stack in Ledger(SHIPPED).stacks
        for release in stack.releases
        for entry in stack.cells
        if entry.scenario == COST and not entry.stale
    }
    assert [found[release] for release in BAD_AND_GOOD[COST]] == ["fail", "pass"]


@pytest.mark.parametrize(("release", "status"), [("httpx==0.28.1", "fail"), ("httpx2==2.16.2", "pass")])
def test_three_closed_sweeps_of_one_release_are_equal(poolgate: Poolgate, release: str, status: str) -> None:
    """A point that one of them found and another did not would be noted."""
    words = ("run", "cancel-sweep[style=native]", "--target", release, "--repeats", "3", "--format", "json")
    (cell,) = json.loads(poolgate(*words)[1])["cells"]
    assert (cell["status"], cell["repeats"], len(cell["keys"])) == (status, 3, 1)
    assert not [note for note in cell["notes"] if "of 3 sweeps" in note or "differs" in note]
    assert bool(cell["points"]) is (status == "fail")
