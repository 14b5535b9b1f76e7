"""A finding: a scenario variant that does not pass with a package set, with its meaning."""

from __future__ import annotations

import msgspec

from ...catalogue.packages import RELEVANT
from ...cells.commands import replay
from ...cells.groups import Group
from ...ledger.stack import Stack
from ...verdict.effects import effect_of, severity
from ...verdict.rate import Rate
from ...verdict.wording import consequence
from ...verdict.words import After, Burst, Freshness, Status
from ..inference.infer import Basis
from ..reach.answer import GroupReach, Reach
from .evidence import Known
from .nearest_fix import nearest
from .package_set import PackageSet


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a program's source says about a finding: whether its trigger is `seen`, and the places.

    If the source does not decide it, `known` is False and `why` has the reason. `depends` if it is decided outside of
    the source: by the environment variables or the server that `why` names.
    """

    seen: bool
    places: list[str] = []
    known: bool = True
    why: str = ""
    depends: bool = False

    @classmethod
    def of(cls, reach: GroupReach | None) -> Seen:
        """Return what a program's source says about a group; a group that was not looked for is unknown."""
        if reach is None:
            return cls(seen=False, known=False, why="the source was not read for it")
        return cls(
            seen=reach.state is Reach.REACHED,
            places=reach.places,
            known=reach.state in {Reach.REACHED, Reach.NOT_SEEN},
            why=reach.why,
            depends=reach.state is Reach.DEPENDS,
        )


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that does not pass with the packages. `nearest_clean` is a SPEC; None if no stored verdict passes.

    `client` is the family that it is about. `inferred` is the measured pair that the verdict was taken from, None if it
    was measured with these packages; `basis` is what the two pairs have in common. `reach` is None if no source was
    read.
    """

    scenario: str
    status: Status
    burst: Burst | None
    after: After | None
    rate: Rate | None
    nearest_clean: str | None
    consequence: str
    measured_on: dict[str, str]
    python: str
    command: str
    freshness: Freshness = Freshness.SAME
    client: str = ""
    group: Group | None = None
    effect: str = ""
    key: str | None = None
    inferred: str | None = None
    basis: Basis | None = None
    own: bool = False
    reach: Seen | None = None


def finding(asked: PackageSet, client: str, known: Known, clean: list[Stack]) -> Finding:
    """Return a failing verdict of a client as a finding; `clean` are the stacks on which it passes."""
    entry = known.entry
    return Finding(
        scenario=known.name,
        status=entry.status,
        burst=entry.burst,
        after=entry.after,
        rate=entry.rate,
        nearest_clean=nearest(asked, client, known.stack, clean),
        consequence=consequence(entry),
        measured_on={name: version for name, version in known.stack.packages.items() if name in RELEVANT},
        python=entry.python,
        command=replay(known.name, asked.spec),
        freshness=entry.state.freshness,
        client=client,
        group=known.group,
        effect=effect_of(entry),
        key=entry.key,
        inferred=known.inferred,
        basis=known.basis,
        own=known.own,
    )


def order(known: Known) -> tuple[int, int, bool, bool, str]:
    """Return the place of a failing verdict in a list: by group, severity, and the default variant first."""
    groups = list(Group)
    rank = groups.index(known.group) if known.group else len(groups)
    severe, flaky = severity(known.entry)
    return rank, severe, flaky, bool(known.entry.variant), known.name
