"""What has to be measured for a page: the scenarios of its issue, on what it names and along the line of its fix."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from ...catalogue.packages import LINES, PACKAGES
from ...catalogue.releases import load
from ...cells.cell import Cell
from ...cells.commands import run_command
from ...errors import NothingSelectedError, UsageError
from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario
from ...targets.parse import parse, parse_release
from ...targets.target import Target
from ...verdict.outcome import CellResult
from .page import Page


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured for a page. `named` has the boundary of the release it names, by package."""

    scenarios: list[Scenario]
    line: str
    environment: list[str]
    named: dict[str, tuple[str, str]]
    releases: list[str]

    @property
    def specs(self) -> list[str]:
        """Every target, each once."""
        boundaries = [spec for pair in self.named.values() for spec in pair]
        return list(dict.fromkeys([*self.environment, *boundaries, *self.releases]))


def plan_of(page: Page) -> Plan:
    """What has to be measured; raises NothingSelectedError for an issue that no scenario is about.

    Raises UsageError where neither the fix nor the issue belongs to a package that has a release line.
    """
    asked = {page.issue, page.fix}
    chosen = [scenario for scenario in declared().values() if asked & set(scenario.references)]
    if not chosen:
        raise NothingSelectedError(f"no scenario is about {page.issue}; `poolgate list` names what each is about")
    if page.meant not in LINES:
        raise UsageError(f"{page.file}: {page.fix or page.issue} is of no package that has a release line")
    pins = ",".join(f"{name}=={version}" for name, version in page.packages.items())
    return Plan(
        # A load is easier to read than a sweep.
        scenarios=sorted(chosen, key=lambda scenario: scenario.run is not None),
        line=page.meant,
        environment=[*([f"{pins}@{page.python}"] if page.python else []), pins] if pins else [],
        named={package: pair for package in PACKAGES if (pair := _boundary(package, page.release))},
        releases=[f"{page.meant}=={release.version}" for release in load().releases(page.meant)],
    )


def target_of(spec: str) -> Target:
    """A target of a plan; a release that can't be one says so in its cell."""
    name, _, version = spec.partition("==")
    return parse_release(name, version) if name in LINES and not set(version) & set("@,?") else parse(spec)


def cells_of(plan: Plan) -> list[Cell]:
    return [Cell(scenario, {}, target_of(spec)) for spec in plan.specs for scenario in plan.scenarios]


def _boundary(package: str, version: str) -> tuple[str, str] | None:
    """The specs of the release before one and of that one; None where a package has no such release or none before."""
    pairs = pairwise(release.version for release in load().releases(package))
    return next(((f"{package}=={one}", f"{package}=={other}") for one, other in pairs if other == version), None)


def cells_on(cells: Iterable[CellResult], spec: str) -> list[CellResult]:
    """The cells of a target."""
    return [cell for cell in cells if cell.target == spec]


def plan_command(plan: Plan, specs: Iterable[str]) -> str:
    """The command that measures the scenarios of a plan on these targets."""
    return run_command((scenario.id for scenario in plan.scenarios), specs)
