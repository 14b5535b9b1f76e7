"""One step of `git bisect run`: the side of the commit that is checked out.

A commit is judged by its own runs. Where chance decides the scenario, a commit that fails in five runs of ten says
nothing without the good end under the same conditions: both run in turns, as in a search along a line.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from ...measurement.cached import Measurer
from ...targets.from_git import commit_target
from ...targets.git import bisected, count_between, describe, open_clone, resolve
from ...verdict.compare import JUDGED
from ...verdict.key_words import in_words, short_words
from .answer import ChanceError, Question, one_variant
from .in_turns import Errors, errors_of, judged_in_turns
from .log import Log
from .measure import BisectMeasurer
from .places import Place
from .search import Side
from .search_settings import EndsError
from .step import SoughtFailure, Step


def step(measurer: Measurer, question: Question, asked: str) -> Side:
    """Judge the commit that is checked out in a clone, print the reason, and return its side.

    With `--bad`, only the failure of that commit is bad, other failures are not judged; without it, all are bad.
    """
    if question.line or question.log:
        raise UsageError("--step is about the commit that is checked out in --git DIR: leave out --line and --log")
    scenario, variant = one_variant(asked)
    commits = _commits(question)
    places = [_place(commits.clone, commit) for commit in (commits.good or commits.here, commits.here, commits.bad)]
    nothing = Log(None, "", ("", ""), git=True, repair=False)
    with BisectMeasurer(scenario, variant, places, measurer=measurer, log=nothing) as bench:
        judged = _Checkout(bench, question, commits, asked).judged()
    print(f"poolgate: {judged.name[:12]} is {judged.side}: {_shows(judged)}", file=sys.stderr)
    return judged.side


@dataclass(frozen=True, slots=True)
class _Commits:
    """The commit that is checked out, the good end and the bad one; `good` is empty where none is known.

    `bad` is the commit itself where any failure is sought. `rounds` are the steps that Git makes, about.
    """

    clone: Path
    here: str
    good: str
    bad: str
    rounds: int


def _commits(question: Question) -> _Commits:
    clone = open_clone(question.git or ".")
    here, (first_good, first_bad) = resolve(clone, "HEAD"), bisected(clone)
    good = resolve(clone, question.good) if question.good else first_good
    bad = resolve(clone, question.bad) if question.bad else here
    rounds = count_between(clone, good, first_bad).bit_length() if good and first_bad else 0
    return _Commits(clone, here, good, bad, 1 + rounds)


def _place(clone: Path, commit: str) -> Place:
    found = describe(clone, commit)
    return Place(found.id, found.date, found.subject, commit_target(clone, commit))


GOOD, HERE, BAD = range(3)
"""Positions of the good end, the commit that is checked out, and the bad end."""


@dataclass(frozen=True, slots=True)
class _Checkout:
    """The judgement of the commit that is checked out."""

    bench: BisectMeasurer
    question: Question
    commits: _Commits
    asked: str

    def judged(self) -> Step:
        """Return the step with its side: by its own runs, or by runs in turns where chance decides them."""
        try:
            return self._by_own_runs()
        except ChanceError:
            return self._in_turns()

    def _by_own_runs(self) -> Step:
        if self.bench.by_chance:
            raise ChanceError
        sought = self._sought()
        here = self.bench.measure([HERE], None)[HERE]
        if self.bench.by_chance:
            raise ChanceError
        return SoughtFailure(frozenset(here.failing if sought is None else sought), frozenset()).judge(here)

    def _in_turns(self) -> Step:
        if not self.commits.good:
            need = f"chance decides {self.asked}, so that a commit runs in turns with a good one"
            raise UsageError(f"{need}: name it with --good REV, or start with `git bisect start BAD GOOD`")
        sought = self._sought()
        errors = errors_of(self.commits.rounds, self.question.confidence)
        return judged_in_turns(self._compared(errors), sought)

    def _compared(self, errors: Errors) -> Step:
        steps = self.bench.compare([HERE], errors, time.monotonic() + self.question.budget)
        good, here = steps[GOOD], steps[HERE]
        if good.status not in JUDGED and here.status in JUDGED:
            raise EndsError(f"the good end, {good.name[:12]}, can't be judged: {good.reason or good.status}")
        return here

    def _sought(self) -> set[str] | None:
        """Return the failing keys of `--bad`; None where any failure is sought."""
        if not self.question.bad:
            return None
        bad = self.bench.measure([BAD], None)[BAD]
        if not bad.failing:
            raise UsageError(f"--bad {self.question.bad} does not fail: it does not show the sought failure")
        return bad.failing


def _shows(step: Step) -> str:
    """Return what a step shows: how its runs compare, or why it is skipped, or what its runs do."""
    runs = "; ".join(f"{count} x {short_words(key) or 'pass'}" for key, count in step.keys.items())
    return in_words(step.reason or runs)
