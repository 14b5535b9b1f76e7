"""A bisection where chance decides the scenario: each step compares a place with the good end by runs in turns.

A batch of runs is never set against an earlier one: good end and candidate alternate under the same conditions. A place
that fails more often is bad, and skipped if it fails in no way that the bad end does; one that fails no more often is
good. The errors of all comparisons together are at most those that the confidence allows. A comparison that the budget
ends undecided ends the search.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ...errors import UsageError
from ...verdict.compare import FALSE_WORSE, JUDGED, Change
from .bisection import CONFIDENCE, BisectResult, EndsError, Step, changed_at
from .search import Search, Side


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


@dataclass
class BisectionInTurns:
    """A search in a row of `count` places, position 0 the good end; as `Bisection`, with another `compare`."""

    count: int
    compare: CompareInTurns
    repair: bool = False
    at_once: int = 1
    confidence: float = CONFIDENCE
    foresee: Callable[[list[int]], None] = lambda places: None
    report: Callable[[Search, dict[int, Step]], None] = lambda search, steps: None

    def run(self) -> BisectResult:
        """Search until one place is left or a comparison is undecided; raises an error if the ends can't be used."""
        search, rounds = Search(self.count), (self.count - 1).bit_length()
        self._errors = errors_of(1 + min(self.count - 1, rounds * self.at_once), self.confidence)
        self._steps: dict[int, Step] = {}
        self._compare_ends()
        self.report(search, self._steps)
        while (wanted := search.wanted(self.at_once)) and not self._undecided():
            self.foresee(search.foreseen(wanted[0]))
            found = self.compare(wanted, self._errors)
            self._steps.update({at: self._judged(found[at]) for at in wanted})
            for at in wanted:
                search.learn(at, self._steps[at].side)
            self.report(search, self._steps)
        return self._result(search)

    def _compare_ends(self) -> None:
        last = self.count - 1
        found = self.compare([last], self._errors)
        good, bad = found[0], found[last]
        for end, step in (("good", good), ("bad", bad)):
            if bad.compared is msgspec.UNSET and step.status not in JUDGED:
                raise EndsError(f"the {end} end, {step.name}, can't be judged: {step.reason or step.status}")
        if bad.compared is Change.UNKNOWN:
            ends = f"it is not decided whether {bad.name} fails more often than {good.name} ({bad.reason})"
            raise EndsError(f"{ends}; all {self.count} places remain: raise --budget")
        if bad.compared is not Change.WORSE:
            raise UsageError(f"{bad.name} does not fail more often than {good.name}: {bad.reason}; choose other ends")
        self._sought = bad.failing
        self._steps = {
            0: msgspec.structs.replace(good, side=Side.GOOD),
            last: msgspec.structs.replace(bad, side=Side.BAD),
        }

    def _judged(self, step: Step) -> Step:
        """Return the step with its side; to Git, what is undecided is skipped too."""
        if step.compared is Change.UNKNOWN or step.compared is msgspec.UNSET:
            return msgspec.structs.replace(step, side=Side.SKIP)
        if step.compared is not Change.WORSE:
            return msgspec.structs.replace(step, side=Side.GOOD)
        if step.failing & self._sought:
            return msgspec.structs.replace(step, side=Side.BAD)
        other = f"it fails in another way: {' '.join(sorted(step.failing))}"
        return msgspec.structs.replace(step, side=Side.SKIP, reason=other)

    def _undecided(self) -> list[int]:
        return [at for at, step in self._steps.items() if step.compared is Change.UNKNOWN]

    def _result(self, search: Search) -> BisectResult:
        made = sum(step.compared in {Change.WORSE, Change.SAME, Change.BETTER} for step in self._steps.values())
        return BisectResult(
            suspects=changed_at(search, repair=self.repair),
            steps=dict(sorted(self._steps.items())),
            sought=sorted(self._sought),
            confidence=math.floor((1 - made * self._errors.most) * 1000) / 1000,
            undecided=sorted(self._undecided()),
        )
