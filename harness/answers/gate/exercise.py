"""Compare the cells of changed families: from stored verdicts first, then by measuring what is most valuable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...cells.cell import variant_name
from ...verdict.compare import Change, compare
from .answer import Compared, NotExercised
from .fresh import Fresh
from .pairs import Chosen, Pair
from .value import decides, rank


@dataclass(slots=True)
class Exercised:
    """The compared cells, those that are missing with the reason, and remarks on what does not concern head."""

    cells: list[Compared] = field(default_factory=list)
    missing: list[NotExercised] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def exercise(pairs: list[Pair], chosen: list[Chosen], fresh: Fresh, *, every: bool) -> Exercised:
    """Compare the chosen scenario variants on each pair, as far as they use a package that has changed.

    `every` adds all variants that both sides have in the ledgers, and leaves out what needs a package that head lacks.
    """
    found = Exercised()
    open_cells: list[tuple[Pair, Chosen, Compared | None]] = []
    for pair in pairs:
        wanted, lacking = _wanted(pair, chosen, every=every)
        found.remarks += _lacking(pair, lacking)
        for each in wanted:
            stored = pair.stored(each)
            if stored is not None and compare(stored.base, stored.head)[0] is not Change.UNKNOWN:
                found.cells.append(stored)
            else:
                open_cells.append((pair, each, stored))
        if every:
            found.cells += _more(pair, wanted)
    _measure(found, sorted(open_cells, key=lambda cell: rank(*cell[1])), fresh)
    return found


def _wanted(pair: Pair, chosen: list[Chosen], *, every: bool) -> tuple[list[Chosen], Counter[str]]:
    """Return the variants that go through a changed package, and how many each package leaves out that head lacks."""
    using = [each for each in chosen if pair.uses_changed(each)]
    lacking = Counter(name for each in using if every for name in pair.lacks(each)[:1])
    return [each for each in using if not (every and pair.lacks(each))], lacking


def _lacking(pair: Pair, lacking: Counter[str]) -> Iterator[str]:
    if lacking:
        counts = ", ".join(f"{name} ({number})" for name, number in sorted(lacking.items()))
        yield f"{pair.match.client}: scenarios that need a package which head does not have are left out: {counts}"


def _more(pair: Pair, known: list[Chosen]) -> Iterator[Compared]:
    """Yield the decided comparisons of further variants that both sides have in the ledgers."""
    names = {variant_name(scenario.id, variant) for scenario, variant in known}
    for each in pair.head.variants():
        name = variant_name(each[0].id, each[1])
        if name in names or pair.lacks(each) or not pair.uses_changed(each):
            continue
        names.add(name)
        stored = pair.stored(each)
        if stored is not None and compare(stored.base, stored.head)[0] is not Change.UNKNOWN:
            yield stored


def _measure(found: Exercised, cells: Iterable[tuple[Pair, Chosen, Compared | None]], fresh: Fresh) -> None:
    """Measure open cells, the most valuable first; what the budget leaves out is missing, or stays undecided."""
    measurable = [cell for cell in cells if cell[0].unmeasurable is None]
    results = fresh.compared([pair.cells(each) for pair, each, _ in measurable])
    for (pair, each, stored), result in zip(measurable, results, strict=True):
        if result is not None:
            found.cells.append(pair.compared(each, *result))
        elif stored is not None:
            found.cells.append(stored)
        else:
            found.missing.append(_missing(pair, each, fresh.budget.reason))
    for pair, each, _ in cells:
        if pair.unmeasurable is not None:
            found.missing.append(_missing(pair, each, pair.unmeasurable))


def _missing(pair: Pair, chosen: Chosen, reason: str) -> NotExercised:
    scenario, variant = chosen
    name = variant_name(scenario.id, variant)
    return NotExercised(scenario=name, client=pair.match.client, reason=reason, decides=decides(scenario, variant))
