"""Findings grouped by their trigger, and the one sentence that decides. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ...cells.groups import OPTIONAL, Group
from ...verdict.effects import severity_of
from .finding import Finding, Seen

SUBJECT: dict[Group, str] = {
    Group.CANCELLATION: "requests that are cancelled or time out",
    Group.QUEUE: "requests that wait for a slot",
    Group.CLOSING: "requests whose response or connection ends early",
    Group.THREADS: "requests of threads or event loops that share a client",
    Group.COST: "requests that wait in great number",
    Group.PROXY: "requests through a proxy or tunnel",
    Group.HTTP2: "requests over HTTP/2",
    Group.SOCKS: "requests through a SOCKS proxy",
    Group.TRIO: "requests on trio",
}
"""The requests that meet the findings of a group."""


class GroupSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one group for one client: the most severe effect, and the finding that shows it best.

    `needs` is the package without which a program can't meet the group; None where there is none.
    """

    client: str
    findings: int
    effect: str
    worst: str
    scenarios: list[str]
    needs: str | None = None
    reach: Seen | None = None

    @property
    def conditional(self) -> bool:
        """Return True if the program meets the group only with a package that is not known to be there."""
        return self.needs is not None


def grouped(findings: Iterable[Finding], *, complete: bool) -> dict[Group, list[GroupSummary]]:
    """Return the groups of findings in the order of a report, one summary a client.

    `findings` are ordered by severity within their group. If the package set is `complete`, no group is conditional.
    """
    found: dict[tuple[Group, str], list[Finding]] = {}
    for finding in findings:
        if finding.group is not None:
            found.setdefault((finding.group, finding.client), []).append(finding)
    groups: dict[Group, list[GroupSummary]] = {}
    for group in Group:
        summaries = [_summary(each, complete=complete) for (one, _), each in found.items() if one is group]
        if summaries:
            groups[group] = summaries
    return groups


def _summary(findings: list[Finding], *, complete: bool) -> GroupSummary:
    first = findings[0]
    assert first.group is not None
    return GroupSummary(
        client=first.client,
        findings=len(findings),
        effect=first.effect,
        worst=first.scenario,
        scenarios=[finding.scenario for finding in findings],
        needs=None if complete else OPTIONAL.get(first.group),
        reach=first.reach,
    )


def sentence(groups: dict[Group, list[GroupSummary]], client: str) -> str:
    """Return what is affected for a client: its most severe group, one that is certain to concern it before others."""
    own = [(group, each) for group, summaries in groups.items() for each in summaries if each.client == client]
    if not own:
        return "a scenario fails that this poolgate does not declare"
    group, summary = min(own, key=lambda pair: (_doubt(pair[1]), severity_of(pair[1].effect)))
    return f"{SUBJECT[group]} {summary.effect}"


def _doubt(summary: GroupSummary) -> int:
    """Return 0 for a group that the program's source reaches, or was not read; more the less it is known to."""
    unseen = summary.reach is not None and not summary.reach.seen
    return 2 * summary.conditional + unseen
