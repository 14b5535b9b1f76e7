"""Findings about a set of packages, from stored verdicts. Pure: takes the stacks of a ledger, returns findings.

The answer leads: one sentence, where to go, the findings by group, and how much of the scenarios was judged.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ...catalogue.packages import pool_of
from ...cells.groups import OPTIONAL, Group, scenarios_by_group
from ...ledger.chance import flaky_in
from ...ledger.stack import Stack
from ...verdict.effects import severity_of
from ..accepted import Deviation
from ..inference.infer import inferred
from ..reach.answer import CodeReach
from .destination import Destination, best_of, ranked, smallest_step
from .evidence import Known, LedgerIndex, Own, best, filled, matching
from .finding import Finding, Seen, finding, order
from .grouping import GroupSummary, grouped, sentence
from .package_set import PackageSet
from .remarks import freshness, races, remarks
from .selection import Selection

EVERYTHING = Selection()


class Coverage(msgspec.Struct, frozen=True):
    """How many scenarios were judged, of those that concern the package set, and in how many variants.

    A release that is judged in fewer variants has fewer findings, and is not better for it.
    """

    judged: int
    of: int
    variants: int = 0

    def __str__(self) -> str:
        variants = f" in {self.variants} variants" if self.variants > self.judged else ""
        return f"judged {self.judged} of {self.of} scenarios{variants}"


class ClientAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one client of a package set. `packages` are the client and its pool.

    `smallest_step` is the smallest change inside the same family with the greatest gain there. `candidates` counts the
    targets that were compared: those that are judged on every finding. `inferred` counts the verdicts that were taken
    from other pairs with the same pool. `broken` states why the client can't use its pool at all.
    """

    client: str
    packages: dict[str, str]
    required_by: list[str] = []
    affected: bool
    verdict: str
    destination: Destination | None
    smallest_step: Destination | None
    candidates: int = 0
    coverage: Coverage
    inferred: int = 0
    broken: str | None = None


class AcceptedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that a deviation covers."""

    finding: Finding
    deviation: Deviation


class AffectedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `affected`. `judged` counts the stored verdicts that apply, `remarks` names their limits.

    `verdict`, `destination` and `coverage` are those of the client that is affected most. `absent` counts the findings
    that need a package which a complete package set does not have, by this package. `own` counts the verdicts from the
    user's own ledger. `code` is what the program's source reaches, None if none was read.
    """

    schema: Literal["poolgate/affected"] = "poolgate/affected"
    version: Literal[1] = 1
    target: str
    packages: dict[str, str]
    verdict: str
    destination: Destination | None
    coverage: Coverage
    groups: dict[Group, list[GroupSummary]]
    clients: list[ClientAnswer]
    judged: int
    own: int = 0
    findings: list[Finding]
    accepted: list[AcceptedFinding] = []
    expired: list[Deviation] = []
    absent: dict[str, int] = {}
    code: CodeReach | None = None
    remarks: list[str]


def affected_answer(
    asked: PackageSet,
    stacks: list[Stack],
    selected: Selection = EVERYTHING,
    own: Own = frozenset(),
    code: CodeReach | None = None,
) -> AffectedAnswer:
    """Return all findings of the stacks about a package set, for each client in it with its pool.

    `own` names the verdicts of the user's ledger by stack and scenario variant; `code` is what the program's source
    reaches.
    """
    return _Assembly(asked, stacks, selected, own, code).answer()


class _Assembly:
    """The parts of one answer, and what they share."""

    def __init__(
        self,
        asked: PackageSet,
        stacks: list[Stack],
        selected: Selection,
        own: Own,
        code: CodeReach | None,
    ) -> None:
        self._asked, self._stacks, self._selected, self._own, self._code = asked, stacks, selected, own, code
        self._index = LedgerIndex(stacks)
        self._matching = {each: matching(stacks, asked, each) for each in asked.clients}
        self._flaky = flaky_in(stacks)
        self._inferred = {each: inferred(asked.packages, each, stacks, asked.python) for each in asked.clients}

    def answer(self) -> AffectedAnswer:
        asked = self._asked
        known = {client: self._known(client) for client in asked.clients}
        found = [each for client, verdicts in known.items() for each in self._findings(client, verdicts)]
        findings, accepted = self._accepted(found)
        groups = grouped(findings, complete=asked.complete)
        failing = {one.client for one in findings}
        clients = [self._client(each, known[each], groups, affected=each in failing) for each in asked.clients]
        worst = min(clients, key=lambda each: _rank(each, groups), default=None)
        return AffectedAnswer(
            target=asked.spec,
            packages=asked.packages,
            verdict=worst.verdict if worst else "",
            destination=worst.destination if worst else None,
            coverage=worst.coverage if worst else Coverage(0, 0),
            groups=groups,
            clients=clients,
            judged=sum(map(len, known.values())),
            own=sum(each.own for verdicts in known.values() for each in verdicts.values()),
            findings=findings,
            accepted=accepted,
            expired=self._selected.expired((one.scenario for one in findings), asked.packages),
            absent=self._absent(known),
            code=self._code,
            remarks=list(dict.fromkeys(self._remarks(known))),
        )

    def _known(self, client: str) -> dict[str, Known]:
        measured = best(self._asked, self._matching[client], self._own)
        verdicts = filled(measured, self._inferred[client])
        return {name: each for name, each in verdicts.items() if self._selected.has(each)}

    def _findings(self, client: str, known: dict[str, Known]) -> list[Finding]:
        failing = sorted((each for each in known.values() if each.fails and not self._lacks(each.group)), key=order)
        found = [finding(self._asked, client, each, self._index.passing[each.name]) for each in failing]
        if self._code is None:
            return found
        groups = self._code.groups
        reached = [
            msgspec.structs.replace(one, reach=Seen.of(groups.get(one.group)) if one.group else None) for one in found
        ]
        return sorted(reached, key=lambda one: not (one.reach and one.reach.seen))

    def _accepted(self, found: list[Finding]) -> tuple[list[Finding], list[AcceptedFinding]]:
        pairs = [(one, self._selected.accepting(one.scenario, self._asked.packages)) for one in found]
        accepted = [AcceptedFinding(finding=one, deviation=deviation) for one, deviation in pairs if deviation]
        return [one for one, deviation in pairs if deviation is None], accepted

    def _lacks(self, group: Group | None) -> bool:
        """Return True for a group that needs a package which a complete package set does not have."""
        needed = OPTIONAL.get(group) if group else None
        return self._asked.complete and needed is not None and not self._asked.has(needed)

    def _absent(self, known: dict[str, dict[str, Known]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for each in (each for verdicts in known.values() for each in verdicts.values() if each.fails):
            if each.group and self._lacks(each.group):
                needed = OPTIONAL[each.group]
                counts[needed] = counts.get(needed, 0) + 1
        return counts

    def _client(
        self, client: str, known: dict[str, Known], groups: dict[Group, list[GroupSummary]], *, affected: bool
    ) -> ClientAnswer:
        concerning = {name: each.entry for name, each in known.items() if self._concerns(name, each)}
        targets = ranked(self._asked, client, concerning, self._index) if affected else []
        others = self._inferred[client]
        broken = others.broken if others else None
        return ClientAnswer(
            client=client,
            packages=pool_of(self._asked.packages, client),
            required_by=self._asked.required_by.get(client, []),
            affected=affected or broken is not None,
            verdict=f"affected: {broken}" if broken else self._verdict(client, known, groups, affected=affected),
            destination=best_of(targets),
            smallest_step=smallest_step(targets, client),
            candidates=len(targets),
            coverage=self._coverage(known),
            inferred=sum(each.inferred is not None for each in known.values()),
            broken=broken,
        )

    def _concerns(self, name: str, known: Known) -> bool:
        """Return True for a verdict that a destination is judged by: one that can be met, and is not accepted."""
        if self._lacks(known.group):
            return False
        return not (known.fails and self._selected.accepting(name, self._asked.packages))

    def _verdict(
        self, client: str, known: dict[str, Known], groups: dict[Group, list[GroupSummary]], *, affected: bool
    ) -> str:
        subject = f"{client} {self._asked.packages[client]}: " if len(self._asked.clients) > 1 else ""
        if affected:
            return f"affected: {subject}{sentence(groups, client)}"
        if not known:
            return f"not known: {subject}no stored verdict applies"
        every = "every finding is accepted" if self._accepts(known) else "every judged scenario passes"
        return f"not affected: {subject}{every}"

    def _accepts(self, known: dict[str, Known]) -> bool:
        return any(each.fails and not self._lacks(each.group) for each in known.values())

    def _coverage(self, known: dict[str, Known]) -> Coverage:
        """Return the coverage in scenarios that the package set can meet, and that are selected."""
        concerning = {
            scenario
            for scenario, group in scenarios_by_group().items()
            if not self._lacks(group) and self._selected.about(scenario)
        }
        judged = [each.entry.scenario for each in known.values() if not self._lacks(each.group)]
        return Coverage(len(concerning & set(judged)), len(concerning), len(judged))

    def _remarks(self, known: dict[str, dict[str, Known]]) -> list[str]:
        found = list(self._asked.notes)
        for client, verdicts in known.items():
            found += remarks(self._asked, client, list(verdicts.values()), self._stacks)
            found += races(verdicts.values(), self._flaky)
            found += freshness(self._matching[client])
        return found


def _rank(answer: ClientAnswer, groups: dict[Group, list[GroupSummary]]) -> tuple[bool, tuple[int, bool]]:
    own = [each for summaries in groups.values() for each in summaries if each.client == answer.client]
    return not answer.affected, min((severity_of(each.effect) for each in own), default=(0, False))
