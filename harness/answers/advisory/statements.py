"""The statements of a page one by one: what it says, what was measured instead, and the command that measures it."""

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
from ..workarounds.remedies import Tried
from .page import Page
from .plan import Plan, cells_on, plan_command

_MOVES = {
    (True, False): "mends",
    (False, True): "breaks",
    (True, True): "fails on both",
    (False, False): "passes on both",
}
"""What a boundary does, by whether a scenario fails before it and behind it."""
_OPEN = "not to be judged"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a page, what was measured instead, and the command for it."""

    statement: str
    verdict: Verdict
    measured: str
    command: str


def findings_of(
    page: Page, plan: Plan, cells: list[CellResult], courses: list[Timeline], tried: Sequence[Tried]
) -> list[Finding]:
    """All statements; `tried` are the workarounds that the page speaks of."""
    return [
        *_environment(page, plan, cells),
        *_reproduction(page, plan, cells),
        *_signature(page, plan, cells),
        *_fix(page),
        *(_named(page, plan, package, cells) for package in plan.named),
        *_first_fixed(page, courses),
        *map(_workaround, tried),
    ]


def _workaround(tried: Tried) -> Finding:
    """Whether a workaround of the page helps, on the release where the failure was seen last."""
    judged = tried.helps != "not judged"
    return Finding(
        statement=f"{tried.what} is a workaround against {tried.scenario.partition('[')[0]}",
        verdict="confirmed" if tried.helps == "helps" else "refuted" if judged else "not-testable",
        measured=f"it {tried.does} on {tried.target}",
        command=tried.command,
    )


def _environment(page: Page, plan: Plan, cells: list[CellResult]) -> Iterable[Finding]:
    if not plan.environment:
        return
    spec = plan.environment[0]
    (first, *_) = cells_on(cells, spec)
    excluded = list(_excluded(page))
    impossible = first.status is Status.UNINSTALLABLE and bool(excluded)
    if impossible:
        told = f"there is none: {', '.join(excluded)}"
    elif first.python is None:
        told = f"it can't be had here: {first.reason}"
    else:
        told = f"it exists: {_packages_words(first)}, on Python {first.python}"
    yield Finding(
        statement=f"the environment is {', '.join(_environment_words(page))}",
        verdict="refuted" if impossible else "not-testable" if first.python is None else "confirmed",
        measured=told,
        command=plan_command(plan, [spec]),
    )


def _excluded(page: Page) -> Iterable[str]:
    """The packages of a page that its Python can't have, by what they require themselves."""
    for name, version in page.packages.items():
        release = load().known(name, version)
        if page.python and release and f"{page.python}.99" not in SpecifierSet(release.requires_python or ""):
            yield f"{name} {version} requires Python {release.requires_python}"


def _packages_words(cell: CellResult) -> str:
    return ", ".join(f"{name} {cell.packages[name]}" for name in PACKAGES if name in cell.packages)


def _environment_words(page: Page) -> list[str]:
    python = [f"Python {page.python}"] if page.python else []
    return [*python, *(f"{name} {version}" for name, version in page.packages.items())]


def _reproduction(page: Page, plan: Plan, cells: list[CellResult]) -> Iterable[Finding]:
    """Whether what the issue describes happens with the packages that the page names, on a Python that can have them.

    A reproduction that makes no request reproduces nothing, whatever it is run on.
    """
    if plan.environment:
        found = cells_on(cells, plan.environment[-1])
        failing = [cell for cell in found if cell.status in FAILING]
        judged = any(cell.status in JUDGED for cell in found)
        yield Finding(
            statement=f"what {page.issue} describes happens with {plan.environment[-1]}",
            verdict="confirmed" if failing else "refuted" if judged else "not-testable",
            measured=_happening(found),
            command=plan_command(plan, [plan.environment[-1]]),
        )
    if page.reproduction is not None and not any(name in page.reproduction for name in PACKAGES):
        yield Finding(
            statement="the reproduction that it shows reproduces the failure",
            verdict="refuted",
            measured="it is a server alone: no client is in it, and nothing is requested; the command makes a script "
            "with both",
            command=_repro(plan, cells),
        )


def _signature(page: Page, plan: Plan, cells: list[CellResult]) -> Iterable[Finding]:
    """Whether what a page says to search logs for is in what fails."""
    if page.signature is None:
        return
    errors = errors_in(cells)
    found = [error for error in errors if error in page.signature]
    raised = ", ".join(errors) or "nothing: requests hang"
    yield Finding(
        statement=f"the failure is found by searching for {page.signature}",
        verdict="confirmed" if found else "refuted" if errors else "not-testable",
        measured=f"what fails raises {raised}" + ("" if found else ", and any program has such a line of its own"),
        command=_repro(plan, cells),
    )


def errors_in(cells: Iterable[CellResult]) -> list[str]:
    """The public classes of the exceptions that failing requests met; those of sweeps meet none."""
    failing = [cell for cell in cells if cell.status in FAILING and cell.points is None]
    keys = [Key.parse(key) for cell in failing for key in (cell.keys or {str(cell.key): 1})]
    return sorted({error for key in keys for error in key.errors})


def _repro(plan: Plan, cells: list[CellResult]) -> str:
    """A script that shows it: with the packages that the page names where it happens there, else with the last bad."""
    bad = [
        cell for spec in [*plan.releases, *plan.environment] for cell in cells_on(cells, spec) if cell.status in FAILING
    ]
    if not bad:
        return plan_command(plan, plan.releases[-1:])
    # A load is easier to read than a sweep.
    shown = [cell for cell in bad if declared()[cell.scenario].run is None] or bad
    return repro_command(shown[-1].scenario, shown[-1].target)


def _fix(page: Page) -> Iterable[Finding]:
    """Which release the fix is in, by the claim that there is about it."""
    for claim in shipped_claims():
        if claim.release is None or page.fix not in claim.references:
            continue
        told = f", where what it claims is {claim.measured.verdict}" if claim.measured else ""
        yield Finding(
            statement=f"the fix, {page.fix}, is in release {page.release}",
            verdict="confirmed" if claim.release == page.release else "refuted",
            measured=f"it is in {claim.package} {claim.release}{told}",
            command=f"poolgate verify {claim.id}",
        )


def _named(page: Page, plan: Plan, package: str, cells: list[CellResult]) -> Finding:
    """What the release of this number does, for one of the packages that have one."""
    pair = plan.named[package]
    before, after = ({cell.scenario: cell for cell in cells_on(cells, spec)} for spec in pair)
    judged = [name for name in before if name in after and {before[name].status, after[name].status} <= JUDGED]
    mended = [name for name in judged if before[name].status in FAILING and after[name].status is Status.PASS]
    whole = bool(mended) and len(mended) == sum(before[name].status in FAILING for name in judged)
    return Finding(
        statement=f"{package} {page.release} is the first fixed release",
        verdict="confirmed" if whole else "refuted" if judged else "not-testable",
        measured=f"{_meant(page, package)}; from {pair[0]} to {pair[1]}: {_moved(before, after)}",
        command=plan_command(plan, pair),
    )


def _moved(before: dict[str, CellResult], after: dict[str, CellResult]) -> str:
    """Which scenarios a boundary mends or breaks, and which do on both sides what they did."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, cell in before.items():
        sides = [each.status for each in (cell, after[name])]
        fails = [status in FAILING for status in sides]
        word = _MOVES[fails[0], fails[1]] if set(sides) <= JUDGED else _OPEN
        found[word].append(name)
    return "; ".join(f"{word}: {', '.join(found[word])}" for word in [*_MOVES.values(), _OPEN] if word in found)


def _meant(page: Page, package: str) -> str:
    """Whether a release without a name is that of a package: it is where its fix is."""
    if package == page.meant:
        return f"it is meant, for {page.fix or page.issue} is {package}'s"
    return f"it is not meant, for {page.fix or page.issue} is {page.meant}'s"


def _first_fixed(page: Page, courses: list[Timeline]) -> Iterable[Finding]:
    """Of which package the release is meant, and what is true for each failure."""
    for course in courses:
        right = course.fixed_in == page.release
        whole = not course.failing and course.newest is not None
        told = f"{course.line} {course.fixed_in} is the first from which on it passes" if course.fixed_in else None
        newest = f"it fails on {course.line} {course.newest.last}, the newest" if course.newest else "it was not judged"
        told = "it passes wherever it can be judged: there is nothing to mend" if whole else told
        yield Finding(
            statement=f"{course.scenario} is mended as of {course.line} {page.release} (the fix is {course.line}'s)",
            verdict="confirmed" if right else "not-testable" if whole else "refuted",
            measured=told or newest,
            command=course.command,
        )


def _happening(cells: Sequence[CellResult]) -> str:
    """Which of an issue's failures happen in an environment, and which do not."""
    named = {
        "happens": [cell.scenario for cell in cells if cell.status in FAILING],
        "does not happen": [cell.scenario for cell in cells if cell.status is Status.PASS],
        "could not be judged": [cell.scenario for cell in cells if cell.status not in JUDGED],
    }
    told = [f"{word}: {', '.join(names)}" for word, names in named.items() if names]
    beside = next((_packages_words(cell) for cell in cells if cell.packages), "")
    return "; ".join(filter(None, ["; ".join(told), beside and f"measured with {beside}"]))
