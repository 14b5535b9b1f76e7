"""The destination of `affected` is the best target for all findings together: recomputed by brute force."""

from __future__ import annotations

import functools
import itertools

import pytest
from packaging.version import Version
from support.answers import cell

from poolgate.answers.affected.answer import affected_answer
from poolgate.answers.affected.destination import Destination, smallest_step
from poolgate.answers.affected.evidence import best, filled, matching
from poolgate.answers.affected.package_set import PackageSet, package_set_of
from poolgate.answers.inference.infer import inferred
from poolgate.catalogue.packages import CLIENTS, POOLS
from poolgate.catalogue.releases import load
from poolgate.cells.cell import variant_name
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.targets.spec import pins_in
from poolgate.verdict.words import Status

Verdicts = dict[str, bool]


def stack(*releases: str, packages: dict[str, str], **statuses: str) -> Stack:
    """Return a stack with one verdict for each variant of gather-over-limit by its `ending`."""
    cells = []
    for name, status in statuses.items():
        variant = {} if name == "read" else {"ending": name}
        outcome = cell(status=status, variant=variant)
        cells.append(Entry(**outcome.fields(), instrument="x", python="3.11.7"))
    return Stack(python="3.11", packages=packages, releases=list(releases), cells=cells)


def pair(client: str, pool: str) -> dict[str, str]:
    return {"httpx": client, "httpcore": pool}


SUBJECT = stack("httpx==0.27.0", packages=pair("0.27.0", "1.0.2"), read="fail", close="pass")
ASKED = PackageSet("lock:uv.lock", pair("0.27.0", "1.0.2"))


def destination_of(*others: Stack, asked: PackageSet = ASKED, subject: Stack = SUBJECT) -> Destination | None:
    return affected_answer(asked, [subject, *others]).destination


def test_the_target_that_clears_more_than_it_adds_wins() -> None:
    adding = stack(packages=pair("0.27.0", "1.0.3"), read="pass", close="fail")
    clean = stack(packages=pair("0.28.0", "1.0.4"), read="pass", close="pass")
    found = destination_of(adding, clean)
    assert found == Destination(
        target="httpx==0.28.0,httpcore==1.0.4",
        clears=1,
        of=1,
        adds=0,
        pins={"httpx": ["0.27.0", "0.28.0"], "httpcore": ["1.0.2", "1.0.4"]},
    )
    assert destination_of(adding) is None, "what it clears it adds"


def test_of_equal_targets_the_one_with_fewer_changed_pins_wins() -> None:
    one = stack(packages=pair("0.27.0", "1.0.3"), read="pass", close="pass")
    two = stack(packages=pair("0.28.0", "1.0.9"), read="pass", close="pass")
    fork = stack("httpx2==2.0.0", packages={"httpx2": "2.0.0", "httpcore2": "2.0.0"}, read="pass", close="pass")
    found = destination_of(one, two, fork)
    assert found is not None
    assert found.target == "httpx==0.27.0,httpcore==1.0.3"


def test_a_target_has_to_be_judged_on_every_failing_cell() -> None:
    assert destination_of(stack(packages=pair("0.27.0", "1.0.9"), close="pass")) is None


def test_a_cell_that_only_one_side_has_is_not_compared() -> None:
    found = destination_of(stack(packages=pair("0.27.0", "1.0.9"), read="pass", lines="fail"))
    assert found is not None
    assert (found.clears, found.adds) == (1, 0)


def test_an_older_release_of_the_family_is_not_chosen() -> None:
    older = stack(packages=pair("0.26.0", "1.0.1"), read="pass", close="pass")
    assert destination_of(older) is None


def test_the_smallest_step_stays_in_the_family() -> None:
    fork = stack(
        "httpx2==2.1.0", packages={"httpx2": "2.1.0", "httpcore2": "2.1.0"}, read="pass", close="pass", x="pass"
    )
    subject = stack(packages=pair("0.27.0", "1.0.2"), read="fail", close="fail")
    steps = [
        stack(packages=pair("0.27.0", version), read="pass", close="fail") for version in ("1.0.5", "1.0.3", "1.0.9")
    ]
    (client,) = affected_answer(ASKED, [subject, fork, *steps]).clients
    assert client.destination is not None
    assert client.destination.target == "httpx2==2.1.0"
    assert client.smallest_step is not None
    assert client.smallest_step.target == "httpx==0.27.0,httpcore==1.0.3"
    assert smallest_step([], "httpx") is None


@functools.cache
def shipped() -> list[Stack]:
    return Ledger(SHIPPED).stacks


@functools.cache
def pools() -> dict[tuple[str, str, str], Verdicts]:
    """Return whether each judged variant passes, by client, its version and that of its pool; a failure decides."""
    found: dict[tuple[str, str, str], Verdicts] = {}
    for each, (client, pool) in itertools.product(shipped(), zip(CLIENTS, POOLS, strict=True)):
        if client not in each.packages:
            continue
        verdicts = found.setdefault((client, each.packages[client], each.packages.get(pool, "")), {})
        for entry in each.cells:
            if entry.status in {Status.PASS, Status.FAIL, Status.FLAKY} and not (entry.stale and entry.passes):
                name = variant_name(entry.scenario, entry.variant)
                verdicts[name] = verdicts.get(name, True) and entry.status is Status.PASS
    return found


def gain(subject: Verdicts, other: Verdicts) -> int | None:
    failing = [name for name, passes in subject.items() if not passes]
    if any(name not in other for name in failing):
        return None
    cleared = sum(other[name] for name in failing)
    return cleared - sum(not other.get(name, True) for name, passes in subject.items() if passes)


TRIED = [
    f"{line}=={release.version}" for line in ("httpx", "httpcore", "httpx2") for release in load().releases(line)[-30:]
]


@pytest.mark.parametrize("spec", TRIED)
def test_no_other_target_has_a_greater_gain(spec: str) -> None:
    """For each release of three lines, over every pair that was measured."""
    asked = package_set_of(spec)
    answer = affected_answer(asked, shipped())
    for client in answer.clients:
        own = (client.client, *client.packages.values(), "")[:3]
        found = (
            gain(_subject(asked, client.client), verdicts)
            for key, verdicts in pools().items()
            if _newer((own[0], own[1], own[2]), key)
        )
        best = max((each for each in found if each is not None), default=0)
        if client.destination is None:
            assert best <= 0 or not client.affected
        else:
            assert client.destination.clears - client.destination.adds == best
            assert pins_in(client.destination.target)


def _subject(asked: PackageSet, client: str) -> Verdicts:
    """Return what is known of the subject itself; inferred verdicts count."""
    measured = best(asked, matching(shipped(), asked, client))
    known = filled(measured, inferred(asked.packages, client, shipped(), asked.python))
    return {name: each.entry.passes for name, each in known.items()}


def _newer(own: tuple[str, str, str], key: tuple[str, str, str]) -> bool:
    """Return whether a pair is of another client, or newer."""
    if key[0] != own[0]:
        return True
    versions = [(Version(before or "0"), Version(after or "0")) for before, after in zip(own[1:], key[1:], strict=True)]
    return own != key and all(after >= before for before, after in versions)
