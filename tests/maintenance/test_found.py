"""Findings that no claim covers are listed: the failures of the newest releases, and each certain change."""

from __future__ import annotations

import msgspec
import pytest
from answers.test_claims import WHOLE
from ledger.test_ledger import ENTRY

from poolgate.answers.claims.claim import Claim
from poolgate.catalogue.releases import load
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.maintenance.findings import failing_today, unclaimed_changes, with_random_deadlines
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import Status

FAIL = msgspec.structs.replace(ENTRY, status=Status.FAIL, key="completes/leaks", keys={"completes/leaks": 3})
PAIR = {"httpcore": "1.0.9", "h11": "0.16.0"}


def stack(release: str, *entries: Entry, **packages: str) -> Stack:
    name, _, version = release.partition("==")
    fields = {"python": "3.11", "packages": {name: version, **(packages or PAIR)}, "releases": [release]}
    return msgspec.convert({**fields, "cells": msgspec.to_builtins(entries)}, Stack)


def changes_of(*stacks: Stack, **changes: object) -> list[tuple[str, str]]:
    """Return the release and the scenario of each unclaimed change, given one claim."""
    claim = msgspec.convert({**WHOLE, **changes}, Claim)
    return [(row[1], row[2]) for row in unclaimed_changes(load(), stacks, [claim])]


def test_each_failing_cell_of_the_newest_release_has_its_script() -> None:
    closing = msgspec.structs.replace(FAIL, variant={"ending": "close"}, status=Status.FLAKY, rate=rate_of(1, 4))
    stacks = [stack("httpx==0.28.0", FAIL), stack("httpx==0.28.1", ENTRY, closing)]
    assert list(failing_today(load(), stacks)) == [
        (
            "httpx 0.28.1",
            "`gather-over-limit[ending=close]`",
            "flaky: loses slots in 1 of 4 runs",
            "`poolgate repro 'gather-over-limit[ending=close]' --target httpx==0.28.1`",
        )
    ]


def test_a_change_from_one_release_to_the_next_is_listed_with_the_packages_that_changed() -> None:
    stacks = [stack("httpx==0.27.0", FAIL, httpcore="0.18.0"), stack("httpx==0.27.1", ENTRY, httpcore="1.0.9")]
    ((line, release, scenario, before, after, moved, command),) = unclaimed_changes(load(), stacks, [])
    assert (line, release, scenario) == ("`httpx`", "0.27.1", "`gather-over-limit`")
    assert (before, after) == ("fail: loses slots", "pass")
    assert moved == "httpcore 0.18.0 to 1.0.9"
    assert command == "`poolgate flips gather-over-limit --line httpx:0.27.0..0.27.1`"


def test_a_difference_between_pythons_is_not_a_change_of_a_release() -> None:
    """Only one side was measured on Python 3.8, which is not the default Python of the release."""
    old = msgspec.structs.replace(stack("httpx==0.27.0", FAIL), python="3.8")
    assert changes_of(old, stack("httpx==0.27.0", ENTRY), stack("httpx==0.27.1", ENTRY)) == []


def test_a_change_over_a_gap_is_not_listed() -> None:
    assert changes_of(stack("httpx==0.27.0", FAIL), stack("httpx==0.27.2", ENTRY)) == []


@pytest.mark.parametrize(
    ("scenarios", "left"),
    [(["gather-over-limit[ending=read]"], []), (["sequential-reuse"], [("0.27.1", "`gather-over-limit`")])],
)
def test_a_change_that_a_claim_covers_is_not_listed(scenarios: list[str], left: list[tuple[str, str]]) -> None:
    """A claim may write the default variant of its scenario."""
    stacks = (stack("httpx==0.27.0", FAIL), stack("httpx==0.27.1", ENTRY))
    claimed = {"package": "httpx", "release": "0.27.1", "boundary": ["httpx==0.27.0", "httpx==0.27.1"]}
    assert changes_of(*stacks, **claimed, scenarios=scenarios) == left


def test_what_may_be_chance_is_not_a_finding() -> None:
    """A rate that is not known well enough is not listed, nor a difference between releases with the same code."""
    racy = msgspec.structs.replace(FAIL, status=Status.FLAKY, rate=rate_of(1, 4), repeats=4)
    assert changes_of(stack("httpx==0.27.0", racy), stack("httpx==0.27.1", ENTRY)) == []
    assert load().find("httpx", "0.9.0").code == load().find("httpx", "0.9.1").code
    assert changes_of(stack("httpx==0.9.0", FAIL), stack("httpx==0.9.1", ENTRY)) == []


def test_the_sweep_agrees_with_random_deadlines_wherever_both_were_measured() -> None:
    """Random deadlines lose slots on exactly the releases on which the native style finds a point."""
    rows = list(with_random_deadlines(Ledger(SHIPPED).stacks))
    assert {found for _, found, _ in rows} == {"yes", "no"}
    for release, found, chance in rows:
        assert chance.startswith({"yes": "a slot was lost ", "no": "no slot was lost "}[found]), release


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("completes/serves", "no"),
        ("completes/leaks/native:cold", "yes"),
        ("hangs/leaks/double:cold+native:closing,warm", "yes"),
        ("hangs/leaks/double:cold,warm+native:closing+wait_for:closing", "yes"),
        ("completes/leaks/level:cold", "no"),
    ],
)
def test_a_point_of_the_native_style_is_one_that_deadlines_can_meet(key: str, found: str) -> None:
    swept = msgspec.structs.replace(FAIL, scenario="cancel-sweep", key=key)
    scattered = msgspec.structs.replace(ENTRY, scenario="wait-for-scatter", notes=("no slot was lost",))
    ((_, listed, _),) = with_random_deadlines([stack("httpx==0.9.3", swept, scattered)])
    assert listed == found


def test_a_sweep_without_random_deadlines_is_not_compared() -> None:
    swept = msgspec.structs.replace(FAIL, scenario="cancel-sweep", key="completes/leaks/native:cold")
    clean = "no slot was lost by 1200 requests"
    scattered = msgspec.structs.replace(ENTRY, scenario="wait-for-scatter", notes=(clean,))
    assert list(with_random_deadlines([stack("httpx==0.28.0", swept), stack("httpx==0.28.1", scattered)])) == []
    row = ("httpx==0.28.1", "yes", clean)
    assert list(with_random_deadlines([stack("httpx==0.28.1", swept, scattered)])) == [row]
    # The packages that a sweep needs make another stack of the same release.
    apart = [stack("httpx==0.28.1", swept, anyio="4.11.0"), stack("httpx==0.28.1", scattered)]
    assert list(with_random_deadlines(apart)) == [row]
    # A sweep that could not run does not show that there is no point.
    unable = msgspec.structs.replace(swept, status=Status.UNSUPPORTED, key=None)
    assert list(with_random_deadlines([stack("httpx==0.28.1", unable, scattered)])) == []
