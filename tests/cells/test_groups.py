"""Each scenario variant has one group by its trigger."""

from __future__ import annotations

import pytest

from poolgate.cells.declared_variants import group_from_declaration
from poolgate.cells.groups import OPTIONAL, TRIGGER, Group, group_of, scenarios_by_group
from poolgate.cells.select import select
from poolgate.cells.variants import FILE
from poolgate.maintenance.instruments import variants
from poolgate.scenarios import declared
from poolgate.scenarios.declaration.scenario import needs


def test_every_variant_has_a_group_and_every_group_has_a_variant() -> None:
    assert {group_from_declaration(*each) for each in select(["all[*]"])} == set(Group) == set(TRIGGER)


@pytest.mark.parametrize(
    ("scenario", "variant", "group"),
    [
        ("cancel-task-group", {}, Group.CANCELLATION),
        ("cancel-task-group", {"backend": "trio"}, Group.TRIO),
        ("cancel-sweep", {"situation": "http2"}, Group.HTTP2),
        ("cancel-sweep", {"situation": "tunnel"}, Group.PROXY),
        ("cancel-sweep", {"situation": "socks"}, Group.SOCKS),
        ("queue-timeout", {}, Group.QUEUE),
        ("threads-over-limit", {}, Group.THREADS),
        ("several-loops", {}, Group.THREADS),
        ("h2-threads", {}, Group.HTTP2),
        ("contention-cost", {}, Group.COST),
        ("descriptors", {}, Group.CLOSING),
        ("close-pool", {"while": "idle"}, Group.CLOSING),
    ],
)
def test_what_a_variant_needs_decides_before_its_theme(scenario: str, variant: dict[str, str], group: Group) -> None:
    assert group_of(scenario, variant) is group


def test_a_variant_that_is_not_declared_has_no_group() -> None:
    assert group_of("gone-scenario", {}) is None
    assert group_of("queue-timeout", {"queue": "gone"}) is None


def test_a_variant_of_an_optional_group_needs_its_package() -> None:
    for scenario, variant in select(["all[*]"]):
        package = OPTIONAL.get(group_from_declaration(scenario, variant))
        if package:
            assert package in needs(scenario, variant)


def test_what_ships_about_variants_is_that_of_the_declarations() -> None:
    """`make instruments` writes the file."""
    assert FILE.read_bytes() == variants()
    assert set(scenarios_by_group()) == set(declared())


def test_a_remedy_does_not_change_the_group() -> None:
    assert group_of("queue-timeout", {"remedy": "semaphore", "queue": "pair"}) is Group.QUEUE
