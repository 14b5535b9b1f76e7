"""The limits of an answer from stored verdicts, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...catalogue.packages import CLIENTS, POOLS, pool_of
from ...catalogue.releases import load
from ...catalogue.requirements import admits
from ...cells.commands import run_command
from ...ledger.chance import Column, uncertain
from ...ledger.stack import Stack
from ...verdict.words import Freshness, Status
from ..inference.infer import MEANING, Basis
from .evidence import Known
from .package_set import PackageSet, parsed


def remarks(asked: PackageSet, client: str, known: list[Known], stacks: list[Stack]) -> Iterator[str]:
    """Yield what limits the answer: newer than the evidence, not measured together, measured with other packages."""
    wanted = pool_of(asked.packages, client)
    yield from _newer(wanted, stacks)
    yield from _refused(client, wanted)
    yield from _inferred(asked, [each for each in known if each.inferred])
    if all(each.inferred for each in known):
        names = " and ".join(f"{name} {version}" for name, version in wanted.items())
        missing = "were never measured together" if len(wanted) > 1 else "was never measured"
        yield f"{names} {missing}; measure here: `{run_command(['all'], [asked.spec])}`"
    pythons = sorted({each.stack.python for each in known})
    if asked.python and pythons and asked.python not in pythons:
        yield f"measured on Python {', '.join(pythons)}, not on {asked.python}"
    for name, version in asked.packages.items():
        if name not in (*CLIENTS, *POOLS):
            others = {each.stack.packages[name] for each in known if each.stack.packages.get(name, version) != version}
            if others:
                yield f"measured with {name} {', '.join(sorted(others))}, not with {version}"


def races(known: Iterable[Known], flaky: frozenset[Column]) -> Iterator[str]:
    """Yield how many passes rest on a few runs of a race that fails on a release of the same series."""
    names = [each.name for each in known if uncertain(flaky, each.stack.packages, each.entry)]
    if names:
        passes = f"{len(names)} passes are" if len(names) > 1 else "1 pass is"
        yield f"{passes} a few runs of a race that is lost on a neighbouring release: {', '.join(sorted(names)[:3])}"


def _refused(client: str, wanted: dict[str, str]) -> Iterator[str]:
    """Yield that the client's requirement excludes the pool."""
    release = load().known(client, wanted[client])
    for pool, version in wanted.items():
        if pool != client and release and release.requirement and not admits(release, pool, version):
            named = f"{client} {release.version} requires {release.requirement}"
            yield f"{named}: no resolver takes {pool} {version} for it"


def _inferred(asked: PackageSet, known: list[Known]) -> Iterator[str]:
    """Yield which pairs verdicts are inferred from, by the basis; a stronger one first."""
    for basis in Basis:
        pairs = sorted({each.inferred or "" for each in known if each.basis is basis})
        if pairs:
            count = sum(each.basis is basis for each in known)
            more = f" and {len(pairs) - 2} more" if len(pairs) > 2 else ""
            yield f"{count} verdicts are inferred from {', '.join(pairs[:2])}{more}: {MEANING[basis]}"


def freshness(stacks: Iterable[Stack]) -> Iterator[str]:
    """Yield how many verdicts are stale, with the passes left out, and how many are qualified."""
    entries = [entry for stack in stacks for entry in stack.cells]
    stale = [entry for entry in entries if entry.stale]
    if stale:
        why = "; ".join(sorted({entry.state.why or "" for entry in stale}))
        left_out = sum(entry.status is Status.PASS for entry in stale)
        yield f"{len(stale)} stored verdicts are stale ({why}); {left_out} that passed are left out"
    qualified = sum(entry.state.freshness is Freshness.QUALIFIED for entry in entries)
    if qualified:
        yield f"{qualified} verdicts are qualified: the instrument has changed since, and sentinels agree"


def _newer(wanted: dict[str, str], stacks: list[Stack]) -> Iterator[str]:
    for name, version in wanted.items():
        newest = max((parsed(stack.packages[name]) for stack in stacks if name in stack.packages), default=None)
        if newest is not None and parsed(version) > newest:
            yield f"{name} {version} is newer than the evidence, which ends with {newest}"
        elif load().known(name, version) is None:
            yield f"{name} {version} is not a final release that is known here: nothing was measured with it"
