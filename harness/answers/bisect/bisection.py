"""Bisection: which place to measure next, how often, and the result. It measures nothing itself.

Both ends are measured first and define the sought failure: the failing keys of the bad end that the good end does not
show. A place with one of them is bad. A place that fails in another way is skipped: an unrelated failure is never
blamed. A place that does not fail is good, with the confidence of its runs. Only a bad place that passes by chance
misleads the search, so the last good neighbour of the result is run until that is as unlikely as requested.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ...errors import Exit, PoolgateError, UsageError
from ...verdict.compare import Change
from ...verdict.rate import Rate, rate_of, rate_of_blocks
from ...verdict.words import Key, Status
from .search import Search, Side

CONFIDENCE = 0.95
_JUDGED = (Status.PASS, Status.FAIL, Status.FLAKY)
NOISY = 12
"""Runs of a bad end that does not always fail: its rate has to be known before other places are judged."""
MOST = 60
"""Most runs of one cell; the confidence that they leave is reported."""


class EndsError(PoolgateError):
    """An end that can't be judged, so that there is nothing to search for."""

    exit_code = Exit.INCONCLUSIVE


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One place that was measured. `keys` counts its runs by key; `again` is the command that measures it.

    `blocks` are the failed and all runs of each block, where chance decides the place. `compared` is what runs in turns
    with the good end decide; absent if it was not compared, or a side can't be judged.
    """

    name: str
    date: str
    subject: str
    side: Side
    status: Status
    keys: dict[str, int]
    runs: int
    reason: str | None
    again: str
    blocks: list[tuple[int, int]] | msgspec.UnsetType = msgspec.UNSET
    compared: Change | msgspec.UnsetType = msgspec.UNSET

    @property
    def failing(self) -> set[str]:
        """Return the keys of its failing runs."""
        if self.status is Status.PASS:
            return set()
        return {key for key in self.keys if self.status is Status.FAIL or not _passes(key)}


@dataclass(frozen=True, slots=True)
class SoughtFailure:
    """The sought failure: `bad` keys are sought, `good` keys are those of the good end."""

    bad: frozenset[str]
    good: frozenset[str]

    def judge(self, step: Step) -> Step:
        """Return the step with its side, and the reason if it is skipped."""
        if step.status not in _JUDGED:
            return msgspec.structs.replace(step, side=Side.SKIP, reason=step.reason or f"it is {step.status}")
        if step.failing & self.bad:
            return msgspec.structs.replace(step, side=Side.BAD, reason=None)
        if other := step.failing - self.good:
            return msgspec.structs.replace(
                step, side=Side.SKIP, reason=f"it fails in another way: {' '.join(sorted(other))}"
            )
        return msgspec.structs.replace(step, side=Side.GOOD, reason=None)


class BisectResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a search. `suspects` are positions, one of which made the change. `steps` by position.

    `undecided` are the positions whose comparison the budget ended.
    """

    suspects: list[int]
    steps: dict[int, Step]
    sought: list[str]
    confidence: float
    undecided: list[int] = []


Measure = Callable[[Sequence[int], int | None], Mapping[int, Step]]
"""Measures positions, each this many times (None: as often as `run` does), and returns their steps."""


@dataclass
class Bisection:
    """A search in a row of `count` places, position 0 the good end; `at_once` cells run in parallel.

    `foresee` receives the places that may be next; `report` the state of the search after each step.
    """

    count: int
    measure: Measure
    repair: bool = False
    at_once: int = 1
    confidence: float = CONFIDENCE
    foresee: Callable[[list[int]], None] = lambda places: None
    report: Callable[[Search, dict[int, Step]], None] = lambda search, steps: None

    def run(self) -> BisectResult:
        """Search to the end; raises EndsError or UsageError if the ends can't be used."""
        self._steps: dict[int, Step] = {}
        self._measure_ends()
        search = Search(self.count)
        self.report(search, self._steps)
        while wanted := search.wanted(self.at_once) or self._unsure(search):
            sure = search.good in wanted
            self.foresee([] if sure else search.foreseen(wanted[0]))
            self._look_at(wanted, self._enough if sure else self._runs)
            for at, step in self._steps.items():
                search.learn(at, step.side)
            if search.known[0] is not Side.GOOD:
                reason = self._steps[0].reason or "in one of many runs it shows the sought failure too"
                raise EndsError(f"the good end, {self._steps[0].name}, is not certain: {reason}")
            self.report(search, self._steps)
        return self._found(search)

    def _measure_ends(self) -> None:
        last = self.count - 1
        self._steps.update(self.measure([0, last], None))
        bad = self._steps[last]
        if bad.keys and (_showing(bad, bad.failing) < bad.runs or len(bad.keys) > 1):
            self._know_bad_end()
        self._seek()
        if self._runs is not None and self._steps[0].runs < self._runs:
            self._steps.update(self.measure([0], self._runs))
            self._seek()

    def _know_bad_end(self) -> None:
        if self._steps[self.count - 1].runs < NOISY:
            self._steps.update(self.measure([self.count - 1], NOISY))

    def _seek(self) -> None:
        """Set from the ends the sought failure, the runs of a place, and the runs that confirm a good one."""
        good, bad = self._steps[0], self._steps[self.count - 1]
        self._sought = _sought(good, bad)
        showing = _showing(bad, self._sought.bad)
        self._low = _rate(bad, showing).low
        self._enough = runs_for(self.confidence, self._low)
        self._runs = self._enough if showing < bad.runs else None
        self._steps = {at: self._sought.judge(step) for at, step in self._steps.items()}

    def _look_at(self, places: list[int], runs: int | None) -> None:
        """Measure places; if one fails unlike both ends, the bad end gets more runs to show all of its keys."""
        self._steps.update({at: self._sought.judge(step) for at, step in self.measure(places, runs).items()})
        if any(self._steps[at].side is Side.SKIP and self._steps[at].failing for at in places):
            self._know_bad_end()
            self._seek()

    def _unsure(self, search: Search) -> list[int]:
        """Return the last good place, as long as it has too few runs."""
        return [search.good] if self._steps[search.good].runs < self._enough else []

    def _found(self, search: Search) -> BisectResult:
        missed = (1 - self._low) ** self._steps[search.good].runs
        return BisectResult(
            suspects=changed_at(search, repair=self.repair),
            steps=dict(sorted(self._steps.items())),
            sought=sorted(self._sought.bad),
            confidence=math.floor((1 - missed) * 1000) / 1000,
        )


def changed_at(search: Search, *, repair: bool) -> list[int]:
    """Return the places that may have made the change; if the newer end is good, the good neighbour made it."""
    return [at - 1 for at in search.suspects] if repair else search.suspects


def runs_for(confidence: float, low: float) -> int:
    """Return the passing runs after which a place is good with this confidence; `low` is the least failure rate."""
    if low >= 1:
        return 1
    wanted = math.log(1 - confidence) / math.log(1 - low) if low > 0 else math.inf
    return min(MOST, max(1, math.ceil(wanted))) if math.isfinite(wanted) else MOST


def _sought(good: Step, bad: Step) -> SoughtFailure:
    for end, step in (("good", good), ("bad", bad)):
        if not step.keys:
            raise EndsError(f"the {end} end, {step.name}, can't be judged: {step.reason or step.status}")
    if not bad.failing:
        problem = f"the bad end, {bad.name}, does not fail ({' '.join(sorted(bad.keys))})"
        raise UsageError(f"{problem}: choose another --bad{', or swap the two' if good.failing else ''}")
    if not bad.failing - good.keys.keys():
        problem = f"the good end, {good.name}, fails as the bad one does ({' '.join(sorted(bad.failing))})"
        raise UsageError(f"{problem}: choose another --good")
    return SoughtFailure(frozenset(bad.failing - good.keys.keys()), frozenset(good.keys))


def _showing(step: Step, keys: set[str] | frozenset[str]) -> int:
    return sum(count for key, count in step.keys.items() if key in keys)


def _rate(step: Step, showing: int) -> Rate:
    """Return the rate of runs that show the sought failure; from the blocks where those count the same runs."""
    blocks = step.blocks or []
    return (
        rate_of_blocks(blocks)
        if blocks and sum(failed for failed, _ in blocks) == showing
        else rate_of(showing, step.runs)
    )


def _passes(key: str) -> bool:
    try:
        return not Key.parse(key).fails
    except ValueError:
        return False
