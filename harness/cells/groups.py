"""Group scenario variants by their trigger: what a program must do to meet the failure that a scenario looks for."""

from __future__ import annotations

import enum
import functools

from ..errors import UsageError
from ..scenarios.declaration.scenario import Scenario, Variant
from .variants import by_name, load_variants, name_without_remedy


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
    Group.THREADS: "threads or event loops share a client",
    Group.COST: "many requests wait at once",
    Group.PROXY: "requests go through a proxy or tunnel",
    Group.HTTP2: "HTTP/2 is switched on",
    Group.SOCKS: "requests go through a SOCKS proxy",
    Group.TRIO: "the program runs on trio",
}
"""The trigger of each group, after "when"."""

OPTIONAL: dict[Group, str] = {Group.HTTP2: "h2", Group.SOCKS: "socksio", Group.TRIO: "trio"}
"""The package without which a program cannot meet a group."""


def group_of(scenario: str, variant: Variant) -> Group | None:
    """Return the group of a scenario variant; None where this poolgate does not declare it."""
    return _by_name().get(name_without_remedy(scenario, variant))


def group_of_declared(scenario: Scenario, variant: Variant) -> Group:
    """Return the group of a variant that this poolgate declares."""
    return _by_name()[name_without_remedy(scenario.id, variant)]


def group_named(word: str) -> Group:
    """Return the group with this name; raises UsageError if there is none."""
    try:
        return Group(word)
    except ValueError:
        raise UsageError(f"{word!r} is not a group; groups are {', '.join(Group)}") from None


def scenarios_by_group() -> dict[str, Group]:
    """Return the group of the default variant of each declared scenario, by its id."""
    return {name: group for name, group in _by_name().items() if "[" not in name}


@functools.cache
def _by_name() -> dict[str, Group]:
    return {name: Group(group) for name, group in by_name(load_variants().groups).items()}
