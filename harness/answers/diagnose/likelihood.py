"""How likely a scenario is the cause of a failure, by the uses of the client that the log shows."""

from __future__ import annotations

from ...cells.groups import Group, group_of
from ...cells.select import undeclared
from ...ledger.stack import Entry
from ...scenarios import declared
from ...scenarios.declaration.scenario import complete, load_of
from ...verdict.words import After, Status

_SEVERITY = (After.DEAD, After.LEAKS, After.LATE, After.SERVES, None)
_USE: dict[Group, str] = {
    Group.CANCELLATION: "cancelled",
    Group.THREADS: "threads",
    Group.HTTP2: "http2",
    Group.PROXY: "proxy",
    Group.SOCKS: "socks",
    Group.TRIO: "trio",
}
"""The use of the client that shows that a program meets a group."""
_RARE = (Group.PROXY, Group.HTTP2, Group.SOCKS, Group.TRIO)
"""Groups that a program meets only if it asks for it."""


def fits(entry: Entry, uses: list[str]) -> bool:
    """Return whether a scenario uses its client as the log shows; a use that the log does not show is ignored."""
    if undeclared(entry.scenario, entry.variant):
        return True
    scenario = declared()[entry.scenario]
    if ("threads" in uses) != ("async" in uses) and scenario.threads != ("threads" in uses):
        return False
    if "async" in uses and "trio" not in uses and group_of(entry.scenario, entry.variant) is Group.TRIO:
        return False
    cancels = group_of(entry.scenario, entry.variant) is Group.CANCELLATION or _cancels(entry)
    return "cancelled" not in uses or cancels


def _cancels(entry: Entry) -> bool:
    scenario = declared()[entry.scenario]
    load = load_of(scenario, complete(scenario, entry.variant))
    return any(request.cancelled is not None for request in load.requests)


def likelihood(entry: Entry, uses: list[str]) -> tuple[int, int, bool]:
    """Return what orders candidates, the likeliest first: the group by the uses, what is left, and the certainty."""
    return group_rank(entry, uses), _SEVERITY.index(entry.after), entry.status is Status.FLAKY


def rank(entry: Entry, uses: list[str]) -> tuple[bool, tuple[int, int, bool], str]:
    """Return what orders the failing variants of a scenario: the one that explains the failure best comes first."""
    return not fits(entry, uses), likelihood(entry, uses), str(sorted(entry.variant.items()))


def rare(group: int) -> bool:
    """Return whether a rank is that of a group that a program meets only if it asks for it, and that is not seen."""
    return group > len(Group)


def group_rank(entry: Entry, uses: list[str]) -> int:
    """Return the place of a scenario's group: 0 if the log shows it, the rare ones last."""
    group = group_of(entry.scenario, entry.variant)
    if group is None:
        return 3 * len(Group)
    by_server = "failures" in uses and group not in _RARE and _fails_by_server(entry)
    if _USE.get(group) in uses or by_server:
        return 0
    return 1 + list(Group).index(group) + (len(Group) if group in _RARE else 0)


def _fails_by_server(entry: Entry) -> bool:
    return declared()[entry.scenario].load.__module__.split(".")[-2] == "failures"
