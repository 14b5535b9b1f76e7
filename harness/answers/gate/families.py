"""The families of both sides: which client is compared with which. Pure.

A client that only head has is compared with the client that it replaces, or with the first client of base that it
joins. A client that only base has is compared with the first client of head: what used it goes there.
"""

from __future__ import annotations

import enum

import msgspec

from ...catalogue.packages import PACKAGES, clients_of, differing, pool_of


class Relation(enum.StrEnum):
    """What happens to a client between base and head."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    APPEARS = "appears"
    REPLACES = "replaces"
    VANISHES = "vanishes"


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """A client, its relation, and the two package sets that are compared, each of client and pool by version.

    The counts are of its scenario variants. `exercised` is False if no cell of it that decides was compared: a core
    scenario or one about cancellation, as far as the selection has them. An unchanged family needs no cell.
    """

    client: str
    relation: Relation
    base: dict[str, str]
    head: dict[str, str]
    required_by: list[str] = []
    worse: int = 0
    better: int = 0
    same: int = 0
    accepted: int = 0
    not_exercised: int = 0
    exercised: bool = False


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Two clients that are compared, and the client that names the family."""

    client: str
    relation: Relation
    base: str
    head: str


def narrowed(packages: dict[str, str], client: str) -> dict[str, str]:
    """Return a package set without the clients and pools of other families."""
    kept = pool_of(packages, client)
    return {name: version for name, version in packages.items() if name in kept or name not in PACKAGES}


def matches(base: dict[str, str], head: dict[str, str]) -> list[Match]:
    """Return which clients are compared: those of head in their order, then those that vanish."""
    before, after = clients_of(base), clients_of(head)
    gone = [client for client in before if client not in after]
    found = []
    for client in after:
        if client in before:
            equal = not differing(narrowed(base, client), narrowed(head, client), sorted({*base, *head}))
            relation = Relation.UNCHANGED if equal else Relation.CHANGED
            found.append(Match(client=client, relation=relation, base=client, head=client))
        elif gone:
            found.append(Match(client=client, relation=Relation.REPLACES, base=gone.pop(0), head=client))
        else:
            found.append(Match(client=client, relation=Relation.APPEARS, base=before[0], head=client))
    left = (Match(client=client, relation=Relation.VANISHES, base=client, head=after[0]) for client in gone)
    return [*found, *left]
