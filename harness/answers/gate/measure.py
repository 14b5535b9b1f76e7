"""Answer a gate: from stored verdicts where they apply, and by measuring the rest within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from ...targets.target import Target
from ..accepted import Deviation
from .answer import GateAnswer, Side, accept, judged
from .budget import Budget
from .destination import destinations
from .evidence import Evidence
from .exercise import exercise
from .families import Relation, matches
from .fixes import fixes
from .fresh import Fresh, MeasurerFactory
from .pairs import Chosen, family_of, pair_of
from .sides import changed_between, known_side, surface_between


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The scenario variants that a gate compares, and what it may spend.

    With `every` these are all that there are: variants that only the ledgers have are added, and what needs a package
    that head lacks is left out. `surface` asks for the changes of the public API, `min_fix` for the smallest fixes.
    `client` is the factory of a user's own client.
    """

    chosen: list[Chosen]
    every: bool
    budget: Budget
    min_fix: bool = False
    surface: bool = False
    client: str | None = None


def compare_targets(
    question: Question,
    targets: tuple[Target, Target],
    evidence: Evidence,
    measurer: MeasurerFactory,
    deviations: list[Deviation],
) -> GateAnswer:
    """Compare head with base, family by family; a family that is unchanged needs no run."""
    fresh = Fresh(measurer, question.budget)
    own = question.client is not None
    base, head = (known_side(target, evidence, fresh, own=own) for target in targets)
    changed = changed_between(base, head)
    found = matches(base.packages, head.packages)
    families = [family_of(match, base, head) for match in found]
    answer = GateAnswer(base=base.side, head=head.side, changed=changed, families=families)
    if question.client is not None:
        answer = msgspec.structs.replace(answer, client=question.client)
    needed = [match for match in found if match.relation is not Relation.UNCHANGED or "Python" in changed]
    pairs = [pair_of(match, base, head, evidence) for match in needed]
    exercised = exercise(pairs, question.chosen, fresh, every=question.every)
    answer = judged(answer, exercised.cells, exercised.missing)
    answer = msgspec.structs.replace(
        answer,
        base=_with_reason(base.side, [pair.base.subject.target for pair in pairs], fresh),
        head=_with_reason(head.side, [pair.head.subject.target for pair in pairs], fresh),
    )
    answer = accept(answer, deviations, date.today())
    answer = msgspec.structs.replace(answer, destinations=destinations(answer, evidence))
    over = head.made.over if head.made else None
    if question.min_fix and over is None:
        answer = msgspec.structs.replace(answer, fixes=fixes(answer, evidence, fresh))
    surface, remarks = surface_between(base, head, fresh, asked=question.surface)
    notes = dict.fromkeys(note for target in targets for note in target.notes)
    if question.min_fix and over is not None:
        remarks = [*remarks, f"no smallest fix: --min-fix tries releases of httpcore, and {over} has the pool"]
    return msgspec.structs.replace(answer, surface=surface, remarks=[*notes, *exercised.remarks, *remarks])


def _with_reason(side: Side, targets: list[Target], fresh: Fresh) -> Side:
    """Return a side with the reason why none of its targets can be installed, as far as that was tried."""
    reasons = [fresh.reason_of(target) for target in targets]
    return msgspec.structs.replace(side, reason=side.reason or reasons[0]) if reasons and all(reasons) else side
