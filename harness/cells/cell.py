"""A cell, one variant of one scenario on one target, and its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..scenarios.declaration.scenario import Load, Scenario, Variant, complete, load_of, needs
from ..targets.target import Target


@dataclass(frozen=True)
class Cell:
    """One variant of one scenario on one target; `variant` holds only the values that are not the default."""

    scenario: Scenario
    variant: Variant
    target: Target

    @cached_property
    def variant_with_defaults(self) -> Variant:
        """The variant with a value for every parameter of the scenario."""
        return complete(self.scenario, self.variant)

    @cached_property
    def load(self) -> Load:
        """The load that the cell runs, with the remedy that its variant names."""
        return load_of(self.scenario, self.variant_with_defaults)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The packages that the cell needs in addition to the client, sorted."""
        return needs(self.scenario, self.variant)

    @cached_property
    def scenario_name(self) -> str:
        """`SCENARIO[...]`, without the target."""
        return variant_name(self.scenario.id, self.variant)

    @cached_property
    def name(self) -> str:
        """`SCENARIO[...]@SPEC`, the argument of `poolgate explain`."""
        return f"{self.scenario_name}@{self.target.spec}"


def variant_name(scenario: str, variant: Variant) -> str:
    """Return `id` or `id[name=value,...]`, names sorted."""
    inside = ",".join(f"{name}={value}" for name, value in sorted(variant.items()))
    return f"{scenario}[{inside}]" if inside else scenario
