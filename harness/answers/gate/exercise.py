"""Compare the cells of changed families: from stored verdicts first, then by measuring what is most valuable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...cells.cell import variant_name
from ...verdict.compare import JUDGED, Change, compare
from ...verdict.words import Status
from .answer import NotExercised, Placed
from .fresh import CellPair, Fresh
from .pairs import Chosen, Pair
from .value import decides, is_core, rank

KINDS = 2
"""Two kinds of tests have half of the error of a gate each: of stored results, and of runs in turns."""
SHARE = 0.75
"""The share of the time for runs in turns, where cells that chance does not decide wait for the rest."""


@dataclass(slots=True)
class Exercised:
    """The compared cells, those that are missing with the reason, and remarks on what does not concern head."""

    cells: list[Placed] = field(default_factory=list)
    missing: list[NotExercised] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A scenario variant that is not decided: `placed` are its undecided results, None where it has none.

    `reason` states why it can't be measured.
    """

    pair: Pair
    chosen: Chosen
    placed: Placed | None = None
    reason: str | None = None

    @property
    def cells(self) -> CellPair:
        """Return its cells on both sides."""
        return self.pair.cells(self.chosen)

    @property
    def decided(self) -> bool:
        """Return whether there is a decision by now."""
        return self.placed is not None and self.placed[0] is not Change.UNKNOWN


def exercise(pairs: list[Pair], chosen: list[Chosen], fresh: Fresh, *, every: bool) -> Exercised:
    """Compare the chosen scenario variants on each pair, as far as they use a package that has changed.

    `every` adds all variants that both sides have in the ledgers, and leaves out what needs a package that head lacks.
    """
    found = Exercised()
    wanted = [(pair, _wanted(pair, chosen, every=every)) for pair in pairs]
    further = [(pair, _further(pair, known)) for pair, known in wanted] if every else []
    among = (1 if fresh.budget.over else KINDS) * _stored_tests([*wanted, *further])
    opened = [_Open(pair, each, pair.stored(each, among)) for pair, known in wanted for each in known]
    for pair, known in further:
        found.remarks += _lacking(pair, chosen)
        found.cells += _decided(pair, known, among)
    opened.sort(key=lambda cell: rank(*cell.chosen))
    settle = fresh.budget.named or not every
    _measure([cell for cell in opened if _worth_measuring(cell, settle=settle)], fresh)
    found.cells += [cell.placed for cell in opened if cell.placed is not None]
    found.missing += [_missing(cell, fresh) for cell in opened if cell.placed is None]
    return found


def _stored_tests(known: list[tuple[Pair, list[Chosen]]]) -> int:
    """Return how many pairs of stored results chance decides, at least 1: only they can be worse by chance."""
    return max(1, sum(pair.stored_by_chance(each) for pair, chosen in known for each in chosen))


def _wanted(pair: Pair, chosen: list[Chosen], *, every: bool) -> list[Chosen]:
    """Return the variants that go through a changed package, and that head can meet."""
    using = [each for each in chosen if pair.uses_changed(each)]
    return [each for each in using if not (every and pair.lacks(each))]


def _lacking(pair: Pair, chosen: list[Chosen]) -> Iterator[str]:
    """Yield how many scenarios are left out for each package that head lacks."""
    lacking = Counter(name for each in chosen if pair.uses_changed(each) for name in pair.lacks(each)[:1])
    if lacking:
        counts = ", ".join(f"{name} ({number})" for name, number in sorted(lacking.items()))
        yield f"{pair.match.client}: scenarios that need a package which head does not have are left out: {counts}"


def _further(pair: Pair, known: list[Chosen]) -> list[Chosen]:
    """Return further variants that head has in the ledgers."""
    found = {variant_name(scenario.id, variant): (scenario, variant) for scenario, variant in pair.head.variants()}
    for scenario, variant in known:
        found.pop(variant_name(scenario.id, variant), None)
    return [each for each in found.values() if not pair.lacks(each) and pair.uses_changed(each)]


def _decided(pair: Pair, chosen: list[Chosen], among: int) -> Iterator[Placed]:
    """Yield the comparisons of variants that both sides have in the ledgers, if they are decided."""
    found = (pair.stored(each, among) for each in chosen)
    yield from (placed for placed in found if placed is not None and placed[0] is not Change.UNKNOWN)


def _worth_measuring(cell: _Open, *, settle: bool) -> bool:
    """Return whether a cell is measured: it has no result, or stored runs that do not suffice are worth the time.

    They are to `settle` what was asked for by name, or if a core scenario fails more often on head.
    """
    if cell.decided or cell.pair.unmeasurable is not None:
        return False
    return cell.placed is None or settle or cell.placed[1].suspect


def _measure(cells: list[_Open], fresh: Fresh) -> None:
    """Measure open cells: what decides and chance does not, then what chance decides by runs in turns, then the rest.

    A cell is tested once by runs in turns: a second test would be a second occasion for a false "worse".
    """
    if not cells or fresh.budget.over:
        return
    for cell in cells:
        cell.reason = fresh.uninstallable(cell.cells) or fresh.unsuited(cell.cells)
    cells = [cell for cell in cells if cell.reason is None]
    chance = [cell for cell in cells if cell.placed is not None or fresh.by_chance(cell.cells)]
    plain = [cell for cell in cells if cell not in chance]
    others = [cell for cell in plain if not decides(*cell.chosen)]
    among = KINDS * max(1, len(chance))
    _plain([cell for cell in plain if decides(*cell.chosen)], fresh, among)
    differing = [cell for cell in plain if _left_to_chance(cell)]
    _alternating(_core_first([*chance, *differing]), fresh, among, SHARE if others else 1.0)
    _plain(others, fresh, among)
    _alternating([cell for cell in others if _left_to_chance(cell)], fresh, among)


def _core_first(cells: list[_Open]) -> list[_Open]:
    return sorted(cells, key=lambda cell: not is_core(*cell.chosen))


def _left_to_chance(cell: _Open) -> bool:
    if cell.placed is None or cell.decided:
        return False
    results = cell.placed[1]
    return results.by_chance and {results.base.status, results.head.status} <= JUDGED


def _plain(cells: list[_Open], fresh: Fresh, among: int) -> None:
    results = fresh.plain([cell.cells for cell in cells])
    for cell, result in zip(cells, results, strict=True):
        if result is not None:
            cell.placed = cell.pair.placed(cell.chosen, *result, *compare(*result, among))


def _alternating(cells: list[_Open], fresh: Fresh, among: int, share: float = 1.0) -> None:
    core = sum(is_core(*cell.chosen) for cell in cells)
    results = fresh.alternating([cell.cells for cell in cells], among, first=core, share=share)
    for cell, result in zip(cells, results, strict=True):
        # Without a pair of runs the budget is the reason, unless a side can't be installed or has no such API.
        if result is not None and (result.pairs or {result.base.status, result.head.status} != {Status.UNKNOWN}):
            cell.placed = cell.pair.placed(cell.chosen, result.base, result.head, result.change, result.remark)


def _missing(cell: _Open, fresh: Fresh) -> NotExercised:
    scenario, variant = cell.chosen
    return NotExercised(
        scenario=variant_name(scenario.id, variant),
        client=cell.pair.match.client,
        reason=cell.reason or cell.pair.unmeasurable or fresh.budget.reason,
        decides=decides(scenario, variant),
    )
