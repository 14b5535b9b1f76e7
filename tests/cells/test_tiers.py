"""The tiers of coverage contain each other, and `standard` names what exists."""

from __future__ import annotations

from poolgate.cells.cell import variant_name
from poolgate.cells.select import select
from poolgate.cells.tiers import Tier, chosen_in, names_in, tier_of, tier_reached


def test_each_tier_has_all_of_the_one_before() -> None:
    assert names_in(Tier.CORE) < names_in(Tier.STANDARD) < names_in(Tier.DEEP)


def test_standard_has_the_default_variant_of_each_scenario() -> None:
    """A new scenario has to be added to `cells/standard.json`, or every release would look as if it had no hole."""
    assert {variant_name(scenario.id, variant) for scenario, variant in select(["all"])} <= names_in(Tier.STANDARD)


def test_a_tier_is_selected_by_its_name() -> None:
    for tier in Tier:
        assert select([tier.value]) == chosen_in(tier)


def test_a_variant_is_in_the_smallest_tier_that_has_it() -> None:
    assert tier_of("gather-over-limit") is Tier.CORE
    assert tier_of("close-pool") is Tier.STANDARD
    assert tier_of("close-pool[while=idle]") is Tier.DEEP
    assert tier_of("gather-over-limit[remedy=semaphore]") is None


def test_a_release_reaches_the_largest_tier_of_which_it_has_everything() -> None:
    standard = names_in(Tier.STANDARD)
    assert tier_reached(names_in(Tier.DEEP)) is Tier.DEEP
    assert tier_reached(standard | {"close-pool[while=idle]"}) is Tier.STANDARD
    assert tier_reached(standard - {"close-pool"}) is Tier.CORE
    assert tier_reached(standard - {"gather-over-limit"}) is None
