"""The cells to measure for a page: the scenarios of its issue, on its releases and along the line of its fix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from ...catalogue.packages import LINES, PACKAGES
from ...catalogue.releases import load
from ...cells.cell import Cell
from ...cells.commands import run_command
from ...errors import NothingSelectedError, UsageError
from ...scenarios import declared
from ...targets.parse import parse, parse_release
from ...targets.spec import text_of
from ...targets.target import Target
from ...verdict.outcome import CellResult, name_of
from ..claims.claim import Claim
from ..claims.judge import on_axis
from ..claims.threads import Subject, known_threads, subjects_of
from .page import Page


class PagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The measurements of a page. `named` has the boundary of the release that it names, by package.

    `subjects` are the scenario variants that show what its issue describes, as the claims about it name them; if no
    scenario is about the issue (`nearest`), it is the nearest one by the words of the page. `claims` are the shipped
    ones that name the release of the page as the fix; they decide what it fixes, and on which line.
    """

    subjects: list[Subject]
    nearest: bool
    claims: list[Claim]
    line: str
    environment: list[str]
    named: dict[str, tuple[str, str]]
    releases: list[str]

    @property
    def specs(self) -> list[str]:
        """Return every target once, the most valuable first.

        The environment and the named releases come first, then the line from its newest release.
        """
        boundaries = [spec for pair in self.named.values() for spec in pair]
        return list(dict.fromkeys([*self.environment, *boundaries, *reversed(self.releases)]))


def plan_of(page: Page) -> PagePlan:
    """Return the measurements of a page; raises NothingSelectedError for an issue that no scenario refers to.

    Raises UsageError if neither the fix nor the issue belongs to a package that has a release line.
    """
    known = known_threads()
    threads = [known[name] for name in (page.fix, page.issue) if name in known]
    claims = {each.id: each for thread in threads for each in thread.claims if _is_fix(each, page)}
    # A scenario that only refers to the thread is not what such a claim is about.
    chosen = [each for each in subjects_of(threads) if each.claims or not claims]
    found = chosen or ([Subject(declared()[page.nearest], {})] if page.nearest else [])
    if not found:
        raise NothingSelectedError(f"no scenario is about {page.issue}; `poolgate list` names what each is about")
    line = next((each.package for each in claims.values() if each.package in LINES), page.meant)
    if line not in LINES:
        raise UsageError(f"{page.file}: {page.fix or page.issue} belongs to no package with a release line")
    pins = text_of(page.packages)
    return PagePlan(
        # A load is easier to read than a sweep.
        subjects=sorted(found, key=lambda subject: subject.scenario.run is not None),
        nearest=not chosen,
        claims=list(claims.values()),
        line=line,
        environment=[*([text_of(page.packages, page.python)] if page.python else []), pins] if pins else [],
        named={each.package: (each.boundary[0], each.boundary[1]) for each in claims.values()} or _named(page),
        releases=_releases(line, page, nearest=not chosen),
    )


def target_of(spec: str) -> Target:
    """Return a target of a plan; the cell of a release that can't be installed reports the reason."""
    name, _, version = spec.partition("==")
    return parse_release(name, version) if name in LINES and not set(version) & set("@,?") else parse(spec)


def cells_of(plan: PagePlan) -> list[Cell]:
    return [Cell(each.scenario, each.variant, target_of(spec)) for spec in plan.specs for each in plan.subjects]


def on_axes(plan: PagePlan, cells: Sequence[CellResult]) -> list[CellResult]:
    """Return the results, each reduced to the axis of the claims about its scenario variant."""
    axes = {subject.name: subject.axis for subject in plan.subjects}
    return [on_axis(cell, axes.get(name_of(cell))) for cell in cells]


def _is_fix(claim: Claim, page: Page) -> bool:
    return claim.release == page.release and claim.untestable is None


def _releases(line: str, page: Page, *, nearest: bool) -> list[str]:
    """Return the releases of the line; against the nearest scenario, those of the named boundary and the newest one."""
    releases = [f"{line}=={release.version}" for release in load().releases(line)]
    named = _boundary(line, page.release) or ()
    return [spec for spec in releases if spec in named or spec == releases[-1]] if nearest else releases


def _named(page: Page) -> dict[str, tuple[str, str]]:
    """Return the boundary of the release that a page names, by package.

    If issue and fix belong to one package, the release is one of that package; a page with two of them leaves it open.
    """
    found = {package: pair for package in PACKAGES if (pair := _boundary(package, page.release))}
    repositories = {name.partition("#")[0] for name in (page.issue, page.fix) if name}
    alone = len(repositories) == 1 and page.meant in found
    return {str(page.meant): found[str(page.meant)]} if alone else found


def _boundary(package: str, version: str) -> tuple[str, str] | None:
    """Return the specs of the release before one and of that one; None if a package lacks either."""
    pairs = pairwise(release.version for release in load().releases(package))
    return next(((f"{package}=={one}", f"{package}=={other}") for one, other in pairs if other == version), None)


def cells_on(cells: Iterable[CellResult], spec: str) -> list[CellResult]:
    """Return the results of a target."""
    return [cell for cell in cells if cell.target == spec]


def on_line(name: str, plan: PagePlan, cells: Iterable[CellResult]) -> list[CellResult]:
    """Return the results of a scenario variant on the releases of the line, oldest first."""
    found = {cell.target: cell for cell in cells if name_of(cell) == name}
    return [found[spec] for spec in plan.releases if spec in found]


def plan_command(plan: PagePlan, specs: Iterable[str]) -> str:
    """Return the command that measures the scenarios of a plan on these targets."""
    return run_command((subject.name for subject in plan.subjects), specs)
