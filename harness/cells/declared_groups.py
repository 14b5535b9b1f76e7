"""The group of each declared scenario variant: what it needs in addition to a plain client decides, then its theme."""

from __future__ import annotations

from ..scenarios.declaration.scenario import Scenario, Variant, complete, load_of
from .cell import variant_name
from .groups import Group
from .select import select

_BY_THEME = {
    "queueing": Group.QUEUE,
    "cancellation": Group.CANCELLATION,
    "responses": Group.CLOSING,
    "keepalive": Group.CLOSING,
    "failures": Group.CLOSING,
    "threads": Group.THREADS,
    "http2": Group.HTTP2,
}
_BY_ID = {"several-loops": Group.THREADS, "descriptors": Group.CLOSING}


def declared_groups() -> dict[Group, list[str]]:
    """Return the names of all scenario variants by their group, sorted."""
    groups: dict[Group, list[str]] = {group: [] for group in Group}
    for scenario, variant in select(["all[*]"]):
        groups[group_from_declaration(scenario, variant)].append(variant_name(scenario.id, variant))
    return {group: sorted(names) for group, names in groups.items()}


def group_from_declaration(scenario: Scenario, variant: Variant) -> Group:
    """Return the group of a declared variant."""
    load = load_of(scenario, complete(scenario, variant))
    if load.backend == "trio":
        return Group.TRIO
    if load.http2:
        return Group.HTTP2
    if load.proxy is not None:
        return Group.SOCKS if load.proxy.startswith("socks") else Group.PROXY
    if load.ladder:
        return Group.COST
    theme = scenario.load.__module__.split(".")[-2]
    usual = Group.THREADS if scenario.threads and theme == "queueing" else _BY_THEME[theme]
    return _BY_ID.get(scenario.id, usual)
