"""What a page's claims come to: the cells that tell, and from their answers one finding for each statement of the page.

Nothing of a page is believed: its environment is built, its issue's scenarios are run in it, and the release that it
names is measured for every package that has one of that number. Which release mends what is read off a whole line.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from .answers import CellAnswer
from .catalogue import LINES, PACKAGES, load
from .cells import Cell, variant_name
from .claims import Verdict, shipped_claims
from .comparing import JUDGED
from .courses import Course, course_of
from .errors import NothingSelectedError, UsageError
from .pages import Page
from .scenarios import declared
from .scenarios.worker.declaration import REMEDY, Scenario
from .targets import Target, parse, parse_release
from .verdicts import Status
from .workarounds import FAILING, Tried


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a page, what was measured instead, and the command for it."""

    statement: str
    verdict: Verdict
    measured: str
    command: str


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about it: a fix or a workaround, against which scenario, whether it helps, and when not to use it."""

    what: str
    scenario: str
    told: str
    when_not: str
    command: str


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page, its statements one by one, and what its issue's failures do along the line that its fix is for."""

    page: Page
    findings: list[Finding]
    courses: list[Course]
    remedies: list[Remedy]
    cells: list[CellAnswer]


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
        scenarios=chosen,
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


def answer_of(page: Page, plan: Plan, cells: list[CellAnswer], tried: Sequence[Tried]) -> PageAnswer:
    """The whole answer, from the answers of `cells_of(plan)`."""
    courses = [course_of(plan.line, plan.releases, scenario.id, cells) for scenario in plan.scenarios]
    findings = [
        *_environment(page, plan, cells),
        *_reproduction(page, plan, cells),
        *_fix(page),
        *(_named(page, plan, package, cells) for package in plan.named),
        *_first_fixed(page, courses),
        *map(_workaround, tried),
    ]
    remedies = [*_upgrades(courses), *map(_remedy, tried)]
    return PageAnswer(page=page, findings=findings, courses=courses, remedies=remedies, cells=cells)


def remedy_pairs(page: Page, plan: Plan, cells: list[CellAnswer]) -> list[tuple[CellAnswer, Cell, Cell]]:
    """For each workaround and scenario: the last release that fails, its cell, and that with the remedy."""
    last = {cell.scenario: cell for spec in plan.releases for cell in _on(cells, spec) if cell.status in FAILING}
    return [
        (
            last[scenario.id],
            Cell(scenario, {}, target_of(last[scenario.id].target)),
            Cell(scenario, {REMEDY: remedy}, target_of(last[scenario.id].target)),
        )
        for remedy in page.remedies
        for scenario in plan.scenarios
        if scenario.id in last
    ]


def _workaround(tried: Tried) -> Finding:
    """Whether a workaround of the page helps, on the release where the failure was seen last."""
    judged = tried.helps != "not judged"
    return Finding(
        statement=f"a workaround of {tried.scenario.partition('[')[0]} is {tried.what}",
        verdict="confirmed" if tried.helps == "helps" else "refuted" if judged else "not-testable",
        measured=f"on {tried.target}: {tried.told}",
        command=tried.command,
    )


def _remedy(tried: Tried) -> Remedy:
    effort = f"; the load without it: {tried.without}; with it: {tried.effort}" if tried.effort else ""
    return Remedy(
        what=tried.what,
        scenario=tried.scenario.partition("[")[0],
        told=f"{tried.helps} on {tried.target}: {tried.told}{effort}",
        when_not=tried.caution,
        command=tried.command,
    )


def _upgrades(courses: Iterable[Course]) -> Iterable[Remedy]:
    for course in courses:
        if course.mended:
            yield Remedy(
                what=f"{course.line} {course.mended} or newer",
                scenario=course.scenario,
                told=f"{course.line} {course.mended} and every release after it pass",
                when_not="where another requirement holds it below: a workaround then",
                command=course.command,
            )


def _boundary(package: str, version: str) -> tuple[str, str] | None:
    """The specs of the release before one and of that one; None where a package has no such release or none before."""
    pairs = pairwise(release.version for release in load().releases(package))
    return next(((f"{package}=={one}", f"{package}=={other}") for one, other in pairs if other == version), None)


def _environment(page: Page, plan: Plan, cells: list[CellAnswer]) -> Iterable[Finding]:
    if not plan.environment:
        return
    spec = plan.environment[0]
    (first, *_) = _on(cells, spec)
    impossible = first.status is Status.UNINSTALLABLE
    told = f"it can't be installed: {first.reason}" if impossible else f"it exists, on Python {first.python}"
    statement = f"the environment is {', '.join(_environment_words(page))}"
    yield Finding(
        statement=statement,
        verdict="refuted" if impossible else "not-testable" if first.python is None else "confirmed",
        measured=told,
        command=_run(plan, [spec]),
    )


def _environment_words(page: Page) -> list[str]:
    python = [f"Python {page.python}"] if page.python else []
    return [*python, *(f"{name} {version}" for name, version in page.packages.items())]


def _reproduction(page: Page, plan: Plan, cells: list[CellAnswer]) -> Iterable[Finding]:
    """Whether what the issue describes happens with the packages that the page names, on a Python that can have them.

    A reproduction that makes no request reproduces nothing, whatever it is run on.
    """
    if plan.environment:
        found = _on(cells, plan.environment[-1])
        failing = [cell for cell in found if cell.status in FAILING]
        judged = any(cell.status in JUDGED for cell in found)
        yield Finding(
            statement=f"{page.issue} happens with {plan.environment[-1]}",
            verdict="confirmed" if failing else "refuted" if judged else "not-testable",
            measured="; ".join(map(_cell_words, found)),
            command=_run(plan, [plan.environment[-1]]),
        )
    if page.reproduction is not None and not any(name in page.reproduction for name in PACKAGES):
        yield Finding(
            statement="the reproduction that it shows reproduces the failure",
            verdict="refuted",
            measured="it is a server alone: no client is in it, and nothing is requested; the command makes a script "
            "with both",
            command=_repro(plan, cells),
        )


def _repro(plan: Plan, cells: list[CellAnswer]) -> str:
    """A script that shows it: with the packages that the page names where it happens there, else with the last bad."""
    bad = [cell for spec in [*plan.releases, *plan.environment] for cell in _on(cells, spec) if cell.status in FAILING]
    if not bad:
        return _run(plan, plan.releases[-1:])
    return shlex.join(["poolgate", "repro", bad[-1].scenario, "--target", bad[-1].target])


def _fix(page: Page) -> Iterable[Finding]:
    """Which release the fix is in, by the claim that there is about it."""
    for claim in shipped_claims():
        if claim.release is None or page.fix not in claim.references:
            continue
        told = f" ({claim.measured.verdict}: {claim.measured.why})" if claim.measured else ""
        yield Finding(
            statement=f"the fix, {page.fix}, is in release {page.release}",
            verdict="confirmed" if claim.release == page.release else "refuted",
            measured=f"it is in {claim.package} {claim.release}{told}",
            command=f"poolgate verify {claim.id}",
        )


def _named(page: Page, plan: Plan, package: str, cells: list[CellAnswer]) -> Finding:
    """What the release of this number does, for one of the packages that have one."""
    pair = plan.named[package]
    before, after = ({cell.scenario: cell for cell in _on(cells, spec)} for spec in pair)
    mended = [
        name
        for name in before
        if before[name].status in FAILING and name in after and after[name].status is Status.PASS
    ]
    judged = all(cell.status in JUDGED for cell in [*before.values(), *after.values()])
    whole = bool(mended) and len(mended) == sum(cell.status in FAILING for cell in before.values())
    told = "; ".join(f"{name}: {_verdict_words(before[name])}, then {_verdict_words(after[name])}" for name in before)
    return Finding(
        statement=f"{package} {page.release} is the first fixed release",
        verdict="confirmed" if whole and judged else "refuted" if judged else "not-testable",
        measured=f"{pair[0]}, then {pair[1]}: {told}",
        command=_run(plan, pair),
    )


def _first_fixed(page: Page, courses: list[Course]) -> Iterable[Finding]:
    """Of which package the release is meant, and what is true for each failure."""
    for course in courses:
        right = course.mended == page.release
        told = f"{course.line} {course.mended} is the first from which on it passes" if course.mended else None
        yield Finding(
            statement=f"{course.scenario} is mended as of {course.line} {page.release} (the fix is {course.line}'s)",
            verdict="confirmed" if right else "refuted",
            measured=told
            or f"no release of {course.line} up to the newest passes and is followed by passing ones alone",
            command=course.command,
        )


def _on(cells: Iterable[CellAnswer], spec: str) -> list[CellAnswer]:
    return [cell for cell in cells if cell.target == spec]


def _cell_words(cell: CellAnswer) -> str:
    return f"{variant_name(cell.scenario, cell.variant)}: {_verdict_words(cell)}"


def _verdict_words(cell: CellAnswer) -> str:
    return f"{cell.status.value} {cell.key or cell.reason or ''}".strip()


def _run(plan: Plan, specs: Iterable[str]) -> str:
    return shlex.join(["poolgate", "run", *(scenario.id for scenario in plan.scenarios), "--target", *specs])
