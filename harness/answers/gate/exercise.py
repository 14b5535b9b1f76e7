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
    wanted = {pair.match.client: _wanted(pair, chosen, every=every) for pair in pairs}
    # Only what chance decides can be worse by chance, so only these cells share the error of the test.
    among = max(1, sum(pair.left_to_chance(each) for pair in pairs for each in wanted[pair.match.client]))
    opened: list[_Open] = []
    for pair in pairs:
        found.remarks += _lacking(pair, chosen) if every else ()
        for each in wanted[pair.match.client]:
            opened.append(_Open(pair, each, pair.stored(each, among)))
        if every:
            found.cells += _more(pair, wanted[pair.match.client], among)
    opened.sort(key=lambda cell: rank(*cell.chosen))
    settle = fresh.budget.named or not every
    _measure([cell for cell in opened if _worth_measuring(cell, settle=settle)], fresh, among)
    found.cells += [cell.placed for cell in opened if cell.placed is not None]
    found.missing += [_missing(cell, fresh) for cell in opened if cell.placed is None]
    return found


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


def _more(pair: Pair, known: list[Chosen], among: int) -> Iterator[Placed]:
    """Yield the decided comparisons of further variants that both sides have in the ledgers."""
    names = {variant_name(scenario.id, variant) for scenario, variant in known}
    for each in pair.head.variants():
        name = variant_name(each[0].id, each[1])
        if name in names or pair.lacks(each) or not pair.uses_changed(each):
            continue
        names.add(name)
        placed = pair.stored(each, among)
        if placed is not None and placed[0] is not Change.UNKNOWN:
            yield placed


def _worth_measuring(cell: _Open, *, settle: bool) -> bool:
    """Return whether a cell is measured: it has no result, or stored runs that do not suffice are worth the time.

    They are to `settle` what was asked for by name, or if a core scenario fails more often on head.
    """
    if cell.decided or cell.pair.unmeasurable is not None:
        return False
    return cell.placed is None or settle or cell.placed[1].suspect


def _measure(cells: list[_Open], fresh: Fresh, among: int) -> None:
    """Measure open cells: all that decide and that chance does not, then core by alternating runs, then the others."""
    if not cells or fresh.budget.over:
        return
    for cell in cells:
        cell.reason = fresh.uninstallable(cell.cells) or fresh.unsuited(cell.cells)
    cells = [cell for cell in cells if cell.reason is None]
    chance = [cell for cell in cells if cell.placed is not None or fresh.by_chance(cell.cells)]
    plain = [cell for cell in cells if cell not in chance]
    _plain([cell for cell in plain if decides(*cell.chosen)], fresh, among)
    core = [cell for cell in cells if is_core(*cell.chosen) and (cell in chance or _left_to_chance(cell))]
    _alternating(core, fresh, among, 0.5 if len(cells) > len(core) else 1.0)
    _plain([cell for cell in plain if not decides(*cell.chosen)], fresh, among)
    _alternating(
        [cell for cell in cells if not cell.decided and (cell in chance or _left_to_chance(cell))], fresh, among
    )


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
    results = fresh.alternating([cell.cells for cell in cells], share, among)
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
