"""What a page's claims come to: from the answers of its cells, the page as it should have been.

Nothing of a page is believed: its environment is built, its issue's scenarios are run in it, and the release that it
names is measured for every package that has one of that number. Which release mends what is read off a whole line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ...catalogue.packages import CLIENT_OF
from ...catalogue.releases import load
from ...catalogue.requirements import admits
from ...cells.cell import Cell
from ...cells.commands import run_command
from ...ledger.stack import Stack
from ...scenarios import declared
from ...verdict.outcome import CellResult
from ..affected.answer import affected_answer
from ..affected.package_set import PackageSet
from ..release_line.timeline import Timeline, timeline_of
from ..workarounds.cautions import CAUTIONS
from ..workarounds.remedies import Tried, remedy_cells
from .lost_slots import Loss, last_failing, losses_of
from .page import Page
from .plan import Plan, target_of
from .statements import Finding, errors_in, findings_of


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about it: a fix or a workaround, against which scenario, whether it helps, and when not to use it.

    A fix has no `tried`: it is another release.
    """

    what: str
    scenario: str
    told: str
    when_not: str
    command: str
    tried: Tried | None = None


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page, its statements one by one, and what its issue's failures do along the line that its fix is for.

    `errors` are the public classes of the exceptions that were met; `losses` say where the slots go.
    """

    page: Page
    errors: list[str]
    findings: list[Finding]
    courses: list[Timeline]
    losses: list[Loss]
    remedies: list[Remedy]
    cells: list[CellResult]


def answer_of(
    page: Page,
    plan: Plan,
    cells: list[CellResult],
    tried: Sequence[tuple[str, Tried]],
    stacks: Sequence[Stack] = (),
) -> PageAnswer:
    """The whole answer, from the answers of `cells_of(plan)`; `tried` has each remedy by its name.

    Where no release of the line mends a failure, `stacks` of a ledger tell which other one does.
    """
    courses = [timeline_of(plan.line, plan.releases, scenario.id, cells) for scenario in plan.scenarios]
    spoken_of = [one for name, one in tried if name in page.remedies]
    return PageAnswer(
        page=page,
        errors=errors_in(cells),
        findings=findings_of(page, plan, cells, courses, spoken_of),
        courses=courses,
        losses=losses_of(courses, plan.releases, cells),
        remedies=[*_upgrades(courses), *_elsewhere(plan, courses, stacks), *(_remedy(one) for _, one in tried)],
        cells=cells,
    )


def remedy_pairs(plan: Plan, cells: list[CellResult]) -> list[tuple[str, CellResult, Cell, Cell]]:
    """For each remedy and scenario: its name, the last release that fails, its cell, and that with the remedy."""
    last = (last_failing(scenario.id, plan.releases, cells) for scenario in plan.scenarios)
    found = [(answer, Cell(declared()[answer.scenario], {}, target_of(answer.target))) for answer in last if answer]
    return [(name, answer, cell, other) for answer, cell in found for name, other in remedy_cells(cell).items()]


def _remedy(tried: Tried) -> Remedy:
    effort = f"; the load without it: {tried.without}; with it: {tried.effort}" if tried.effort else ""
    return Remedy(
        what=tried.what,
        scenario=tried.scenario.partition("[")[0],
        told=f"{tried.helps} on {tried.target}: {tried.told}{effort}",
        when_not=tried.caution,
        command=tried.command,
        tried=tried,
    )


def _elsewhere(plan: Plan, courses: Iterable[Timeline], stacks: Sequence[Stack]) -> Iterable[Remedy]:
    """The nearest other release without what the newest of a line fails at, as far as stored verdicts know."""
    target = target_of(plan.releases[-1])
    asked = PackageSet(target.spec, dict(target.pins), target.release)
    nearest = {found.scenario: found.nearest_clean for found in affected_answer(asked, list(stacks)).findings}
    for course in courses:
        if spec := nearest.get(course.scenario):
            yield Remedy(
                what=spec,
                scenario=course.scenario,
                told="it passes there, by the verdicts that ship with poolgate",
                when_not=CAUTIONS["fork"],
                command=run_command([course.scenario], [spec]),
            )


def _upgrades(courses: Iterable[Timeline]) -> Iterable[Remedy]:
    for course in courses:
        if course.fixed_in:
            yield Remedy(
                what=f"{course.line} {course.fixed_in} or newer",
                scenario=course.scenario,
                told=f"{course.line} {course.fixed_in} and every release after it pass",
                when_not=_bounds(course.line, course.fixed_in),
                command=course.command,
            )


def _bounds(package: str, version: str) -> str:
    """Who can't have a release, by what it and the clients above it require."""
    release = load().find(package, version)
    told = [f"on a Python other than {release.requires_python}"] if release.requires_python else []
    client = CLIENT_OF.get(package)
    if client:
        admitting = [one.version for one in load().releases(client) if admits(one, package, version)]
        told += [f"with {client} below {admitting[0]}, which does not admit it" if admitting else f"with any {client}"]
    return " or ".join(told) or "where another requirement holds it below"
