"""A family of head beside the one that it is compared with, and the stored verdicts about both."""

from __future__ import annotations

from dataclasses import dataclass

from ...catalogue.packages import differing, matters
from ...cells.cell import Cell, variant_name
from ...scenarios.declaration.scenario import Scenario, Variant
from ...verdict.outcome import CellResult
from .answer import Compared
from .evidence import Evidence, Stored
from .families import Family, Match, pool_of
from .fresh import CellPair
from .sides import Known, changed_between
from .value import decides

Chosen = tuple[Scenario, Variant]


@dataclass(frozen=True, slots=True)
class Pair:
    """A family with its stored verdicts on both sides; `unmeasurable` is the reason why it can't be measured."""

    match: Match
    base: Stored
    head: Stored
    changed: frozenset[str]
    unmeasurable: str | None

    def stored(self, chosen: Chosen) -> Compared | None:
        """Return both stored results of a scenario variant; None if one is missing."""
        base, head = self.base.find(*chosen), self.head.find(*chosen)
        return self.compared(chosen, base, head) if base and head else None

    def compared(self, chosen: Chosen, base: CellResult, head: CellResult) -> Compared:
        """Return two results of a scenario variant side by side."""
        name = variant_name(chosen[0].id, chosen[1])
        return Compared(scenario=name, client=self.match.client, base=base, head=head, decides=decides(*chosen))

    def cells(self, chosen: Chosen) -> CellPair:
        """Return a scenario variant as a cell of each side."""
        return Cell(*chosen, self.base.subject.target), Cell(*chosen, self.head.subject.target)

    def uses_changed(self, chosen: Chosen) -> bool:
        """Return whether a scenario variant uses a package that has changed."""
        _, cell = self.cells(chosen)
        return bool(matters(cell.needs) & self.changed) or "Python" in self.changed

    def lacks(self, chosen: Chosen) -> list[str]:
        """Return the optional packages of a scenario variant that head is known not to have."""
        _, cell = self.cells(chosen)
        return self.head.subject.lacks(cell.needs)


def family_of(match: Match, base: Known, head: Known) -> Family:
    """Return a family, not counted yet."""
    before, after = pool_of(base.packages, match.base), pool_of(head.packages, match.head)
    return Family(client=match.client, relation=match.relation, base=before, head=after)


def pair_of(match: Match, base: Known, head: Known, evidence: Evidence) -> Pair:
    """Return a family with what is stored about it."""
    before, after = base.of(match.base), head.of(match.head)
    changed = {*differing(before.packages, after.packages), *({"Python"} & changed_between(base, head).keys())}
    reason = base.unmeasurable(match.base) or head.unmeasurable(match.head)
    return Pair(match, evidence.on(before), evidence.on(after), frozenset(changed), reason)
