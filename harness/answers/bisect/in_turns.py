"""A bisection where chance decides the scenario: each step compares a place with the good end by runs in turns.

A batch of runs is never set against an earlier one: good end and candidate alternate under the same conditions. A place
that fails more often is bad, and skipped if it fails in no way that the bad end does; one that fails no more often is
good. The errors of all comparisons together are at most those that the confidence allows. A comparison that the budget
ends undecided ends the search.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import msgspec

from ...errors import UsageError
from ...verdict.compare import FALSE_WORSE, JUDGED, Change
from .search import Search, Side
from .search_settings import BisectResult, EndsError, SearchSettings, changed_at
from .step import Step


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of each comparison: `among` divides that of "worse", `false_same` is that of "same"."""

    among: int
    false_same: float

    @property
    def most(self) -> float:
        """Return the chance of a wrong comparison at most."""
        return max(FALSE_WORSE / self.among, self.false_same)


def errors_of(comparisons: int, confidence: float) -> Errors:
    """Return the errors with which so many comparisons are right together with this confidence."""
    share = (1 - confidence) / comparisons
    return Errors(max(1, math.ceil(FALSE_WORSE / share)), share)


CompareInTurns = Callable[[Sequence[int], Errors], Mapping[int, Step]]
"""Compares places with the good end, and returns their steps, with what was decided, and that of the good end at 0."""


def judged_in_turns(step: Step, sought: Set[str] | None = None) -> Step:
    """Return a compared step with its side; it is skipped if it fails more often, and in no `sought` way.

    To Git, what is undecided is skipped too. None is any failure.
    """
    if step.compared is Change.UNKNOWN or step.compared is msgspec.UNSET:
        return msgspec.structs.replace(step, side=Side.SKIP)
    if step.compared is not Change.WORSE:
        return msgspec.structs.replace(step, side=Side.GOOD)
    if sought is None or step.failing & sought:
        return msgspec.structs.replace(step, side=Side.BAD)
    other = f"it fails in another way: {' '.join(sorted(step.failing))}"
    return msgspec.structs.replace(step, side=Side.SKIP, reason=other)


@dataclass
class BisectionInTurns:
    """A search by runs of each place in turns with the good end."""

    settings: SearchSettings
    compare: CompareInTurns

    def run(self) -> BisectResult:
        """Search until one place is left or a comparison is undecided; raises an error if the ends can't be used."""
        search, last = Search(self.settings.count), self.settings.last
        comparisons = 1 + min(last, last.bit_length() * self.settings.at_once)
        self._errors = errors_of(comparisons, self.settings.confidence)
        self._steps: dict[int, Step] = {}
        self._compare_ends()
        self.settings.report(search, self._steps)
        while (wanted := search.wanted(self.settings.at_once)) and not self._undecided():
            self.settings.foresee(search.foreseen(wanted[0]))
            found = self.compare(wanted, self._errors)
            self._steps.update({at: judged_in_turns(found[at], self._sought) for at in wanted})
            for at in wanted:
                search.learn(at, self._steps[at].side)
            self.settings.report(search, self._steps)
        return self._result(search)

    def _compare_ends(self) -> None:
        last = self.settings.last
        found = self.compare([last], self._errors)
        good, bad = found[0], found[last]
        for end, step in (("good", good), ("bad", bad)):
            if bad.compared is msgspec.UNSET and step.status not in JUDGED:
                raise EndsError(f"the {end} end, {step.name}, can't be judged: {step.reason or step.status}")
        if bad.compared is Change.UNKNOWN:
            ends = f"it is not decided whether {bad.name} fails more often than {good.name} ({bad.reason})"
            raise EndsError(f"{ends}; all {self.settings.count} places remain: raise --budget")
        if bad.compared is not Change.WORSE:
            raise UsageError(f"{bad.name} does not fail more often than {good.name}: {bad.reason}; choose other ends")
        self._sought = bad.failing
        self._steps = {
            0: msgspec.structs.replace(good, side=Side.GOOD),
            last: msgspec.structs.replace(bad, side=Side.BAD),
        }

    def _undecided(self) -> list[int]:
        return [at for at, step in self._steps.items() if step.compared is Change.UNKNOWN]

    def _result(self, search: Search) -> BisectResult:
        made = sum(step.compared in {Change.WORSE, Change.SAME, Change.BETTER} for step in self._steps.values())
        return BisectResult(
            suspects=changed_at(search, repair=self.settings.repair),
            steps=dict(sorted(self._steps.items())),
            sought=sorted(self._sought),
            confidence=math.floor((1 - made * self._errors.most) * 1000) / 1000,
            undecided=sorted(self._undecided()),
        )
