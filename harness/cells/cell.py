"""One variant of one scenario on one target, its name and the command that measures it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ..scenarios.declaration.scenario import Scenario, Variant
from ..targets.target import Target


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant of one scenario on one target; `variant` names only what is not the default."""

    scenario: Scenario
    variant: Variant
    target: Target

    @property
    def name(self) -> str:
        """`SCENARIO[...]@SPEC`, as `poolgate explain` takes it."""
        return f"{variant_name(self.scenario.id, self.variant)}@{self.target.spec}"


def variant_name(scenario: str, variant: Variant) -> str:
    """`id` or `id[name=value,...]`, names sorted."""
    inside = ",".join(f"{name}={value}" for name, value in sorted(variant.items()))
    return f"{scenario}[{inside}]" if inside else scenario


def replay(name: str, spec: str, seed: int = 0) -> str:
    """The command that measures a scenario variant on a target again."""
    return shlex.join(["poolgate", "run", name, "--target", spec, "--again", *(["--seed", str(seed)] if seed else [])])
