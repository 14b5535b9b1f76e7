"""A family of head with the one that it is compared with, and the stored verdicts about both."""

from __future__ import annotations

from dataclasses import dataclass

from ...catalogue.packages import RELEVANT, differing, matters
from ...cells.cell import Cell, variant_name
from ...scenarios.declaration.scenario import Scenario, Variant
from ...verdict.compare import Change, compare, failing_rate
from ...verdict.outcome import CellResult
from .answer import Compared, Placed
from .evidence import Evidence, Stored
from .families import Family, Match, Relation
from .fresh import CellPair
from .sides import Known, changed_between
from .value import decides, is_core

Chosen = tuple[Scenario, Variant]


@dataclass(frozen=True, slots=True)
class Pair:
    """A family with its stored verdicts on both sides; `unmeasurable` is the reason why it can't be measured."""

    match: Match
    base: Stored
    head: Stored
    changed: frozenset[str]
    unmeasurable: str | None

    def left_to_chance(self, chosen: Chosen) -> bool:
        """Return whether chance may decide a scenario variant: it does in the ledgers, or they do not have it."""
        results = self.base.find(*chosen), self.head.find(*chosen)
        return any(result is None or result.by_chance for result in results)

    def stored_by_chance(self, chosen: Chosen) -> bool:
        """Return whether both sides have a stored result of a scenario variant, and chance decides one."""
        base, head = self.base.find(*chosen), self.head.find(*chosen)
        return base is not None and head is not None and (base.by_chance or head.by_chance)

    def stored(self, chosen: Chosen, among: int) -> Placed | None:
        """Return both stored results of a scenario variant, compared among so many; None if one is missing."""
        base, head = self.base.find(*chosen), self.head.find(*chosen)
        return self.placed(chosen, base, head, *compare(base, head, among)) if base and head else None

    def placed(self, chosen: Chosen, base: CellResult, head: CellResult, change: Change, remark: str | None) -> Placed:
        """Return two results of a scenario variant side by side, with their change."""
        scenario, variant = chosen
        return change, Compared(
            scenario=variant_name(scenario.id, variant),
            client=self.match.client,
            base=base,
            head=head,
            remark=remark,
            decides=decides(scenario, variant),
            suspect=is_core(scenario, variant) and _share(head) > _share(base),
        )

    def cells(self, chosen: Chosen) -> CellPair:
        """Return a scenario variant as a cell of each side."""
        return Cell(*chosen, self.base.subject.target), Cell(*chosen, self.head.subject.target)

    def uses_changed(self, chosen: Chosen) -> bool:
        """Return whether a scenario variant uses a package that has changed."""
        _, cell = self.cells(chosen)
        # Any package of a user's own client may matter to it.
        further = self.changed - {*RELEVANT}
        return bool((matters(cell.needs) | further) & self.changed)

    def lacks(self, chosen: Chosen) -> list[str]:
        """Return the optional packages of a scenario variant that head is known not to have."""
        _, cell = self.cells(chosen)
        return self.head.subject.lacks(cell.needs)


def family_of(match: Match, base: Known, head: Known) -> Family:
    """Return a family, not counted yet."""
    before, after = base.family(match.base), head.family(match.head)
    side = base if match.relation is Relation.VANISHES else head
    by = sorted(side.target.required_by.get(match.client, []))
    return Family(client=match.client, relation=match.relation, base=before, head=after, required_by=by)


def pair_of(match: Match, base: Known, head: Known, evidence: Evidence) -> Pair:
    """Return a family with what is stored about it."""
    before, after = base.of(match.base), head.of(match.head)
    further = sorted({*before.packages, *after.packages})
    changed = {*differing(before.packages, after.packages, further), *({"Python"} & changed_between(base, head).keys())}
    reason = base.unmeasurable(match.base) or head.unmeasurable(match.head)
    return Pair(match, evidence.on(before), evidence.on(after), frozenset(changed), reason)


def _share(result: CellResult) -> float:
    """Return the share of failing runs; 0 where it was not judged."""
    rate = failing_rate(result)
    return rate.failed / rate.runs if rate else 0.0
