"""Bisection: which place to measure next, how often, and what is known in the end. It measures nothing itself.

Both ends come first, and say what is sought: the failing keys that the bad end shows and the good one does not. A place
that shows one of them is bad. One that fails in another way is skipped: an unrelated failure is never blamed. One that
does not fail is good as far as its runs can tell; since one good run too many is the only thing that leads astray, the
last good neighbour of what was found is run until that is as unlikely as was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ...errors import Exit, PoolgateError, UsageError
from ...verdict.rate import rate_of
from ...verdict.words import Key, Status
from .search import Search, Side

CONFIDENCE = 0.95
_JUDGED = (Status.PASS, Status.FAIL, Status.FLAKY)
NOISY = 12
"""Runs of a bad end that does not always fail: its rate has to be known before anything else is judged by it."""
MOST = 60
"""Runs of one cell at most; what they can't tell is said."""


class EndsError(PoolgateError):
    """An end that can't be judged: there is nothing to search for."""

    exit_code = Exit.INCONCLUSIVE


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One place that was measured. `keys` counts its runs by key; `again` is the command that measures it."""

    name: str
    date: str
    subject: str
    side: Side
    status: Status
    keys: dict[str, int]
    runs: int
    reason: str | None
    again: str

    @property
    def failing(self) -> set[str]:
        """The keys of its failing runs."""
        if self.status is Status.PASS:
            return set()
        return {key for key in self.keys if self.status is Status.FAIL or not _passes(key)}


@dataclass(frozen=True, slots=True)
class Sought:
    """`bad` keys are what is sought; `good` ones are what the good end shows instead."""

    bad: frozenset[str]
    good: frozenset[str]

    def judge(self, step: Step) -> Step:
        """The step with its side, and the reason where it was skipped."""
        if step.status not in _JUDGED:
            return msgspec.structs.replace(step, side=Side.SKIP, reason=step.reason or f"it is {step.status}")
        if step.failing & self.bad:
            return msgspec.structs.replace(step, side=Side.BAD, reason=None)
        if other := step.failing - self.good:
            return msgspec.structs.replace(
                step, side=Side.SKIP, reason=f"it fails otherwise: {' '.join(sorted(other))}"
            )
        return msgspec.structs.replace(step, side=Side.GOOD, reason=None)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to. `suspects` are positions in the row; one of them did it. `steps` by position."""

    suspects: list[int]
    steps: dict[int, Step]
    sought: list[str]
    confidence: float


Measure = Callable[[Sequence[int], int | None], Mapping[int, Step]]
"""Measures these positions, so often (None: as often as `run` does), and tells what came out."""


@dataclass
class Bisection:
    """A search in a row of `count` places, position 0 the good end; `at_once` cells go side by side.

    `foresee` is told which places may be next; `tell` what is known so far, after each step.
    """

    count: int
    measure: Measure
    repair: bool = False
    at_once: int = 1
    confidence: float = CONFIDENCE
    foresee: Callable[[list[int]], None] = lambda places: None
    tell: Callable[[Search, dict[int, Step]], None] = lambda search, steps: None

    def run(self) -> Found:
        """Search to the end; raises EndsError or UsageError where the ends are none."""
        self._steps: dict[int, Step] = {}
        self._measure_ends()
        search = Search(self.count)
        self.tell(search, self._steps)
        while wanted := search.wanted(self.at_once) or self._unsure(search):
            sure = search.good in wanted
            self.foresee([] if sure else search.foreseen(wanted[0]))
            self._look_at(wanted, self._enough if sure else self._runs)
            for at, step in self._steps.items():
                search.learn(at, step.side)
            if search.known[0] is not Side.GOOD:
                told = self._steps[0].reason or "in one of many runs it shows what is sought too"
                raise EndsError(f"the good end, {self._steps[0].name}, is not sure: {told}")
            self.tell(search, self._steps)
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
        """Say by the ends what is sought, how often to run a place, and how often to be sure that one is good."""
        good, bad = self._steps[0], self._steps[self.count - 1]
        self._sought = _sought(good, bad)
        showing = _showing(bad, self._sought.bad)
        self._low = rate_of(showing, bad.runs).low
        self._enough = runs_for(self.confidence, self._low)
        self._runs = self._enough if showing < bad.runs else None
        self._steps = {at: self._sought.judge(step) for at, step in self._steps.items()}

    def _look_at(self, places: list[int], runs: int | None) -> None:
        """Measure places; where one fails in a way that no end does, the bad end gets runs to show all its ways."""
        self._steps.update({at: self._sought.judge(step) for at, step in self.measure(places, runs).items()})
        if any(self._steps[at].side is Side.SKIP and self._steps[at].failing for at in places):
            self._know_bad_end()
            self._seek()

    def _unsure(self, search: Search) -> list[int]:
        """The last good place, as long as it has not run often enough."""
        return [search.good] if self._steps[search.good].runs < self._enough else []

    def _found(self, search: Search) -> Found:
        # Where the newer end is the good one it is the good neighbour that did it.
        suspects = [at - 1 for at in search.suspects] if self.repair else search.suspects
        missed = (1 - self._low) ** self._steps[search.good].runs
        return Found(
            suspects=suspects,
            steps=dict(sorted(self._steps.items())),
            sought=sorted(self._sought.bad),
            confidence=math.floor((1 - missed) * 1000) / 1000,
        )


def runs_for(confidence: float, low: float) -> int:
    """Runs without a failure after which a place is good with this confidence; `low` is the least rate of failing."""
    if low >= 1:
        return 1
    wanted = math.log(1 - confidence) / math.log(1 - low) if low > 0 else math.inf
    return min(MOST, max(1, math.ceil(wanted))) if math.isfinite(wanted) else MOST


def _sought(good: Step, bad: Step) -> Sought:
    for end, step in (("good", good), ("bad", bad)):
        if not step.keys:
            raise EndsError(f"the {end} end, {step.name}, can't be judged: {step.reason or step.status}")
    if not bad.failing:
        told = f"the bad end, {bad.name}, does not fail ({' '.join(sorted(bad.keys))})"
        raise UsageError(f"{told}: choose another --bad{', or swap the two' if good.failing else ''}")
    if not bad.failing - good.keys.keys():
        told = f"the good end, {good.name}, fails as the bad one does ({' '.join(sorted(bad.failing))})"
        raise UsageError(f"{told}: choose another --good")
    return Sought(frozenset(bad.failing - good.keys.keys()), frozenset(good.keys))


def _showing(step: Step, keys: set[str] | frozenset[str]) -> int:
    return sum(count for key, count in step.keys.items() if key in keys)


def _passes(key: str) -> bool:
    try:
        return not Key.parse(key).fails
    except ValueError:
        return False
