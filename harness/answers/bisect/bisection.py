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

from ...errors import UsageError
from ...verdict.rate import Rate, rate_of, rate_of_blocks
from .search import Search, Side
from .search_settings import BisectResult, EndsError, SearchSettings, changed_at
from .step import SoughtFailure, Step

NOISY = 12
"""Runs of a bad end that does not always fail: its rate has to be known before other places are judged."""
MOST = 60
"""Most runs of one cell; the confidence that they leave is reported."""


Measure = Callable[[Sequence[int], int | None], Mapping[int, Step]]
"""Measures positions, each this many times (None: as often as `run` does), and returns their steps."""


@dataclass
class Bisection:
    """A search by the runs of each place."""

    settings: SearchSettings
    measure: Measure

    def run(self) -> BisectResult:
        """Search to the end; raises EndsError or UsageError if the ends can't be used."""
        self._steps: dict[int, Step] = {}
        self._measure_ends()
        search = Search(self.settings.count)
        self.settings.report(search, self._steps)
        while wanted := search.wanted(self.settings.at_once) or self._unsure(search):
            sure = search.good in wanted
            self.settings.foresee([] if sure else search.foreseen(wanted[0]))
            self._look_at(wanted, self._enough if sure else self._runs)
            for at, step in self._steps.items():
                search.learn(at, step.side)
            if search.known[0] is not Side.GOOD:
                reason = self._steps[0].reason or "in one of many runs it shows the sought failure too"
                raise EndsError(f"the good end, {self._steps[0].name}, is not certain: {reason}")
            self.settings.report(search, self._steps)
        return self._found(search)

    def _measure_ends(self) -> None:
        last = self.settings.last
        self._steps.update(self.measure([0, last], None))
        bad = self._steps[last]
        if bad.keys and (_showing(bad, bad.failing) < bad.runs or len(bad.keys) > 1):
            self._know_bad_end()
        self._seek()
        if self._runs is not None and self._steps[0].runs < self._runs:
            self._steps.update(self.measure([0], self._runs))
            self._seek()

    def _know_bad_end(self) -> None:
        if self._steps[self.settings.last].runs < NOISY:
            self._steps.update(self.measure([self.settings.last], NOISY))

    def _seek(self) -> None:
        """Set from the ends the sought failure, the runs of a place, and the runs that confirm a good one."""
        good, bad = self._steps[0], self._steps[self.settings.last]
        self._sought = _sought(good, bad)
        showing = _showing(bad, self._sought.bad)
        self._low = _rate(bad, showing).low
        self._enough = runs_for(self.settings.confidence, self._low)
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
            suspects=changed_at(search, repair=self.settings.repair),
            steps=dict(sorted(self._steps.items())),
            sought=sorted(self._sought.bad),
            confidence=math.floor((1 - missed) * 1000) / 1000,
        )


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
