"""The group and the use of each declared scenario variant, from its declaration.

For the group, what a variant needs in addition to a plain client decides, then its theme.
"""

from __future__ import annotations

from ..scenarios.declaration.scenario import Scenario, Variant, complete, load_of
from .cell import variant_name
from .groups import Group
from .select import select
from .uses import Use
from .variants import Variants

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


def declared_variants() -> Variants:
    """Return the names of all scenario variants by their group and by their use of a client, and the sweeps, sorted."""
    groups: dict[str, list[str]] = {group: [] for group in Group}
    uses: dict[str, list[str]] = {use: [] for use in Use}
    for scenario, variant in select(["all[*]"]):
        name = variant_name(scenario.id, variant)
        groups[group_from_declaration(scenario, variant)].append(name)
        uses[use_from_declaration(scenario, variant)].append(name)
    sweeps = {scenario.id for scenario, _ in select(["all"]) if scenario.run is not None}
    return Variants(groups=_sorted(groups), uses=_sorted(uses), sweeps=sorted(sweeps))


def _sorted(names: dict[str, list[str]]) -> dict[str, list[str]]:
    return {value: sorted(each) for value, each in names.items()}


def use_from_declaration(scenario: Scenario, variant: Variant) -> Use:
    """Return how a declared variant uses its client."""
    proxy = load_of(scenario, complete(scenario, variant)).proxy is not None
    if scenario.threads:
        return Use.SYNC_PROXY if proxy else Use.SYNC
    return Use.ASYNC_PROXY if proxy else Use.ASYNC


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
