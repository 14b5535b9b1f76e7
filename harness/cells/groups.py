"""Group scenario variants by their trigger: what a program must do to meet the failure that a scenario looks for."""

from __future__ import annotations

import enum

from .. import scenarios
from ..scenarios.declaration.scenario import Scenario, Variant, complete, load_of
from .select import undeclared


class Group(enum.StrEnum):
    """What a program must do to meet a failure; in the order of a report."""

    CANCELLATION = "cancellation"
    QUEUE = "queue"
    CLOSING = "closing"
    THREADS = "threads"
    COST = "cost"
    PROXY = "proxy"
    HTTP2 = "http2"
    SOCKS = "socks"
    TRIO = "trio"


TRIGGER: dict[Group, str] = {
    Group.CANCELLATION: "requests are cancelled or time out",
    Group.QUEUE: "requests wait for a slot",
    Group.CLOSING: "responses or connections end early",
    Group.THREADS: "threads or several event loops share a client",
    Group.COST: "many requests wait at once",
    Group.PROXY: "requests go through a proxy or tunnel",
    Group.HTTP2: "HTTP/2 is switched on",
    Group.SOCKS: "requests go through a SOCKS proxy",
    Group.TRIO: "the program runs on trio",
}
"""The trigger of each group, after "when"."""

OPTIONAL: dict[Group, str] = {Group.HTTP2: "h2", Group.SOCKS: "socksio", Group.TRIO: "trio"}
"""The package without which a program cannot meet a group."""

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


def group_of(scenario: str, variant: Variant) -> Group | None:
    """Return the group of a scenario variant by its id; None where this poolgate does not declare it."""
    if undeclared(scenario, variant):
        return None
    return group_of_declared(scenarios.declared()[scenario], variant)


def group_of_declared(scenario: Scenario, variant: Variant) -> Group:
    """Return the group of a declared variant: what it needs in addition to a plain client decides, then its theme."""
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
