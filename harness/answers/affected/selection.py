"""What an answer is about: all findings, or those of some scenarios and groups, without the accepted ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ...cells.cell import variant_name
from ...cells.groups import Group, group_named, group_of
from ...cells.select import select
from ...errors import NothingSelectedError
from ..accepted import Deviation
from .evidence import Known


@dataclass(frozen=True, slots=True)
class Selection:
    """The scenario variants by name and the groups that count, None for all; and the accepted deviations."""

    names: frozenset[str] | None = None
    groups: frozenset[Group] | None = None
    deviations: tuple[Deviation, ...] = ()
    today: date = date.min

    def has(self, known: Known) -> bool:
        """Return True for a verdict that the answer is about."""
        named = self.names is None or known.name in self.names
        return named and (self.groups is None or known.group in self.groups)

    def about(self, scenario: str) -> bool:
        """Return True for a scenario of which at least one variant is selected."""
        if self.names is None and self.groups is None:
            return True
        variants = [variant for _, variant in select([f"{scenario}[*]"])]
        named = [each for each in variants if self.names is None or variant_name(scenario, each) in self.names]
        return any(self.groups is None or group_of(scenario, each) in self.groups for each in named)

    def accepting(self, name: str, packages: dict[str, str]) -> Deviation | None:
        """Return the deviation that accepts a failing scenario variant with these packages today, if any."""
        current = (deviation for deviation in self.deviations if deviation.expires >= self.today)
        return next((deviation for deviation in current if deviation.covers(name, packages)), None)

    def expired(self, names: Iterable[str], packages: dict[str, str]) -> list[Deviation]:
        """Return the deviations past their day that would accept one of these scenario variants."""
        past = (deviation for deviation in self.deviations if deviation.expires < self.today)
        return [deviation for deviation in past if any(deviation.covers(name, packages) for name in names)]


def selection(
    scenarios: list[str], groups: list[str], deviations: list[Deviation] | None = None, today: date = date.min
) -> Selection:
    """Return the selection of `--scenario` and `--group`; raises UsageError for an unknown word.

    Raises NothingSelectedError if the scenarios are in none of the groups.
    """
    chosen = select(scenarios) if scenarios else None
    named = frozenset(map(group_named, groups)) or None
    if chosen and named and not any(group_of(one.id, variant) in named for one, variant in chosen):
        raise NothingSelectedError(f"no scenario of {', '.join(scenarios)} is in {', '.join(groups)}; leave one out")
    names = frozenset(variant_name(one.id, variant) for one, variant in chosen) if chosen else None
    return Selection(names, named, tuple(deviations or ()), today)
