"""The commit, or the release, with which behaviour changed."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Literal

import msgspec

from ...cells.cell import variant_name
from ...cells.select import select
from ...errors import UsageError
from ...measurement.settings import Settings
from ...paths import results_root
from ...scenarios.declaration.scenario import Scenario, Variant
from ...targets.from_git import commit_target
from ...targets.git import describe, open_clone, resolve
from .bisection import Bisection, Found, Sought, Step
from .log import Log
from .measure import Bench
from .places import Place, Range, commits, releases
from .search import Search, Side


class BisectAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `bisect`.

    `range` is the clone or the line, `places` how many commits or releases it has from end to end, and `cells` how many
    of them were looked at. `change` is "broken" or "repaired". `found` is None where more than one of the `suspects`
    may have done it; `steps` are in the order of the range.
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


def bisect(arguments: argparse.Namespace, scenario: Scenario, variant: Variant) -> BisectAnswer:
    """Search, and say what was found."""
    span = _range(arguments)
    named = arguments.git or arguments.line
    ends = (arguments.good, arguments.bad)
    command = _command(arguments, variant_name(scenario.id, variant))
    path = Path(arguments.log) if arguments.log else None
    search = f"{variant_name(scenario.id, variant)} {span.places[0].name} {span.places[-1].name}"
    names = (span.places[0].name, span.places[-1].name)
    log = Log(path, search, names, git=bool(arguments.git), repair=span.repair)
    with _bench(arguments, scenario, variant, span.places, log) as bench:
        told = f"poolgate: {len(span.places)} of {named} from {ends[0]} to {ends[1]}, both ends included"
        print(told, file=sys.stderr, flush=True)
        found = Bisection(
            count=len(span.places),
            measure=bench.measure,
            repair=span.repair,
            at_once=arguments.jobs or 1,
            confidence=arguments.confidence / 100,
            foresee=bench.prepare,
            tell=lambda state, steps: _tell(state, steps, log),
        ).run()
    return _answer(scenario, variant, span, found, command)


def _tell(search: Search, steps: dict[int, Step], log: Log) -> None:
    log.add(list(steps.values()))
    if search.open:
        left = f"{len(search.open)} left, some {search.steps_left} to be measured"
        print(f"poolgate: {left}", file=sys.stderr, flush=True)


def _answer(scenario: Scenario, variant: Variant, span: Range, found: Found, command: str) -> BisectAnswer:
    names = [place.name for place in span.places]
    steps = list(found.steps.values())
    blamed = found.steps[found.suspects[0]] if len(found.suspects) == 1 else None
    return BisectAnswer(
        scenario=scenario.id,
        variant=variant,
        range=span.told,
        package=span.package,
        places=len(names),
        good=names[0],
        bad=names[-1],
        change="repaired" if span.repair else "broken",
        sought=found.sought,
        found=blamed,
        suspects=[names[at] for at in found.suspects],
        skipped=[step for step in steps if step.side is Side.SKIP],
        confidence=found.confidence,
        cells=len(steps),
        steps=steps,
        replay=command,
    )


def one_variant(asked: str) -> tuple[Scenario, Variant]:
    selected = select([asked])
    if len(selected) != 1:
        raise UsageError(f"{asked!r} is more than one scenario variant; bisect takes one")
    return selected[0]


def _range(arguments: argparse.Namespace) -> Range:
    if bool(arguments.git) == bool(arguments.line):
        raise UsageError("say what to search: --git DIR or --line LINE, with --good and --bad")
    if not arguments.good or not arguments.bad:
        raise UsageError("say where it is good and where it is bad: --good and --bad")
    search = commits if arguments.git else releases
    return search(arguments.git or arguments.line, arguments.good, arguments.bad)


def _bench(arguments: argparse.Namespace, scenario: Scenario, variant: Variant, places: list[Place], log: Log) -> Bench:
    return Bench(
        scenario,
        variant,
        places,
        results=Path(arguments.results) if arguments.results else results_root(),
        settings=Settings(unit=arguments.unit / 1000, seed=arguments.seed, again=arguments.again),
        jobs=max(2, arguments.jobs or 1),
        log=log,
    )


def _command(arguments: argparse.Namespace, name: str) -> str:
    where = ["--git", arguments.git] if arguments.git else ["--line", arguments.line]
    return shlex.join(["poolgate", "bisect", name, *where, "--good", arguments.good, "--bad", arguments.bad])


def step(arguments: argparse.Namespace) -> Side:
    """Judge the commit that is checked out in a clone.

    With `--bad` only what that commit shows is bad and any other failure is not judged; without it every failure is.
    """
    if arguments.line or arguments.log:
        raise UsageError("--step is about the commit that is checked out in --git DIR: leave out --line and --log")
    scenario, variant = one_variant(arguments.scenario)
    clone = open_clone(arguments.git or ".")
    ids = list(dict.fromkeys(resolve(clone, name) for name in ("HEAD", arguments.bad) if name))
    found = [describe(clone, commit) for commit in ids]
    places = [Place(one.id, one.date, one.subject, commit_target(clone, one.id)) for one in found]
    nothing = Log(None, "", ("", ""), git=True, repair=False)
    with _bench(arguments, scenario, variant, places, nothing) as bench:
        steps = bench.measure(range(len(places)), None)
    here, bad = steps[0], steps[len(places) - 1]
    if arguments.bad and not bad.failing:
        raise UsageError(f"--bad {arguments.bad} does not fail: it can't say what is sought")
    judged = Sought(frozenset(bad.failing if arguments.bad else here.failing), frozenset()).judge(here)
    print(f"poolgate: {judged.name[:12]} is {judged.side}: {' '.join(judged.keys) or judged.reason}", file=sys.stderr)
    return judged.side
