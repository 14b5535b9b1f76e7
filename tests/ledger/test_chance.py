"""Chance should decide a cell where its scenario variant was flaky in the same series, or is declared to race."""

from __future__ import annotations

import pytest

from poolgate.ledger.chance import Chance, chance_in, shipped_chance
from poolgate.ledger.merged import cells_by_stack
from poolgate.ledger.stack import Entry, Stack
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import Status

NEW = {"httpx": "0.28.1", "httpcore": "1.0.9"}


def stack(packages: dict[str, str], scenario: str, status: Status, failed: int = 5) -> Stack:
    rate = rate_of(failed, 12) if status is Status.FLAKY else None
    cell = Entry(scenario=scenario, variant={}, status=status, rate=rate, repeats=12, instrument="x", python="3.11.7")
    return Stack(python="3.11", packages=packages, releases=[], cells=[cell])


@pytest.mark.parametrize(
    ("packages", "decides"),
    [
        (NEW, True),
        ({"httpx": "0.25.1", "httpcore": "1.0.2"}, True),
        ({"httpx": "0.27.0", "httpcore": "0.18.0"}, True),
        ({"httpx": "0.24.1", "httpcore": "0.17.2"}, False),
        ({"httpx2": "2.3.0", "httpcore2": "2.3.0"}, False),
    ],
)
def test_a_flaky_release_marks_its_series(packages: dict[str, str], decides: bool) -> None:
    flaky = stack({"httpx": "0.27.2", "httpcore": "1.0.9"}, "gather-over-limit", Status.FLAKY)
    others = [
        stack(other, "gather-over-limit", Status.PASS)
        for other in ({"httpx": "0.24.1", "httpcore": "0.17.3"}, {"httpx2": "2.3.1", "httpcore2": "2.3.1"})
    ]
    chance = chance_in([flaky, *others])
    assert chance.decides(packages, "gather-over-limit", {}) is decides
    assert chance.decides(packages, "gather-over-limit", {"remedy": "semaphore"}) is decides
    assert not chance.decides(packages, "close-pool", {})


@pytest.mark.parametrize(("failed", "decides"), [(1, False), (2, True), (10, True), (11, False)])
def test_one_run_that_differs_may_be_an_accident(failed: int, decides: bool) -> None:
    flaky = stack({**NEW, "httpx": "0.27.2"}, "gather-over-limit", Status.FLAKY, failed)
    assert chance_in([flaky]).decides(NEW, "gather-over-limit", {}) is decides


def test_a_declaration_decides_before_the_first_measurement() -> None:
    """Requests that race always do; several runs before a verdict is trusted only until the series is measured."""
    unmeasured = Chance(frozenset(), frozenset())
    measured = chance_in([stack(NEW, "queue-timeout", Status.PASS), stack(NEW, "cancel-contention", Status.PASS)])
    for scenario, before, after in (
        ("queue-timeout", True, False),
        ("cancel-contention", True, True),
        ("gather-over-limit", False, False),
        ("burst-sweep", False, False),
        ("no-such-scenario", False, False),
    ):
        found = [chance.decides(NEW, scenario, {}) for chance in (unmeasured, measured)]
        assert found == [before, after], scenario


def test_the_founding_race_is_found_in_what_ships() -> None:
    for client in ("0.27.2", "0.28.1"):
        assert shipped_chance().decides({**NEW, "httpx": client}, "cancel-connecting", {})
    assert not shipped_chance().decides(NEW, "gather-over-limit", {})


def test_cells_of_a_ledger_are_marked() -> None:
    stacks = [stack({**NEW, "httpx": "0.27.2"}, "close-pool", Status.FLAKY), stack(NEW, "close-pool", Status.PASS)]
    marked = [cell.chance is True for _, cells in cells_by_stack(stacks) for cell in cells]
    assert marked == [True, True]
    (only,) = [cell for _, cells in cells_by_stack(stacks[1:]) for cell in cells]
    assert not only.by_chance
    (known,) = [cell for _, cells in cells_by_stack(stacks[1:], chance_in(stacks)) for cell in cells]
    assert known.by_chance
