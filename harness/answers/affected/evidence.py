"""The stored verdicts that apply to one client of a package set. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ...catalogue.packages import CLIENTS, PACKAGES, pool_of
from ...cells.cell import variant_name
from ...cells.groups import Group, group_of
from ...ledger.stack import Entry, Stack
from ...verdict.words import Status
from ..inference.infer import Basis, Inferred
from .package_set import PackageSet, parsed

FAILING = frozenset({Status.FAIL, Status.FLAKY})

Own = frozenset[tuple[str, str]]
"""The verdicts of the user's own ledger: the name of the stack, and of the scenario variant."""


@dataclass(frozen=True)
class Known:
    """A stored verdict with the stack that it was measured on; `inferred` is the pair that it was taken from."""

    stack: Stack
    entry: Entry
    inferred: str | None = None
    basis: Basis | None = None
    """The basis of an inferred verdict."""
    own: bool = False
    """Whether it is from the user's own ledger."""

    @cached_property
    def name(self) -> str:
        """The name of the scenario variant."""
        return variant_name(self.entry.scenario, self.entry.variant)

    @cached_property
    def group(self) -> Group | None:
        """The trigger of the scenario variant; None where this poolgate does not declare it."""
        return group_of(self.entry.scenario, self.entry.variant)

    @property
    def fails(self) -> bool:
        return fails(self.entry)


def fails(entry: Entry) -> bool:
    """Return True for a verdict that differs from a correct pool, at least in some runs."""
    return entry.status in FAILING


def judged(entry: Entry) -> bool:
    """Return True for a verdict that counts: a failure, or a pass that is not stale."""
    return entry.passes or fails(entry)


def matching(stacks: Iterable[Stack], asked: PackageSet, client: str) -> list[Stack]:
    """Return the stacks that a client of a set was measured on.

    A release has the stacks that it resolved to; any other SPEC those with the same client and pool.
    """
    if asked.release is not None:
        release = "==".join(asked.release)
        return [stack for stack in stacks if client in stack.packages and release in stack.releases]
    wanted = _parsed(pool_of(asked.packages, client))
    return [stack for stack in stacks if client in stack.packages and _parsed(_pools(stack)) == wanted]


def best(asked: PackageSet, stacks: Iterable[Stack], own: Own = frozenset()) -> dict[str, Known]:
    """Return the judged scenario variants by name, each from the stack with the most packages in common."""
    ordered = sorted(stacks, key=lambda stack: _likeness(asked, stack))
    known: dict[str, Known] = {}
    for stack in ordered:
        for entry in filter(judged, stack.cells):
            name = variant_name(entry.scenario, entry.variant)
            known[name] = Known(stack, entry, own=bool(own) and (stack.name, name) in own)
    return known


def filled(known: dict[str, Known], others: Inferred | None) -> dict[str, Known]:
    """Return the verdicts by name, with inferred ones where none was measured."""
    cells = others.cells.items() if others else ()
    taken = {name: Known(cell.stack, cell.entry, cell.pair, cell.basis) for name, cell in cells if name not in known}
    return {**known, **taken}


Pool = tuple[tuple[str, str], ...]
"""A client and its pool with their versions."""


class LedgerIndex:
    """The judged verdicts of a ledger by pool and by the name of the scenario variant."""

    def __init__(self, stacks: Iterable[Stack]) -> None:
        self.verdicts: defaultdict[Pool, dict[str, Entry]] = defaultdict(dict)
        self.releases: defaultdict[Pool, set[str]] = defaultdict(set)
        self.passing: defaultdict[str, list[Stack]] = defaultdict(list)
        """The stacks on which a scenario variant passes."""
        for stack in stacks:
            self._add(stack)

    def _add(self, stack: Stack) -> None:
        """Add a stack. Where a variant has several verdicts with one pool, the failing one stays."""
        pool = _client_and_pool(stack)
        verdicts = self.verdicts[pool] if pool else {}
        self.releases[pool].update(stack.releases)
        for entry in filter(judged, stack.cells):
            name = variant_name(entry.scenario, entry.variant)
            if entry.passes:
                self.passing[name].append(stack)
            if name not in verdicts or fails(entry):
                verdicts[name] = entry


def _client_and_pool(stack: Stack) -> Pool:
    """Return client and pool of a stack, in this order; empty for a bare pool."""
    client = next((name for name in CLIENTS if name in stack.packages), None)
    return tuple(pool_of(stack.packages, client).items()) if client else ()


def _pools(stack: Stack) -> dict[str, str]:
    return {name: stack.packages[name] for name in PACKAGES if name in stack.packages}


def _parsed(packages: dict[str, str]) -> dict[str, object]:
    return {name: parsed(version) for name, version in packages.items()}


def _likeness(asked: PackageSet, stack: Stack) -> tuple[int, bool, str]:
    same = sum(stack.packages.get(name) == version for name, version in asked.packages.items())
    return same, stack.python == asked.python, stack.name


def owned(own: Iterable[Stack], shipped: Iterable[Stack]) -> Own:
    """Return which verdicts count from the user's ledger: all but stale ones that the shipped ledger has too."""
    known = {stack.name: {variant_name(entry.scenario, entry.variant) for entry in stack.cells} for stack in shipped}
    pairs = ((stack.name, entry) for stack in own for entry in stack.cells)
    named = ((name, variant_name(entry.scenario, entry.variant), entry.stale) for name, entry in pairs)
    return frozenset(
        (name, variant) for name, variant, stale in named if not stale or variant not in known.get(name, ())
    )
