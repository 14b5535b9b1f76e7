"""Findings about a set of packages, from stored verdicts. Pure: takes the stacks of a ledger, returns findings."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Literal

import msgspec

from ...catalogue.packages import CLIENTS, PACKAGES, POOLS, RELEVANT
from ...cells.cell import variant_name
from ...cells.commands import replay
from ...ledger.stack import Entry, Stack
from ...verdict.rate import Rate
from ...verdict.wording import consequence
from ...verdict.words import After, Burst, Freshness, Status
from .nearest_fix import nearest
from .package_set import PackageSet, parsed, pool_of


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that does not pass with the packages. `nearest_clean` is a SPEC; None if no stored verdict passes."""

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


class AffectedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `affected`. `judged` counts the stored verdicts that apply, `remarks` names their limits."""

    schema: Literal["poolgate/affected"] = "poolgate/affected"
    version: Literal[1] = 1
    target: str
    packages: dict[str, str]
    judged: int
    findings: list[Finding]
    remarks: list[str]


def affected_answer(asked: PackageSet, stacks: list[Stack]) -> AffectedAnswer:
    """Return all findings of the stacks about a package set, for each client in it with its pool."""
    findings: list[Finding] = []
    remarks = list(asked.notes)
    judged = 0
    for client in asked.clients:
        matching = [stack for stack in stacks if _matches(stack, asked, client)]
        known = _best(asked, matching)
        judged += len(known)
        findings += [_finding(asked, client, stack, entry, stacks) for stack, entry in known if _fails(entry)]
        remarks += [*_remarks(asked, client, known, stacks), *_outdated(matching)]
    return AffectedAnswer(target=asked.spec, packages=asked.packages, judged=judged, findings=findings, remarks=remarks)


def _matches(stack: Stack, asked: PackageSet, client: str) -> bool:
    """Return whether the release resolved to this stack; for other SPECs, whether client and pool are the same."""
    if asked.release is not None:
        return client in stack.packages and "==".join(asked.release) in stack.releases
    measured = {name: stack.packages[name] for name in PACKAGES if name in stack.packages}
    wanted = pool_of(asked.packages, client)
    return measured.keys() == wanted.keys() and all(parsed(measured[name]) == parsed(wanted[name]) for name in wanted)


def _best(asked: PackageSet, stacks: list[Stack]) -> list[tuple[Stack, Entry]]:
    """Return each scenario variant once, from the stack with the most packages in common."""
    best: dict[str, tuple[Stack, Entry]] = {}
    for stack in sorted(stacks, key=lambda stack: _likeness(asked, stack)):
        best |= {variant_name(entry.scenario, entry.variant): (stack, entry) for entry in stack.cells if _judged(entry)}
    return [best[name] for name in sorted(best)]


def _likeness(asked: PackageSet, stack: Stack) -> tuple[int, bool, str]:
    same = sum(stack.packages.get(name) == version for name, version in asked.packages.items())
    return same, stack.python == asked.python, stack.name


def _judged(entry: Entry) -> bool:
    return entry.passes or _fails(entry)


def _fails(entry: Entry) -> bool:
    return entry.status in {Status.FAIL, Status.FLAKY}


def _finding(asked: PackageSet, client: str, stack: Stack, entry: Entry, stacks: list[Stack]) -> Finding:
    name = variant_name(entry.scenario, entry.variant)
    clean = [other for other in stacks if _passes(other, entry)]
    return Finding(
        scenario=name,
        status=entry.status,
        burst=entry.burst,
        after=entry.after,
        rate=entry.rate,
        nearest_clean=nearest(asked, client, stack, clean),
        consequence=consequence(entry),
        measured_on={name: version for name, version in stack.packages.items() if name in RELEVANT},
        python=entry.python,
        command=replay(name, asked.spec),
        freshness=entry.state.freshness,
    )


def _passes(stack: Stack, entry: Entry) -> bool:
    found = stack.find(entry.scenario, entry.variant)
    return found is not None and found.passes


def _remarks(asked: PackageSet, client: str, known: list[tuple[Stack, Entry]], stacks: list[Stack]) -> Iterator[str]:
    """Yield what limits the answer: newer than the evidence, not measured together, measured with other packages."""
    wanted = pool_of(asked.packages, client)
    for name, version in wanted.items():
        newest = max((parsed(stack.packages[name]) for stack in stacks if name in stack.packages), default=None)
        if newest is not None and parsed(version) > newest:
            yield f"{name} {version} is newer than the evidence, which ends with {newest}"
    if not known:
        names = " and ".join(f"{name} {version}" for name, version in wanted.items())
        missing = "were never measured together" if len(wanted) > 1 else "was never measured"
        yield f"{names} {missing}; measure here: `poolgate run all --target {shlex.quote(asked.spec)}`"
        yield from _elsewhere(client, wanted, stacks)
    pythons = sorted({stack.python for stack, _ in known})
    if asked.python and pythons and asked.python not in pythons:
        yield f"measured on Python {', '.join(pythons)}, not on {asked.python}"
    for name, version in asked.packages.items():
        others = sorted({stack.packages[name] for stack, _ in known if stack.packages.get(name, version) != version})
        if others:
            yield f"measured with {name} {', '.join(others)}, not with {version}"


def _outdated(stacks: list[Stack]) -> Iterator[str]:
    """Yield how many verdicts are stale, with the passes left out, and how many are qualified; each with the reason."""
    stale = [entry for stack in stacks for entry in stack.cells if entry.stale]
    if stale:
        left_out = sum(entry.status is Status.PASS for entry in stale)
        why = "; ".join(sorted({entry.state.why or "" for entry in stale}))
        yield f"{len(stale)} stored verdicts are stale ({why}); {left_out} that passed are left out"
    qualified = [entry for stack in stacks for entry in stack.cells if entry.state.freshness is Freshness.QUALIFIED]
    if qualified:
        why = "; ".join(sorted({entry.state.why or "" for entry in qualified}))
        yield f"{len(qualified)} stored verdicts are qualified ({why}): sentinels were measured again, not these"


def _elsewhere(client: str, wanted: dict[str, str], stacks: list[Stack]) -> Iterator[str]:
    """Yield where the pool was measured with another version of its client: the pool causes most findings."""
    pool = POOLS[CLIENTS.index(client)]
    release = f"{pool}=={wanted.get(pool)}"
    others = [stack for stack in stacks if release in stack.releases]
    if others:
        measured = f"{pool} {wanted[pool]} was measured with {client} {others[0].packages[client]}"
        yield f"{measured}: see `poolgate affected {release}`"
