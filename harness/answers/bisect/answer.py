"""The answer of `bisect`: the commit or release that changed a result."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from ...cells.cell import variant_name
from ...cells.commands import command
from ...cells.select import select
from ...errors import UsageError
from ...measurement.cached import Measurer
from ...scenarios.declaration.scenario import Scenario, Variant
from .bisection import Bisection
from .in_turns import BisectionInTurns
from .log import Log
from .measure import BisectMeasurer
from .places import Range, commits, releases
from .search import Search, Side
from .search_settings import BisectResult, SearchSettings
from .step import Step


@dataclass(frozen=True, slots=True)
class Question:
    """What `bisect` searches: a clone (`git`) or a release line between two ends, with `at_once` cells in parallel.

    `confidence` is a probability; `log` is the path of a log file that is read and continued. Empty is not given.
    `budget` are the seconds for runs in turns, where chance decides the scenario.
    """

    git: str
    line: str
    good: str
    bad: str
    log: str
    at_once: int
    confidence: float
    budget: float


class ChanceError(Exception):
    """The end of a search by single places: chance decides the scenario."""


class BisectAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `bisect`.

    `range` is the clone or the line, `places` how many commits or releases it has from end to end, and `cells` how many
    of them were looked at. `change` is "broken" or "repaired". `found` is None where more than one of the `suspects`
    may have made the change; `steps` are in the order of the range. `undecided` are the places whose comparison the
    budget ended.
    """

    schema: Literal["poolgate/bisect"] = "poolgate/bisect"
    version: Literal[1] = 1
    scenario: str
    variant: dict[str, str]
    range: str
    package: str
    places: int
    good: str
    bad: str
    change: Literal["broken", "repaired"]
    sought: list[str]
    found: Step | None
    suspects: list[str]
    skipped: list[Step]
    confidence: float
    cells: int
    steps: list[Step]
    replay: str
    undecided: list[str] = []


def bisect(measurer: Measurer, question: Question, scenario: Scenario, variant: Variant) -> BisectAnswer:
    """Search, and return the answer."""
    span = _range(question)
    again = _command(question, variant_name(scenario.id, variant))
    path = Path(question.log) if question.log else None
    search = f"{variant_name(scenario.id, variant)} {span.places[0].name} {span.places[-1].name}"
    names = (span.places[0].name, span.places[-1].name)
    log = Log(path, search, names, git=bool(question.git), repair=span.repair)
    with BisectMeasurer(scenario, variant, span.places, measurer=measurer, log=log) as bench:
        ends = f"from {question.good} to {question.bad}, both ends included"
        heading = f"poolgate: {len(span.places)} of {question.git or question.line} {ends}"
        print(heading, file=sys.stderr, flush=True)
        found = _search(question, span, bench, log)
    return _answer(scenario, variant, span, found, again)


def _search(question: Question, span: Range, bench: BisectMeasurer, log: Log) -> BisectResult:
    """Search by the runs of each place; where chance decides them, by runs in turns."""

    def measure(places: Sequence[int], runs: int | None) -> Mapping[int, Step]:
        steps = {} if bench.by_chance else bench.measure(places, runs)
        if bench.by_chance:
            raise ChanceError
        return steps

    settings = SearchSettings(
        count=len(span.places),
        repair=span.repair,
        at_once=question.at_once,
        confidence=question.confidence,
        foresee=bench.prepare,
        report=lambda state, steps: _report(state, steps, log),
    )
    try:
        return Bisection(settings, measure).run()
    except ChanceError:
        why = f"chance decides it, so that each step runs in turns with {span.places[0].name[:12]}"
        print(f"poolgate: {why}, for at most {question.budget:g} s in all", file=sys.stderr, flush=True)
        deadline = time.monotonic() + question.budget
        return BisectionInTurns(settings, lambda places, errors: bench.compare(places, errors, deadline)).run()


def _report(search: Search, steps: dict[int, Step], log: Log) -> None:
    log.add(list(steps.values()))
    if search.open:
        left = f"{len(search.open)} left, some {search.steps_left} to be measured"
        print(f"poolgate: {left}", file=sys.stderr, flush=True)


def _answer(scenario: Scenario, variant: Variant, span: Range, found: BisectResult, again: str) -> BisectAnswer:
    names = [place.name for place in span.places]
    steps = list(found.steps.values())
    culprit = found.steps[found.suspects[0]] if len(found.suspects) == 1 else None
    return BisectAnswer(
        scenario=scenario.id,
        variant=variant,
        range=span.searched,
        package=span.package,
        places=len(names),
        good=names[0],
        bad=names[-1],
        change="repaired" if span.repair else "broken",
        sought=found.sought,
        found=culprit,
        suspects=[names[at] for at in found.suspects],
        skipped=[step for step in steps if step.side is Side.SKIP],
        confidence=found.confidence,
        cells=len(steps),
        steps=steps,
        replay=again,
        undecided=[names[at] for at in found.undecided],
    )


def one_variant(asked: str) -> tuple[Scenario, Variant]:
    selected = select([asked])
    if len(selected) != 1:
        raise UsageError(f"{asked!r} is more than one scenario variant; bisect takes one")
    return selected[0]


def _range(question: Question) -> Range:
    if bool(question.git) == bool(question.line):
        raise UsageError("choose what to search: --git DIR or --line LINE, with --good and --bad")
    if not question.good or not question.bad:
        raise UsageError("name both ends: --good and --bad")
    search = commits if question.git else releases
    return search(question.git or question.line, question.good, question.bad)


def _command(question: Question, name: str) -> str:
    where = ["--git", question.git] if question.git else ["--line", question.line]
    return command("bisect", name, *where, "--good", question.good, "--bad", question.bad)
