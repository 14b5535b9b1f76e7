"""The statements of a page about its release: whether it is the first fixed one, or the first to offer something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from ...cells.cell import variant_name
from ...cells.select import select
from ...verdict.compare import FAILING, JUDGED
from ...verdict.outcome import CellResult, name_of
from ...verdict.words import Status
from ..claims.claim import Claim, Verdict
from ..claims.judge import measured as judged_claim
from ..release_line.timeline import Timeline
from .page import Page
from .plan import PagePlan, cells_on, on_line, plan_command

_MOVES = {
    (True, False): "fixes",
    (False, True): "breaks",
    (True, True): "fails on both",
    (False, False): "passes on both",
}
_ADDS = "adds"
"""The effect of a boundary, by whether a scenario fails before it and after it."""
_OPEN = "not to be judged"
_UNTESTED: Verdict = "not-testable"


class StatementResult(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a page, its measurement, and the command that repeats it."""

    statement: str
    verdict: Verdict
    measured: str
    command: str


def named_release(page: Page, plan: PagePlan, package: str, cells: list[CellResult]) -> StatementResult:
    """Return the effect of the release with this number, for one of the packages that have it."""
    pair = plan.named[package]
    before, after = ({name_of(cell): cell for cell in cells_on(cells, spec)} for spec in pair)
    offered = [each.name for each in plan.subjects if each.axis == "offered"]
    judged = [name for name in before if name in after and _is_judged(before[name], after[name], name in offered)]
    fixed = [name for name in judged if before[name].status is not Status.PASS and after[name].status is Status.PASS]
    failed = [name for name in judged if before[name].status is not Status.PASS]
    unknown = any(cell.status is Status.UNKNOWN for cell in (*before.values(), *after.values()))
    claims = [claim for claim in plan.claims if claim.package == package]
    return StatementResult(
        statement=f"{package} {page.release} is the first fixed release",
        verdict=_by_claims(claims, cells) if claims else _of_boundary(judged, failed, fixed, unknown=unknown),
        measured=f"{_meant(page, package)}; from {pair[0]} to {pair[1]}: {_moved(before, after)}",
        command=plan_command(plan, pair),
    )


def _by_claims(claims: Sequence[Claim], cells: Sequence[CellResult]) -> Verdict:
    """Return the verdict of the shipped claims about a release, by these results: the best one of several."""
    found = {judged_claim(claim, _cells_of(claim, cells)).verdict for claim in claims}
    order: tuple[Verdict, ...] = ("confirmed", _UNTESTED, "refuted")
    return next(verdict for verdict in order if verdict in found)


def _cells_of(claim: Claim, cells: Iterable[CellResult]) -> list[CellResult]:
    names = {variant_name(scenario.id, variant) for scenario, variant in select(claim.scenarios)}
    return [cell for cell in cells if cell.target in claim.boundary and name_of(cell) in names]


def _of_boundary(judged: list[str], failed: list[str], fixed: list[str], *, unknown: bool) -> Verdict:
    """Return whether all that failed before a release is fixed by it; what could not be judged leaves it open.

    A failure that is not fixed refutes it, and so does a boundary without any failure.
    """
    if len(fixed) < len(failed):
        return "refuted"
    if unknown or not judged:
        return _UNTESTED
    return "confirmed" if fixed else "refuted"


def _is_judged(before: CellResult, after: CellResult, offered: bool) -> bool:
    """Return whether both sides are judged; for what a release is said to offer, it may be unsupported before."""
    sides = JUDGED | {Status.UNSUPPORTED} if offered else JUDGED
    return before.status in sides and after.status in JUDGED


def _moved(before: dict[str, CellResult], after: dict[str, CellResult]) -> str:
    """Return the scenarios that a boundary fixes or breaks, and those that it does not change."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, cell in before.items():
        sides = [each.status for each in (cell, after[name])]
        fails = [status in FAILING for status in sides]
        word = _MOVES[fails[0], fails[1]] if set(sides) <= JUDGED else _OPEN
        if sides[0] is Status.UNSUPPORTED and sides[1] in JUDGED:
            word = _ADDS
        found[word].append(name)
    return "; ".join(f"{word}: {', '.join(found[word])}" for word in [*_MOVES.values(), _ADDS, _OPEN] if word in found)


def _meant(page: Page, package: str) -> str:
    """Return whether a version without a package name refers to this package: it does if the fix is there."""
    if package == page.meant:
        return f"it is meant, for {page.fix or page.issue} is {package}'s"
    return f"it is not meant, for {page.fix or page.issue} is {page.meant}'s"


def first_fixed(
    page: Page, plan: PagePlan, timelines: list[Timeline], cells: Sequence[CellResult]
) -> Iterable[StatementResult]:
    """Yield for each failure whether the named release of the line is the first fixed one, or the first to offer it."""
    offered = [each.name for each in plan.subjects if each.axis == "offered"]
    for timeline in timelines:
        if timeline.scenario in offered:
            yield _offered(page, timeline)
        else:
            yield _fixed_since(page, timeline, on_line(timeline.scenario, plan, cells))


def _offered(page: Page, timeline: Timeline) -> StatementResult:
    """Return whether the named release is the first one that has what a scenario needs."""
    judged = next((each for each in timeline.spans if each.status in JUDGED), None)
    if judged is None or all(each.status is not Status.UNSUPPORTED for each in timeline.spans):
        verdict, measured = _UNTESTED, "no release without it was judged before one with it"
    else:
        verdict = "confirmed" if judged.first == page.release else "refuted"
        measured = f"the first judged release that offers it is {timeline.line} {judged.first}"
    return StatementResult(
        statement=f"what {timeline.scenario} needs is offered since {timeline.line} {page.release}",
        verdict=verdict,
        measured=measured,
        command=timeline.command,
    )


def _fixed_since(page: Page, timeline: Timeline, cells: Sequence[CellResult]) -> StatementResult:
    line, versions = timeline.line, [(cell.target.partition("==")[2], cell.status) for cell in cells]
    if (again := _again(page.release, versions)) is not None:
        since = f", and passes since {timeline.fixed_in}" if timeline.fixed_in else ""
        return StatementResult(
            statement=f"{timeline.scenario} is fixed in {line} {page.release} (the fix is {line}'s)",
            verdict="confirmed",
            measured=f"it passes in {line} {page.release}, fails again in {again}{since}",
            command=timeline.command,
        )
    whole = not timeline.failing and timeline.newest is not None
    fixed = f"it passes since {timeline.line} {timeline.fixed_in}" if timeline.fixed_in else None
    newest = f"it fails on {line} {timeline.newest.last}, the newest" if timeline.newest else "it was not judged"
    measured = "it passes wherever it can be judged: there is nothing to fix" if whole else fixed
    return StatementResult(
        statement=f"{timeline.scenario} is fixed since {line} {page.release} (the fix is {line}'s)",
        verdict=_UNTESTED if whole or not timeline.newest else _verdict(page.release, timeline, versions),
        measured=measured or newest,
        command=timeline.command,
    )


def _again(release: str, status: Sequence[tuple[str, Status]]) -> str | None:
    """Return the release in which a failure comes back that a release has fixed; None if it has not, or it does not."""
    at = next((n for n, (version, _) in enumerate(status) if version == release), None)
    if at is None or status[at][1] is not Status.PASS or _before(status, at) not in FAILING:
        return None
    return next((version for version, found in status[at:] if found in FAILING), None)


def _verdict(release: str, timeline: Timeline, status: Sequence[tuple[str, Status]]) -> Verdict:
    """Return whether a release is the first fixed one; a release that could not be judged leaves it open.

    A later failure, or a pass before it, refutes it.
    """
    if all(found is not Status.UNKNOWN for _, found in status):
        return "confirmed" if timeline.fixed_in == release else "refuted"
    at = next((n for n, (version, _) in enumerate(status) if version == release), None)
    if at is None or any(found in FAILING for _, found in status[at:]) or _before(status, at) is Status.PASS:
        return "refuted"
    return "confirmed" if status[at][1] is Status.PASS and _before(status, at) in FAILING else _UNTESTED


def _before(status: Sequence[tuple[str, Status]], at: int) -> Status | None:
    return status[at - 1][1] if at else None
