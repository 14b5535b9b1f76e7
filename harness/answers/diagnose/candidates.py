"""Scenarios that end with the same failure, by stored verdicts, the likeliest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from ...cells.cell import variant_name
from ...cells.commands import run_command
from ...cells.groups import Group, group_of
from ...cells.select import UNDECLARED, undeclared
from ...ledger.stack import Entry, Stack
from ...scenarios import declared
from ...verdict.words import After, Freshness, Key, Status
from .likelihood import fits, group_rank, likelihood, rank, rare
from .nearest import Pair, by_distance, by_pair, clean_after, client_of, in_family, pair_of, spec_of
from .signatures import Side, Signature

FAILING = (Status.FAIL, Status.FLAKY)
LOST = (After.LEAKS, After.DEAD)


class StoredVerdict(msgspec.Struct, frozen=True):
    """A verdict from a ledger, of a scenario on the versions in question."""

    variant: dict[str, str]
    status: Status
    key: str | None
    python: str
    freshness: Freshness = Freshness.SAME


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that may explain the failure.

    `affected` is None if no version is known or none near it was measured. `inferred` names the measured pair where it
    is another than the one in question. `group` is what a program must do to meet it, `after` what is left of the pool.
    `clean` is the next release of the pool that passes; without a version, the one after the last that fails.
    """

    scenario: str
    requirement: str
    affected: bool | None
    fits: bool
    verdicts: list[StoredVerdict]
    again: str
    group: Group | None = None
    after: After | None = None
    inferred: str | None = None
    clean: str | None = None


def candidates(
    stacks: Iterable[Stack], packages: dict[str, str], met: list[Signature], uses: list[str], family: str = "httpx"
) -> list[Candidate]:
    """Return the scenarios that a release fails with these signatures: affected ones first, then by likelihood.

    `family` is the client whose releases count where no version is known.
    """
    asked = [one for one in met if one.side in (Side.POOL, Side.CONNECTION) or one.scenarios]
    named = client_of(packages, family)
    cells = in_family(by_pair(stacks), named or family)
    near = by_distance(cells, named, packages) if named else []
    ever = {entry.scenario for entries in cells.values() for entry in entries if _ends_with(entry, asked)}
    found = [
        (one, entry) for name in sorted(ever) for one, entry in _candidate(name, cells, near, packages, asked, uses)
    ]
    found.sort(key=lambda pair: (_affected(pair[0]), likelihood(pair[1], uses), pair[0].scenario))
    return [one for one, _ in _spread(found, uses)]


def _affected(one: Candidate) -> tuple[bool, bool, bool, bool]:
    """Return what orders candidates first; without a version in question, those that the newest releases still have."""
    return one.affected is False, not one.fits, not one.affected, one.affected is None and one.clean is not None


def _spread(found: list[tuple[Candidate, Entry]], uses: list[str]) -> list[tuple[Candidate, Entry]]:
    """Return candidates with at most two of a group together, unless the log shows the group."""
    groups: Counter[tuple[object, ...]] = Counter()
    places: dict[str, tuple[object, ...]] = {}
    for one, entry in found:
        group = group_rank(entry, uses)
        state = _affected(one)
        places[one.scenario] = (state, rare(group), groups[state, group] // 2 if group else 0)
        groups[state, group] += 1
    return sorted(found, key=lambda pair: places[pair[0].scenario])


def _ends_with(entry: Entry, met: list[Signature]) -> bool:
    """Return whether a run of the cell ended with one of the signatures, or lost slots, which ends in PoolTimeout."""
    if entry.status not in FAILING:
        return False
    asked = [one for one in met if not one.scenarios or entry.scenario in one.scenarios]
    if entry.after in LOST and any("PoolTimeout" in signature.errors for signature in asked):
        return True
    return any(_shows(key, signature) for key in entry.keys for signature in asked)


def _shows(key: str, signature: Signature) -> bool:
    run = Key.parse(key)
    raised = run.burst in signature.bursts and not set(run.errors).isdisjoint(signature.errors)
    return raised and run.after in signature.afters


def _candidate(
    name: str,
    cells: dict[Pair, list[Entry]],
    near: list[Pair],
    packages: dict[str, str],
    met: list[Signature],
    uses: list[str],
) -> Iterable[tuple[Candidate, Entry]]:
    """Yield the candidate of a scenario by the nearest pair that judges it, with the entry that shows it.

    A scenario that is not declared is a candidate only for a pair that has it.
    """
    pair = next((pair for pair in near if any(_judged(entry, name) for entry in cells[pair])), None)
    kept = undeclared(name, {}) is not None
    judged = [entry for entry in cells[pair] if _judged(entry, name)] if pair else []
    failing = sorted((entry for entry in judged if _ends_with(entry, met)), key=lambda one: rank(one, uses))
    exact = pair is None or dict(pair).items() >= dict(pair_of(packages)).items()
    if kept and not (judged and exact):
        return
    home, example = (pair, failing[0]) if pair and failing else _example(name, cells, met, uses)
    yield (
        Candidate(
            scenario=name,
            requirement=UNDECLARED if kept else declared()[name].requirement,
            affected=bool(failing) if pair else None,
            fits=fits(example, uses),
            verdicts=[_verdict(entry) for entry in failing or judged[:1]],
            again="poolgate report" if kept else _again(example, pair_of(packages) or home),
            group=group_of(name, example.variant),
            after=example.after,
            inferred=None if exact or pair is None else spec_of(pair),
            clean=clean_after(cells, example, home if failing else None),
        ),
        example,
    )


def _judged(entry: Entry, name: str) -> bool:
    """Return whether an entry is a verdict on a scenario; a pass that is stale is not one."""
    return entry.scenario == name and (entry.status in FAILING or entry.passes)


def _example(name: str, cells: dict[Pair, list[Entry]], met: list[Signature], uses: list[str]) -> tuple[Pair, Entry]:
    """Return the entry that ends so on the newest pair, where the pair in question has none."""
    of_scenario = {pair: [entry for entry in entries if entry.scenario == name] for pair, entries in cells.items()}
    failing = {pair: [one for one in entries if _ends_with(one, met)] for pair, entries in of_scenario.items()}
    newest = next(pair for pair in reversed(failing) if failing[pair])
    return newest, min(failing[newest], key=lambda entry: rank(entry, uses))


def _verdict(entry: Entry) -> StoredVerdict:
    return StoredVerdict(entry.variant, entry.status, entry.key, entry.python, entry.state.freshness)


def _again(entry: Entry, pair: Pair) -> str:
    declared_variant = {} if undeclared(entry.scenario, entry.variant) else entry.variant
    return run_command([variant_name(entry.scenario, declared_variant)], [spec_of(pair)])
