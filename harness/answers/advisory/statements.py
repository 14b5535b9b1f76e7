"""The statements of a page one by one, each with the measurement that checks it and the command that repeats it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from packaging.specifiers import SpecifierSet

from ...catalogue.packages import PACKAGES
from ...catalogue.releases import load
from ...cells.commands import repro_command
from ...scenarios import declared
from ...verdict.compare import FAILING, JUDGED
from ...verdict.outcome import CellResult
from ...verdict.words import Key, Status
from ..claims.claim import Verdict, shipped_claims
from ..release_line.timeline import Timeline
from ..workarounds.remedies import TriedRemedy
from .page import Page
from .plan import PagePlan, cells_on, plan_command

_MOVES = {
    (True, False): "fixes",
    (False, True): "breaks",
    (True, True): "fails on both",
    (False, False): "passes on both",
}
"""The effect of a boundary, by whether a scenario fails before it and after it."""
_OPEN = "not to be judged"


class StatementResult(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a page, its measurement, and the command that repeats it."""

    statement: str
    verdict: Verdict
    measured: str
    command: str


def statement_results(
    page: Page, plan: PagePlan, cells: list[CellResult], timelines: list[Timeline], tried: Sequence[TriedRemedy]
) -> list[StatementResult]:
    """Return the results of all statements; `tried` are the workarounds that the page recommends."""
    return [
        *_environment(page, plan, cells),
        *_reproduction(page, plan, cells),
        *_signature(page, plan, cells),
        *_fix(page),
        *(_named(page, plan, package, cells) for package in plan.named),
        *_first_fixed(page, timelines),
        *map(_workaround, tried),
    ]


def _workaround(tried: TriedRemedy) -> StatementResult:
    """Return whether a workaround of the page helps, on the last release that fails."""
    judged = tried.helps != "not judged"
    return StatementResult(
        statement=f"{tried.what} is a workaround against {tried.scenario.partition('[')[0]}",
        verdict="confirmed" if tried.helps == "helps" else "refuted" if judged else "not-testable",
        measured=f"it {tried.does} on {tried.target}",
        command=tried.command,
    )


def _environment(page: Page, plan: PagePlan, cells: list[CellResult]) -> Iterable[StatementResult]:
    if not plan.environment:
        return
    spec = plan.environment[0]
    (first, *_) = cells_on(cells, spec)
    excluded = list(_excluded(page))
    impossible = first.status is Status.UNINSTALLABLE and bool(excluded)
    if impossible:
        measured = f"there is none: {', '.join(excluded)}"
    elif first.python is None:
        measured = f"it can't be installed here: {first.reason}"
    else:
        measured = f"it exists: {_packages_words(first)}, on Python {first.python}"
    yield StatementResult(
        statement=f"the environment is {', '.join(_environment_words(page))}",
        verdict="refuted" if impossible else "not-testable" if first.python is None else "confirmed",
        measured=measured,
        command=plan_command(plan, [spec]),
    )


def _excluded(page: Page) -> Iterable[str]:
    """Yield the packages of a page that exclude its Python by their own requirements."""
    for name, version in page.packages.items():
        release = load().known(name, version)
        if page.python and release and f"{page.python}.99" not in SpecifierSet(release.requires_python or ""):
            yield f"{name} {version} requires Python {release.requires_python}"


def _packages_words(cell: CellResult) -> str:
    return ", ".join(f"{name} {cell.packages[name]}" for name in PACKAGES if name in cell.packages)


def _environment_words(page: Page) -> list[str]:
    python = [f"Python {page.python}"] if page.python else []
    return [*python, *(f"{name} {version}" for name, version in page.packages.items())]


def _reproduction(page: Page, plan: PagePlan, cells: list[CellResult]) -> Iterable[StatementResult]:
    """Yield whether the failure of the issue happens with the packages of the page, on a Python that they allow.

    A reproduction that makes no request reproduces nothing on any release.
    """
    if plan.environment:
        found = cells_on(cells, plan.environment[-1])
        failing = [cell for cell in found if cell.status in FAILING]
        judged = any(cell.status in JUDGED for cell in found)
        yield StatementResult(
            statement=f"what {page.issue} describes happens with {plan.environment[-1]}",
            verdict="confirmed" if failing else "refuted" if judged else "not-testable",
            measured=_happening(found),
            command=plan_command(plan, [plan.environment[-1]]),
        )
    if page.reproduction is not None and not any(name in page.reproduction for name in PACKAGES):
        yield StatementResult(
            statement="the reproduction that it shows reproduces the failure",
            verdict="refuted",
            measured="it is only a server: it has no client and makes no request; the command writes a script "
            "with both",
            command=_repro(plan, cells),
        )


def _signature(page: Page, plan: PagePlan, cells: list[CellResult]) -> Iterable[StatementResult]:
    """Yield whether the log line that a page recommends to search for occurs in the failures."""
    if page.signature is None:
        return
    errors = errors_in(cells)
    found = [error for error in errors if error in page.signature]
    raised = ", ".join(errors) or "nothing: requests hang"
    yield StatementResult(
        statement=f"the failure is found by searching for {page.signature}",
        verdict="confirmed" if found else "refuted" if errors else "not-testable",
        measured=f"what fails raises {raised}" + ("" if found else ", and any program has such a line of its own"),
        command=_repro(plan, cells),
    )


def errors_in(cells: Iterable[CellResult]) -> list[str]:
    """Return the public classes of the exceptions that failing requests raise; sweeps are left out."""
    failing = [cell for cell in cells if cell.status in FAILING and cell.points is None]
    keys = [Key.parse(key) for cell in failing for key in (cell.keys or {str(cell.key): 1})]
    return sorted({error for key in keys for error in key.errors})


def _repro(plan: PagePlan, cells: list[CellResult]) -> str:
    """Return the command of a failing script: with the packages of the page if they fail, else the last bad release."""
    bad = [
        cell for spec in [*plan.releases, *plan.environment] for cell in cells_on(cells, spec) if cell.status in FAILING
    ]
    if not bad:
        return plan_command(plan, plan.releases[-1:])
    # A load is easier to read than a sweep.
    shown = [cell for cell in bad if declared()[cell.scenario].run is None] or bad
    return repro_command(shown[-1].scenario, shown[-1].target)


def _fix(page: Page) -> Iterable[StatementResult]:
    """Yield which release contains the fix, by the shipped claim about it."""
    for claim in shipped_claims():
        if claim.release is None or page.fix not in claim.references:
            continue
        verdict = f", whose claim is {claim.measured.verdict}" if claim.measured else ""
        yield StatementResult(
            statement=f"the fix, {page.fix}, is in release {page.release}",
            verdict="confirmed" if claim.release == page.release else "refuted",
            measured=f"it is in {claim.package} {claim.release}{verdict}",
            command=f"poolgate verify {claim.id}",
        )


def _named(page: Page, plan: PagePlan, package: str, cells: list[CellResult]) -> StatementResult:
    """Return the effect of the release with this number, for one of the packages that have it."""
    pair = plan.named[package]
    before, after = ({cell.scenario: cell for cell in cells_on(cells, spec)} for spec in pair)
    judged = [name for name in before if name in after and {before[name].status, after[name].status} <= JUDGED]
    fixed = [name for name in judged if before[name].status in FAILING and after[name].status is Status.PASS]
    whole = bool(fixed) and len(fixed) == sum(before[name].status in FAILING for name in judged)
    return StatementResult(
        statement=f"{package} {page.release} is the first fixed release",
        verdict="confirmed" if whole else "refuted" if judged else "not-testable",
        measured=f"{_meant(page, package)}; from {pair[0]} to {pair[1]}: {_moved(before, after)}",
        command=plan_command(plan, pair),
    )


def _moved(before: dict[str, CellResult], after: dict[str, CellResult]) -> str:
    """Return the scenarios that a boundary fixes or breaks, and those that it does not change."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, cell in before.items():
        sides = [each.status for each in (cell, after[name])]
        fails = [status in FAILING for status in sides]
        word = _MOVES[fails[0], fails[1]] if set(sides) <= JUDGED else _OPEN
        found[word].append(name)
    return "; ".join(f"{word}: {', '.join(found[word])}" for word in [*_MOVES.values(), _OPEN] if word in found)


def _meant(page: Page, package: str) -> str:
    """Return whether a version without a package name refers to this package: it does if the fix is there."""
    if package == page.meant:
        return f"it is meant, for {page.fix or page.issue} is {package}'s"
    return f"it is not meant, for {page.fix or page.issue} is {page.meant}'s"


def _first_fixed(page: Page, timelines: list[Timeline]) -> Iterable[StatementResult]:
    """Yield for each failure whether the named release of the line is the first fixed one."""
    for timeline in timelines:
        line, right = timeline.line, timeline.fixed_in == page.release
        whole = not timeline.failing and timeline.newest is not None
        fixed = f"it passes since {timeline.line} {timeline.fixed_in}" if timeline.fixed_in else None
        newest = (
            f"it fails on {timeline.line} {timeline.newest.last}, the newest"
            if timeline.newest
            else "it was not judged"
        )
        measured = "it passes wherever it can be judged: there is nothing to fix" if whole else fixed
        yield StatementResult(
            statement=f"{timeline.scenario} is fixed since {line} {page.release} (the fix is {line}'s)",
            verdict="confirmed" if right else "not-testable" if whole else "refuted",
            measured=measured or newest,
            command=timeline.command,
        )


def _happening(cells: Sequence[CellResult]) -> str:
    """Return which failures of an issue happen in an environment, and which do not."""
    named = {
        "happens": [cell.scenario for cell in cells if cell.status in FAILING],
        "does not happen": [cell.scenario for cell in cells if cell.status is Status.PASS],
        "could not be judged": [cell.scenario for cell in cells if cell.status not in JUDGED],
    }
    parts = [f"{word}: {', '.join(names)}" for word, names in named.items() if names]
    packages = next((_packages_words(cell) for cell in cells if cell.packages), "")
    return "; ".join(filter(None, ["; ".join(parts), packages and f"measured with {packages}"]))
