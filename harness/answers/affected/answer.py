"""What stored verdicts say about a set of packages. Pure: a ledger's stacks in, findings out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Literal

import msgspec

from ...catalogue.packages import CLIENTS, PACKAGES, POOLS, RELEVANT
from ...cells.cell import variant_name
from ...ledger.stack import Entry, Stack
from ...verdict.rate import Rate
from ...verdict.wording import consequence
from ...verdict.words import After, Burst, Freshness, Status
from .nearest_fix import nearest
from .package_set import Subject, parsed, pool_of


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario that does not pass there. `nearest_clean` is a SPEC, or None where no stored verdict passes."""

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
    """The answer of `affected`. `judged` counts the verdicts that are known of it, `remarks` says what limits them."""

    schema: Literal["poolgate/affected"] = "poolgate/affected"
    version: Literal[1] = 1
    target: str
    packages: dict[str, str]
    judged: int
    findings: list[Finding]
    remarks: list[str]


def answer_of(subject: Subject, stacks: list[Stack]) -> AffectedAnswer:
    """Everything that the stacks know about a subject, each client of it with its pool."""
    findings: list[Finding] = []
    remarks: list[str] = []
    judged = 0
    for client in subject.clients:
        ours = [stack for stack in stacks if _is_of(stack, subject, client)]
        known = _best(subject, ours)
        judged += len(known)
        findings += [_finding(subject, client, stack, entry, stacks) for stack, entry in known if _fails(entry)]
        remarks += [*_remarks(subject, client, known, stacks), *_outdated(ours)]
    return AffectedAnswer(
        target=subject.spec, packages=subject.packages, judged=judged, findings=findings, remarks=remarks
    )


def _is_of(stack: Stack, subject: Subject, client: str) -> bool:
    """Whether a stack is what a release resolved to, or has just this client and pool."""
    if subject.release is not None:
        return client in stack.packages and "==".join(subject.release) in stack.releases
    theirs = {name: stack.packages[name] for name in PACKAGES if name in stack.packages}
    ours = pool_of(subject.packages, client)
    return theirs.keys() == ours.keys() and all(parsed(theirs[name]) == parsed(ours[name]) for name in ours)


def _best(subject: Subject, stacks: list[Stack]) -> list[tuple[Stack, Entry]]:
    """Each scenario variant once, from the stack that is most like the subject."""
    best: dict[str, tuple[Stack, Entry]] = {}
    for stack in sorted(stacks, key=lambda stack: _likeness(subject, stack)):
        best |= {variant_name(entry.scenario, entry.variant): (stack, entry) for entry in stack.cells if _judged(entry)}
    return [best[name] for name in sorted(best)]


def _likeness(subject: Subject, stack: Stack) -> tuple[int, bool, str]:
    same = sum(stack.packages.get(name) == version for name, version in subject.packages.items())
    return same, stack.python == subject.python, stack.name


def _judged(entry: Entry) -> bool:
    return entry.passes or _fails(entry)


def _fails(entry: Entry) -> bool:
    return entry.status in {Status.FAIL, Status.FLAKY}


def _finding(subject: Subject, client: str, stack: Stack, entry: Entry, stacks: list[Stack]) -> Finding:
    name = variant_name(entry.scenario, entry.variant)
    clean = [other for other in stacks if _passes(other, entry)]
    return Finding(
        scenario=name,
        status=entry.status,
        burst=entry.burst,
        after=entry.after,
        rate=entry.rate,
        nearest_clean=nearest(subject, client, stack, clean),
        consequence=consequence(entry),
        measured_on={name: version for name, version in stack.packages.items() if name in RELEVANT},
        python=entry.python,
        command=shlex.join(["poolgate", "run", name, "--target", subject.spec, "--again"]),
        freshness=entry.state.freshness,
    )


def _passes(stack: Stack, entry: Entry) -> bool:
    found = stack.find(entry.scenario, entry.variant)
    return found is not None and found.passes


def _remarks(subject: Subject, client: str, known: list[tuple[Stack, Entry]], stacks: list[Stack]) -> Iterator[str]:
    """What limits the answer: newer than the evidence, never measured together, measured beside other packages."""
    ours = pool_of(subject.packages, client)
    for name, version in ours.items():
        newest = max((parsed(stack.packages[name]) for stack in stacks if name in stack.packages), default=None)
        if newest is not None and parsed(version) > newest:
            yield f"{name} {version} is newer than the evidence, which ends with {newest}"
    if not known:
        told = " and ".join(f"{name} {version}" for name, version in ours.items())
        together = "were never measured together" if len(ours) > 1 else "was never measured"
        yield f"{told} {together}: `poolgate run all --target {shlex.quote(subject.spec)}` does it here"
        yield from _elsewhere(client, ours, stacks)
    pythons = sorted({stack.python for stack, _ in known})
    if subject.python and pythons and subject.python not in pythons:
        yield f"measured on Python {', '.join(pythons)}, not on {subject.python}"
    for name, version in subject.packages.items():
        others = sorted({stack.packages[name] for stack, _ in known if stack.packages.get(name, version) != version})
        if others:
            yield f"measured with {name} {', '.join(others)}, not with {version}"


def _outdated(stacks: list[Stack]) -> Iterator[str]:
    """Yield what is stale, with the passes that were left out, and what is qualified; each with its reason."""
    stale = [entry for stack in stacks for entry in stack.cells if entry.stale]
    if stale:
        left_out = sum(entry.status is Status.PASS for entry in stale)
        why = "; ".join(sorted({entry.state.why or "" for entry in stale}))
        yield f"{len(stale)} stored verdicts are stale ({why}); {left_out} that passed are left out"
    qualified = [entry for stack in stacks for entry in stack.cells if entry.state.freshness is Freshness.QUALIFIED]
    if qualified:
        why = "; ".join(sorted({entry.state.why or "" for entry in qualified}))
        yield f"{len(qualified)} stored verdicts are qualified ({why}): sentinels were measured again, not these"


def _elsewhere(client: str, ours: dict[str, str], stacks: list[Stack]) -> Iterator[str]:
    """Where the pool was measured with another version of its client: that is where most findings come from."""
    pool = POOLS[CLIENTS.index(client)]
    release = f"{pool}=={ours.get(pool)}"
    others = [stack for stack in stacks if release in stack.releases]
    if others:
        told = f"{pool} {ours[pool]} was measured with {client} {others[0].packages[client]}"
        yield f"{told}: see `poolgate affected {release}`"
