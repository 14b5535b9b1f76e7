"""The statements of a page one by one, each with the measurement that checks it and the command that repeats it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from packaging.specifiers import SpecifierSet

from ...catalogue.packages import PACKAGES
from ...catalogue.releases import load
from ...cells.commands import repro_command
from ...scenarios import declared
from ...verdict.compare import FAILING, JUDGED
from ...verdict.outcome import CellResult, name_of
from ...verdict.words import Key, Status
from ..claims.claim import shipped_claims
from ..release_line.timeline import Timeline
from ..workarounds.remedies import TriedRemedy
from .page import Page
from .plan import PagePlan, cells_on, plan_command
from .release_statements import StatementResult, first_fixed, named_release


def statement_results(
    page: Page, plan: PagePlan, cells: list[CellResult], timelines: list[Timeline], tried: Sequence[TriedRemedy]
) -> list[StatementResult]:
    """Return the results of all statements; `tried` are the workarounds that the page recommends.

    If no scenario is about the issue of the page, only what does not depend on the issue is confirmed or refuted.
    """
    named = [named_release(page, plan, package, cells) for package in plan.named]
    fixed = list(first_fixed(page, plan, timelines, cells))
    if plan.claims and all(result.verdict == "confirmed" for result in named):
        # The page names the release of a fix; what that fix leaves is in the timelines, and not a claim of the page.
        fixed = [result for result in fixed if result.verdict == "confirmed"]
    of_issue = [
        *_reproduction(page, plan, cells),
        *_signature(page, plan, cells),
        *named,
        *fixed,
        *map(_workaround, tried),
    ]
    if page.nearest:
        of_issue = [_nearest(page, plan), *(_untestable(page.nearest, result) for result in of_issue)]
    return [*_environment(page, plan, cells), *_fix(page), *of_issue]


def _nearest(page: Page, plan: PagePlan) -> StatementResult:
    """Return that what the issue describes can't be tested, and which scenario is measured in its place."""
    (subject,) = plan.subjects
    return StatementResult(
        statement=f"what {page.issue} describes can be reproduced",
        verdict="not-testable",
        measured=f"no scenario is about it; the nearest by its words is {subject.name}: {subject.scenario.requirement}",
        command=plan_command(plan, plan.releases[-1:]),
    )


def _untestable(nearest: str, result: StatementResult) -> StatementResult:
    measured = f"not by a scenario about it; {nearest}, the nearest: {result.measured}"
    return msgspec.structs.replace(result, verdict="not-testable", measured=measured)


def _workaround(tried: TriedRemedy) -> StatementResult:
    """Return whether a workaround of the page helps, on the last release that fails."""
    judged = tried.helps != "not judged"
    return StatementResult(
        statement=f"{tried.what} is a workaround against {tried.scenario}",
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
        tried = "it was not tried" if first.status is Status.UNKNOWN else "it can't be installed here"
        measured = f"{tried}: {first.reason}"
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
        judged = judged and all(cell.status is not Status.UNKNOWN for cell in found)
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
    return repro_command(name_of(shown[-1]), shown[-1].target)


def _fix(page: Page) -> Iterable[StatementResult]:
    """Yield which release contains the fix, by the shipped claim about it."""
    claims = [claim for claim in shipped_claims() if claim.release is not None and page.fix in claim.references]
    for claim in {str(claim.release): claim for claim in reversed(claims)}.values():
        verdict = f", whose claim is {claim.measured.verdict}" if claim.measured else ""
        yield StatementResult(
            statement=f"the fix, {page.fix}, is in release {page.release}",
            verdict="confirmed" if claim.release == page.release else "refuted",
            measured=f"it is in {claim.package} {claim.release}{verdict}",
            command=f"poolgate verify {claim.id}",
        )


def _happening(cells: Sequence[CellResult]) -> str:
    """Return which failures of an issue happen in an environment, and which do not."""
    named = {
        "happens": [name_of(cell) for cell in cells if cell.status in FAILING],
        "does not happen": [name_of(cell) for cell in cells if cell.status is Status.PASS],
        "could not be judged": [name_of(cell) for cell in cells if cell.status not in JUDGED],
    }
    parts = [f"{word}: {', '.join(names)}" for word, names in named.items() if names]
    packages = next((_packages_words(cell) for cell in cells if cell.packages), "")
    return "; ".join(filter(None, ["; ".join(parts), packages and f"measured with {packages}"]))
