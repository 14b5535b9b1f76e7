"""Answer a gate: from stored verdicts where they apply, and by measuring the rest within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from ...targets.target import Target
from ...verdict.words import Status
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
    """

    chosen: list[Chosen]
    every: bool
    budget: Budget
    min_fix: bool = False
    surface: bool = False


def compare_targets(
    question: Question,
    targets: tuple[Target, Target],
    evidence: Evidence,
    measurer: MeasurerFactory,
    deviations: list[Deviation],
) -> GateAnswer:
    """Compare head with base, family by family; a family that is unchanged needs no run."""
    fresh = Fresh(measurer, question.budget)
    base, head = (known_side(target, evidence, fresh) for target in targets)
    changed = changed_between(base, head)
    found = matches(base.packages, head.packages)
    families = [family_of(match, base, head) for match in found]
    answer = GateAnswer(base=base.side, head=head.side, changed=changed, families=families)
    needed = [match for match in found if match.relation is not Relation.UNCHANGED or "Python" in changed]
    exercised = exercise(
        [pair_of(match, base, head, evidence) for match in needed], question.chosen, fresh, every=question.every
    )
    answer = _with_reasons(judged(answer, exercised.cells, exercised.missing))
    answer = accept(answer, deviations, date.today())
    answer = msgspec.structs.replace(answer, destinations=destinations(answer, evidence))
    if question.min_fix:
        answer = msgspec.structs.replace(answer, fixes=fixes(answer, evidence, fresh))
    surface, remarks = surface_between(base, head, fresh, asked=question.surface)
    notes = dict.fromkeys(note for target in targets for note in target.notes)
    return msgspec.structs.replace(answer, surface=surface, remarks=[*notes, *exercised.remarks, *remarks])


def _with_reasons(answer: GateAnswer) -> GateAnswer:
    """Return the answer with the reason of a side on which no cell could be installed."""
    base, head = (_with_reason(side, answer, name) for name, side in (("base", answer.base), ("head", answer.head)))
    return msgspec.structs.replace(answer, base=base, head=head)


def _with_reason(side: Side, answer: GateAnswer, name: str) -> Side:
    results = [getattr(cell, name) for cell in (*answer.worse, *answer.better, *answer.same, *answer.unknown)]
    if side.reason or not results or any(result.status is not Status.UNINSTALLABLE for result in results):
        return side
    return msgspec.structs.replace(side, reason=results[0].reason)
