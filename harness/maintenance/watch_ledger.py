"""Write what the watcher says of each release: `python -m poolgate.maintenance.watch_ledger`, or `make readme`.

The watcher runs in a program that need not have the ledger, and reads `watch/ledger.json` alone. The file has the
findings of each measured pair of a client and a pool since httpcore 0.14, with the words, the groups and the inferred
verdicts of `poolgate affected`: of each trigger group whether it loses slots, and the nearest release that does not.
Equal findings are stored once, in `rows`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from packaging.version import Version

from .. import watch
from ..answers.affected.evidence import Known, LedgerIndex, best, filled, matching
from ..answers.affected.grouping import SUBJECT
from ..answers.affected.nearest_fix import nearest
from ..answers.affected.package_set import PackageSet, package_set_of, spec_of
from ..answers.inference.infer import inferred
from ..catalogue.packages import CLIENTS, POOLS, pool_of
from ..catalogue.releases import load
from ..cells.groups import OPTIONAL, Group
from ..ledger.instruments import SHIPPED
from ..ledger.stack import Stack
from ..ledger.store import Ledger
from ..scenarios import declared
from ..verdict.effects import effect_of, severity
from ..verdict.words import After
from .written import write_file

PACKAGED = Path(watch.__file__).resolve().with_name("ledger.json")
OLDEST = Version("0.14")
"""The oldest httpcore that is watched."""
HELD = "unread-response"
"""The scenario about responses that their caller does not close."""
LOST = frozenset({After.LEAKS, After.DEAD})


class Found(msgspec.Struct, frozen=True, array_like=True):
    """What a group does in a release: its worst effect, None if no judged variant fails, and the nearest clean SPEC.

    `judged` counts the variants. In the group `queue` each effect counts, in the others only lost slots do.
    """

    judged: int
    effect: str | None = None
    clean: str | None = None


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """The findings of a release by group; `held` is whether the scenario about open responses passes, if judged."""

    groups: dict[Group, Found]
    held: bool | None = None


class Alone(msgspec.Struct, frozen=True):
    """A pool without a known client: the row that it has below the client which drives it."""

    client: str
    row: int


class WatchLedger(msgspec.Struct, frozen=True):
    """The file: rows by pair and by pool, such as `httpx 0.28.1, httpcore 1.0.9`, and the words for them."""

    made_by: str
    subjects: dict[Group, str]
    needs: dict[Group, str]
    held: str
    pairs: dict[str, int]
    pools: dict[str, Alone]
    rows: list[Row]


def watch_ledger(stacks: list[Stack]) -> WatchLedger:
    """Return what the watcher says, from the stacks of a ledger."""
    rows = _Rows(stacks)
    return WatchLedger(
        made_by="python -m poolgate.maintenance.watch_ledger",
        subjects=SUBJECT,
        needs=OPTIONAL,
        held=declared()[HELD].requirement,
        pairs={_name(pair): rows.index_of(PackageSet(spec_of(pair), pair), client) for client, pair in _pairs(stacks)},
        pools=dict(_alone(rows)),
        rows=rows.rows,
    )


def _pairs(stacks: Iterable[Stack]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each client with its pair that was measured and can be watched, in the order of the ledger."""
    seen = set()
    for stack in stacks:
        for client, pool in zip(CLIENTS, POOLS, strict=True):
            pair = pool_of(stack.packages, client)
            if client in pair and pool in pair and _is_watched(pool, pair[pool]) and _name(pair) not in seen:
                seen.add(_name(pair))
                yield client, pair


def _is_watched(pool: str, version: str) -> bool:
    return pool != POOLS[0] or Version(version) >= OLDEST


def _alone(rows: _Rows) -> Iterator[tuple[str, Alone]]:
    """Yield each pool of the catalogue that has a client to drive it."""
    for client, pool in zip(CLIENTS, POOLS, strict=True):
        for release in load().packages[pool]:
            version = release.version
            if _is_watched(pool, version):
                # httpcore2 has no line of its own: it is released together with its client.
                asked = package_set_of(f"{pool if pool != 'httpcore2' else client}=={version}")
                if client in asked.packages:
                    driven = Alone(f"{client} {asked.packages[client]}", rows.index_of(asked, client))
                    yield f"{pool} {version}", driven


class _Rows:
    """The rows of a ledger, each stored once."""

    def __init__(self, stacks: list[Stack]) -> None:
        self.rows: list[Row] = []
        self._stacks = stacks
        self._index = LedgerIndex(stacks)

    def index_of(self, asked: PackageSet, client: str) -> int:
        """Return the place of the row of a package set."""
        row = self._row(asked, client)
        if row not in self.rows:
            self.rows.append(row)
        return self.rows.index(row)

    def _row(self, asked: PackageSet, client: str) -> Row:
        measured = best(asked, matching(self._stacks, asked, client))
        known = filled(measured, inferred(asked.packages, client, self._stacks, asked.python))
        by_group: defaultdict[Group, list[Known]] = defaultdict(list)
        for each in known.values():
            if each.group is not None:
                by_group[each.group].append(each)
        groups = {group: self._found(asked, client, group, by_group[group]) for group in Group if group in by_group}
        return Row(groups, not known[HELD].fails if HELD in known else None)

    def _found(self, asked: PackageSet, client: str, group: Group, known: Sequence[Known]) -> Found:
        failing = [each for each in known if each.fails and (group is Group.QUEUE or each.entry.after in LOST)]
        if not failing:
            return Found(len(known))
        worst = min(failing, key=lambda each: severity(each.entry))
        clean = nearest(asked, client, worst.stack, self._passing(failing))
        return Found(len(known), effect_of(worst.entry), clean)

    def _passing(self, failing: Iterable[Known]) -> list[Stack]:
        """Return the stacks on which all of these variants pass."""
        first, *others = ({stack.name for stack in self._index.passing[each.name]} for each in failing)
        names = first.intersection(*others)
        return [stack for stack in self._stacks if stack.name in names]


def _name(packages: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in packages.items())


def encoded(made: WatchLedger) -> bytes:
    """Return the bytes of the file, with one line for each row."""
    before, rows, after = msgspec.json.encode(made).partition(b'"rows":[')
    return before + rows + b"\n" + after.replace(b'{"groups"', b'\n{"groups"').lstrip() + b"\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, and return the exit code."""
    about = "Write what the watcher says of each release."
    return write_file("watch_ledger", about, PACKAGED, lambda: encoded(watch_ledger(Ledger(SHIPPED).stacks)), arguments)


if __name__ == "__main__":
    sys.exit(main())
