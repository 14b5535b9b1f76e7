"""Scenarios that end with the same failure, by stored verdicts; and checks that separate a leak from back-pressure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ...catalogue.packages import POOL_PACKAGES
from ...cells.cell import variant_name
from ...cells.select import UNDECLARED, undeclared
from ...ledger.stack import Entry, Stack
from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario, complete
from ...verdict.words import After, Burst, Freshness, Key, Status
from .signatures import Signature

FAILING = (Status.FAIL, Status.FLAKY)
_LOST = (After.LEAKS, After.DEAD)


class StoredVerdict(msgspec.Struct, frozen=True):
    """A verdict from a ledger, of a scenario on the versions in question."""

    variant: dict[str, str]
    status: Status
    key: str | None
    python: str
    freshness: Freshness = Freshness.SAME


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that may explain the failure. `affected` is None if these versions were never measured."""

    scenario: str
    requirement: str
    affected: bool | None
    fits: bool
    verdicts: list[StoredVerdict]
    again: str


class Check(msgspec.Struct, frozen=True):
    """A check to make in the program that failed, and what each of its two outcomes means."""

    do: str
    leak: str
    back_pressure: str


def candidates(
    stacks: Iterable[Stack], packages: dict[str, str], met: list[Signature], uses: list[str]
) -> list[Candidate]:
    """Return the scenarios that a release fails with these signatures; failing on these versions first."""
    named = {name: version for name, version in packages.items() if name in POOL_PACKAGES}
    ever: set[str] = set()
    here: dict[str, list[StoredVerdict]] = {}
    for stack in stacks:
        matches = bool(named) and named.items() <= stack.packages.items()
        for entry in stack.cells:
            if _ends_with(entry, met):
                ever.add(entry.scenario)
            if matches:
                here.setdefault(entry.scenario, []).append(_verdict(entry))
    known = declared()
    found = [_candidate(known[name], here.get(name, []), named, uses) for name in sorted(ever) if name in known]
    found.sort(key=lambda one: (one.affected is False, not one.fits, not one.affected, one.scenario))
    return [*found, *(_kept(name, here[name]) for name in sorted(ever & here.keys() - known.keys()))]


def _ends_with(entry: Entry, met: list[Signature]) -> bool:
    """Return whether a run of the cell ended with one of the signatures, or lost slots, which ends in PoolTimeout."""
    if entry.status not in FAILING:
        return False
    if entry.after in _LOST and any("PoolTimeout" in signature.errors for signature in met):
        return True
    return any(_shows(key, signature) for key in entry.keys for signature in met)


def _shows(key: str, signature: Signature) -> bool:
    run = Key.parse(key)
    return run.burst in signature.bursts and not set(run.errors).isdisjoint(signature.errors)


def _verdict(entry: Entry) -> StoredVerdict:
    return StoredVerdict(entry.variant, entry.status, entry.key, entry.python, entry.state.freshness)


def _stale(verdict: StoredVerdict) -> bool:
    return verdict.freshness is Freshness.STALE


def _candidate(scenario: Scenario, verdicts: list[StoredVerdict], named: dict[str, str], uses: list[str]) -> Candidate:
    failing = [verdict for verdict in verdicts if verdict.status in FAILING]
    judged = [verdict for verdict in failing if verdict.key is not None]
    judged += [verdict for verdict in verdicts if verdict.status is Status.PASS and not _stale(verdict)]
    spec = ",".join(f"{name}=={version}" for name, version in named.items()) or "SPEC"
    variants = (verdict.variant for verdict in failing if undeclared(scenario.id, verdict.variant) is None)
    name = variant_name(scenario.id, next(variants, {}))
    return Candidate(
        scenario=scenario.id,
        requirement=scenario.requirement,
        affected=bool(failing) if judged else None,
        fits=_fits(scenario, uses),
        verdicts=failing or judged[:1],
        again=f"poolgate run '{name}' --target '{spec}'",
    )


def _kept(scenario: str, verdicts: list[StoredVerdict]) -> Candidate:
    """Return a candidate for a scenario that is in a ledger but not declared, with its verdicts on these versions."""
    failing = [verdict for verdict in verdicts if verdict.status in FAILING]
    judged = [verdict for verdict in verdicts if verdict.key is not None]
    return Candidate(
        scenario=scenario,
        requirement=UNDECLARED,
        affected=bool(failing) if judged else None,
        fits=True,
        verdicts=failing or judged[:1],
        again="poolgate report",
    )


def _fits(scenario: Scenario, uses: list[str]) -> bool:
    """Return whether a scenario uses its client as the log shows; a use that the log does not show is ignored."""
    cancels = any(request.cancelled is not None for request in scenario.load(complete(scenario, {})).requests)
    if ("threads" in uses) != ("async" in uses) and scenario.threads != ("threads" in uses):
        return False
    return cancels or "cancelled" not in uses


def checks_for(met: list[Signature], uses: list[str]) -> Iterator[Check]:
    """Yield checks to make in the program that failed, the cheapest first."""
    yield Check(
        "count your own requests: add one before each send, subtract one in a finally; log the count with each failure",
        "fewer than max_connections are in flight: slots are lost",
        "max_connections or more are in flight: requests wait in the queue longer than their timeout",
    )
    if any(Burst.BACK_PRESSURE in signature.bursts for signature in met):
        yield Check(
            "stop the load, wait keepalive_expiry and a second more, then send max_connections requests at once",
            "some of them wait until PoolTimeout",
            "all of them are served at once",
        )
        yield Check(
            "look at when the failures occur",
            "they begin at one moment and do not stop at any load until the client is replaced",
            "they come and go with the load",
        )
    if "cancelled" in uses:
        yield Check(
            "compare the first cancellation (such as a timeout around a request) with the first failure",
            "no failure before it, and more slots lost after each cancellation",
            "failures without any cancellation",
        )
    yield Check(
        "look for stream(...) and send(stream=True) without `with`, close() or aclose() on every path",
        "a response that is never closed keeps its slot, by contract: the program itself leaks",
        "each is closed; a slot is in use until then",
    )
    yield Check(
        "print client._transport._pool.connections with a failure (a private attribute: only for inspection)",
        "connections are active or connecting without a request of yours",
        "each active connection is a request of yours",
    )
