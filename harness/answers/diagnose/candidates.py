"""Which scenarios a failure may be, by what the ledger keeps; and what tells a leak from back-pressure in a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ...catalogue.packages import PACKAGES
from ...cells.cell import variant_name
from ...cells.select import UNDECLARED, undeclared
from ...ledger.stack import Entry, Stack
from ...scenarios import declared
from ...scenarios.declaration.scenario import Scenario, complete
from ...verdict.words import After, Burst, Freshness, Status
from .signatures import Signature

FAILING = (Status.FAIL, Status.FLAKY)
_LOST = (After.LEAKS, After.DEAD)


class Verdict(msgspec.Struct, frozen=True):
    """A stored verdict of a scenario on the versions in question."""

    variant: dict[str, str]
    status: Status
    key: str | None
    python: str
    freshness: Freshness = Freshness.SAME


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that may be it. `affected` is None where these versions were never measured."""

    scenario: str
    requirement: str
    affected: bool | None
    fits: bool
    verdicts: list[Verdict]
    again: str


class Check(msgspec.Struct, frozen=True):
    """Something to do in the reader's own program, and what either outcome means."""

    do: str
    leak: str
    back_pressure: str


def candidates(
    stacks: Iterable[Stack], packages: dict[str, str], met: list[Signature], uses: list[str]
) -> list[Candidate]:
    """The scenarios that ever ended so, those first that do on these versions and fit what the log shows."""
    named = {name: version for name, version in packages.items() if name in PACKAGES}
    ever: set[str] = set()
    here: dict[str, list[Verdict]] = {}
    for stack in stacks:
        ours = bool(named) and named.items() <= stack.packages.items()
        for entry in stack.cells:
            if _ends_so(entry, met):
                ever.add(entry.scenario)
            if ours:
                here.setdefault(entry.scenario, []).append(_verdict(entry))
    known = declared()
    found = [_candidate(known[name], here.get(name, []), named, uses) for name in sorted(ever) if name in known]
    found.sort(key=lambda one: (one.affected is False, not one.fits, not one.affected, one.scenario))
    return [*found, *(_kept(name, here[name]) for name in sorted(ever & here.keys() - known.keys()))]


def _ends_so(entry: Entry, met: list[Signature]) -> bool:
    """Whether some run of a cell ended as the signatures say, or lost slots: then PoolTimeout is what follows."""
    if entry.status not in FAILING:
        return False
    if entry.after in _LOST and any("PoolTimeout" in signature.errors for signature in met):
        return True
    return any(_shows(key, signature) for key in entry.keys for signature in met)


def _shows(key: str, signature: Signature) -> bool:
    burst, _, rest = key.partition("/")
    errors = set(rest.partition("/")[2].split("+"))
    return burst in {word.value for word in signature.bursts} and bool(errors & set(signature.errors))


def _verdict(entry: Entry) -> Verdict:
    return Verdict(entry.variant, entry.status, entry.key, entry.python, entry.state.freshness)


def _stale(verdict: Verdict) -> bool:
    return verdict.freshness is Freshness.STALE


def _candidate(scenario: Scenario, verdicts: list[Verdict], named: dict[str, str], uses: list[str]) -> Candidate:
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


def _kept(scenario: str, verdicts: list[Verdict]) -> Candidate:
    """A scenario that a ledger names and this poolgate does not declare: its verdicts on these versions are kept."""
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
    """Whether a scenario uses its client as the log shows; what does not show speaks for nothing."""
    cancels = any(request.cancelled is not None for request in scenario.load(complete(scenario, {})).requests)
    if ("threads" in uses) != ("async" in uses) and scenario.threads != ("threads" in uses):
        return False
    return cancels or "cancelled" not in uses


def checks_for(met: list[Signature], uses: list[str]) -> Iterator[Check]:
    """What to look at in the program that failed, the cheapest first."""
    yield Check(
        "count your own requests: one up before each send, one down in a finally; log the count with each failure",
        "fewer are in flight than max_connections: slots are gone that nobody holds",
        "as many as max_connections, or more: the queue is longer than its timeout",
    )
    if any(Burst.BACK_PRESSURE in signature.bursts for signature in met):
        yield Check(
            "stop the load, wait keepalive_expiry and a second more, then send max_connections requests at once",
            "some of them wait until PoolTimeout",
            "all of them are served at once",
        )
        yield Check(
            "look when the failures come",
            "they begin at one moment and never stop, whatever the load, until the client is made anew",
            "they come and go with the load",
        )
    if "cancelled" in uses:
        yield Check(
            "compare the first cancellation (a timeout around a request, a user who left) with the first failure",
            "no failure before it, and more slots gone with each",
            "failures without any cancellation",
        )
    yield Check(
        "look for stream(...) and send(stream=True) that are not left by `with`, close() or aclose() on every path",
        "one that is never closed keeps its slot, by contract: that leak is the program's own",
        "each is closed; then the time until it is closed counts as use of a slot",
    )
    yield Check(
        "print client._transport._pool.connections with a failure (it is not public: to look at, not to build on)",
        "connections are active or connecting without a request of yours",
        "each active connection is a request of yours",
    )
