"""Check each statement of an advisory page against measurements, and collect the corrected page.

Every statement is measured: the environment of the page is built, the scenarios of its issue run in it, and the release
that it names is measured for every package that has one of that number. The fix is found along a whole release line.
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
from ...verdict.outcome import CellResult
from ..affected.answer import affected_answer
from ..affected.package_set import PackageSet
from ..release_line.timeline import Timeline, timeline_of
from ..workarounds.cautions import CAUTIONS
from ..workarounds.remedies import TriedRemedy, remedy_cells
from .lost_slots import LostSlots, last_failing, lost_slots_of
from .page import Page
from .plan import PagePlan, on_axes, target_of
from .release_statements import StatementResult
from .statements import errors_in, statement_results


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """A fix or a workaround for one scenario: whether it helps, and when not to use it.

    `tried` is None for a fix: a fix is another release.
    """

    what: str
    scenario: str
    measured: str = msgspec.field(name="told")
    when_not: str
    command: str
    tried: TriedRemedy | None = None


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page, its statements one by one, and the failures of its issue along the release line of its fix.

    `errors` are the public classes of the raised exceptions; `losses` report where slots are lost. `left_out` names the
    cells of its workarounds that a budget left out.
    """

    page: Page
    errors: list[str]
    findings: list[StatementResult]
    timelines: list[Timeline] = msgspec.field(name="courses")
    losses: list[LostSlots]
    remedies: list[Remedy]
    cells: list[CellResult]
    left_out: list[str] = []


def page_answer(
    page: Page,
    plan: PagePlan,
    cells: list[CellResult],
    tried: Sequence[tuple[str, TriedRemedy]],
    stacks: Sequence[Stack] = (),
) -> PageAnswer:
    """Return the whole answer from the results of `cells_of(plan)`; `tried` has each remedy by its name.

    If no release of the line fixes a failure, another one is looked up in the `stacks` of a ledger.
    """
    judged = on_axes(plan, cells)
    timelines = [timeline_of(plan.line, plan.releases, subject.name, judged) for subject in plan.subjects]
    named = [one for name, one in tried if name in page.remedies]
    return PageAnswer(
        page=page,
        errors=errors_in(cells),
        findings=statement_results(page, plan, judged, timelines, named),
        timelines=timelines,
        losses=lost_slots_of(timelines, plan.releases, cells),
        remedies=[*_upgrades(timelines), *_elsewhere(plan, timelines, stacks), *(_remedy(one) for _, one in tried)],
        cells=cells,
    )


def remedy_pairs(plan: PagePlan, cells: list[CellResult]) -> list[tuple[str, CellResult, Cell, Cell]]:
    """Return for each remedy and scenario its name, the last failing result, its cell, and the cell with the remedy."""
    last = ((each, last_failing(each.name, plan.releases, on_axes(plan, cells))) for each in plan.subjects)
    found = [(answer, Cell(each.scenario, each.variant, target_of(answer.target))) for each, answer in last if answer]
    return [(name, answer, cell, other) for answer, cell in found for name, other in remedy_cells(cell).items()]


def _remedy(tried: TriedRemedy) -> Remedy:
    figures = f"; the load without it: {tried.without}; with it: {tried.figures}" if tried.figures else ""
    return Remedy(
        what=tried.what,
        scenario=tried.scenario,
        measured=f"{tried.helps} on {tried.target}: {tried.measured}{figures}",
        when_not=tried.caution,
        command=tried.command,
        tried=tried,
    )


def _elsewhere(plan: PagePlan, timelines: Iterable[Timeline], stacks: Sequence[Stack]) -> Iterable[Remedy]:
    """Yield the nearest other release that passes where the newest of a line fails, by the stored verdicts."""
    target = target_of(plan.releases[-1])
    asked = PackageSet(target.spec, dict(target.pins), target.release)
    nearest = {found.scenario: found.nearest_clean for found in affected_answer(asked, list(stacks)).findings}
    for timeline in timelines:
        if spec := nearest.get(timeline.scenario):
            yield Remedy(
                what=spec,
                scenario=timeline.scenario,
                measured="it passes there, by the verdicts that ship with poolgate",
                when_not=CAUTIONS["fork"],
                command=run_command([timeline.scenario], [spec]),
            )


def _upgrades(timelines: Iterable[Timeline]) -> Iterable[Remedy]:
    for timeline in timelines:
        if timeline.fixed_in:
            yield Remedy(
                what=f"{timeline.line} {timeline.fixed_in} or newer",
                scenario=timeline.scenario,
                measured=f"{timeline.line} {timeline.fixed_in} and every release after it pass",
                when_not=_bounds(timeline.line, timeline.fixed_in),
                command=timeline.command,
            )


def _bounds(package: str, version: str) -> str:
    """Return where a release can't be installed, by its own requirements and those of its clients."""
    release = load().find(package, version)
    excluded = [f"on a Python other than {release.requires_python}"] if release.requires_python else []
    client = CLIENT_OF.get(package)
    if client:
        admitting = [one.version for one in load().releases(client) if admits(one, package, version)]
        excluded += [
            f"with {client} below {admitting[0]}, which does not admit it" if admitting else f"with any {client}"
        ]
    return " or ".join(excluded) or "where another requirement holds it below"
