"""Verdicts of pairs that were never measured: taken from a pair with the same pool, and never without its name."""

from __future__ import annotations

import msgspec
import pytest
from conftest import DATA
from support.answers import cell

from poolgate.answers.affected.package_set import package_set_of
from poolgate.answers.inference.infer import MEANING, Basis, Inferred, inferred
from poolgate.answers.inference.pool_code import load_pool_code
from poolgate.catalogue.packages import CLIENTS
from poolgate.catalogue.releases import load
from poolgate.catalogue.requirements import installable_pairs
from poolgate.cells.uses import Use, use_of
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.verdict.words import Status

SHIPPED_STACKS = Ledger(SHIPPED).stacks
LOCKS = DATA / "locks" / "inferred"


def stack(status: str = "fail", python: str = "3.11", scenario: str = "gather-over-limit", **packages: str) -> Stack:
    """Return a stack with one verdict; its packages are the named ones and h11."""
    outcome = msgspec.structs.replace(cell(status=status), scenario=scenario)
    entry = Entry(**outcome.fields(), instrument="x", python=f"{python}.7")
    return Stack(python=python, packages={"h11": "0.14.0", **packages}, releases=[], cells=[entry])


def of(packages: dict[str, str], stacks: list[Stack] = SHIPPED_STACKS, python: str = "3.11") -> Inferred | None:
    client = next(name for name in CLIENTS if name in packages)
    return inferred(packages, client, stacks, python)


def source(packages: dict[str, str], *stacks: Stack) -> tuple[str, Basis] | None:
    """Return the pair and the basis of the only verdict."""
    found = of(packages, list(stacks))
    if found is None or not found.cells:
        return None
    (taken,) = found.cells.values()
    return taken.pair, taken.basis


@pytest.mark.parametrize(
    ("lock", "pair", "known_bad"),
    [
        ("common-pair-unknown.txt", "httpx 0.28.1 with httpcore 1.0.5", "queue-timeout"),
        ("known-bad-pair.txt", "httpx 0.28.1 with httpcore 1.0.2", "cancel-task-group"),
    ],
)
def test_a_pair_of_a_lock_has_the_findings_of_its_pool(lock: str, pair: str, known_bad: str) -> None:
    asked = package_set_of(f"lock:{LOCKS / lock}")
    found = of(asked.packages, python=asked.python)
    assert found is not None
    assert {taken.pair for taken in found.cells.values()} == {pair}
    assert found.cells[known_bad].entry.status in {Status.FAIL, Status.FLAKY}
    measured = {
        entry.scenario
        for stack in SHIPPED_STACKS
        if all(f"{name} {stack.packages.get(name)}" in pair for name in ("httpx", "httpcore"))
        for entry in stack.cells
        if entry.status in {Status.FAIL, Status.FLAKY}
    }
    failing = {taken.entry.scenario for taken in found.cells.values() if not taken.entry.passes}
    assert failing == measured - {name.partition("[")[0] for name in found.left_out}


def test_every_pair_that_can_be_installed_has_an_answer() -> None:
    """Verdicts of its own, inferred verdicts, or the reason why the client can't use the pool."""
    names = {*CLIENTS, "httpcore", "httpcore2", "httpcorexyz"}
    measured = {
        frozenset((name, version) for name, version in stack.packages.items() if name in names)
        for stack in SHIPPED_STACKS
        if any(entry.passes or entry.status in {Status.FAIL, Status.FLAKY} for entry in stack.cells)
    }
    pairs = list(installable_pairs(load()))
    assert len(pairs) > 300
    for pair in pairs:
        if frozenset(pair.items()) not in measured:
            found = of(pair)
            assert found is not None, pair
            assert found.cells or found.broken, pair


def test_a_client_that_uses_what_the_pool_does_not_have_can_not_use_it() -> None:
    """The requirement of httpx 0.25.1 has no bounds; its client raises AttributeError with httpcore 0.13.7."""
    found = of({"httpx": "0.25.1", "httpcore": "0.13.7"})
    assert found == Inferred({}, broken="httpcore 0.13.7 has no ConnectionPool, Request, URL, which httpx 0.25.1 uses")


def test_a_placeholder_has_no_client() -> None:
    assert of({"httpx2": "0.0.0"}) == Inferred(
        {}, broken="httpx2 0.0.0 is a placeholder for the name, without a client"
    )


def test_the_same_code_comes_before_a_nearer_release() -> None:
    """The pool-related code of httpx 0.25.0 to 0.25.2 is the same; 0.26.0 changes it."""
    near, same = stack(httpx="0.26.0", httpcore="1.0.4"), stack(httpx="0.25.0", httpcore="1.0.4")
    asked = {"httpx": "0.25.2", "httpcore": "1.0.4"}
    assert source(asked, near, same) == ("httpx 0.25.0 with httpcore 1.0.4", Basis.SAME_CODE)
    assert source(asked, near) == ("httpx 0.26.0 with httpcore 1.0.4", Basis.NEAREST_CLIENT)


def test_the_nearest_client_of_the_same_family_is_taken() -> None:
    stacks = [stack(httpx=version, httpcore="1.0.4") for version in ("0.25.2", "0.27.0", "0.28.1")] + [
        stack(httpxyz="0.28.2", httpcore="1.0.4")
    ]
    asked = {"httpx": "0.27.2", "httpcore": "1.0.4"}
    assert source(asked, *stacks) == ("httpx 0.27.0 with httpcore 1.0.4", Basis.NEAREST_CLIENT)
    assert source({"httpxyz": "0.30.0", "httpcore": "1.0.4"}, *stacks[:1]) == (
        "httpx 0.25.2 with httpcore 1.0.4",
        Basis.NEAREST_CLIENT,
    )


def test_a_pool_with_the_same_code_counts_as_the_pool() -> None:
    """httpcore 1.0.8 and 1.0.9 differ in their version only."""
    known = stack(httpx="0.28.1", httpcore="1.0.9")
    asked = {"httpx": "0.28.1", "httpcore": "1.0.8"}
    assert source(asked, known) == ("httpx 0.28.1 with httpcore 1.0.9", Basis.SAME_CODE)
    assert of({"httpx": "0.28.1", "httpcore": "1.0.7"}, [known]) is None


def test_the_stacks_of_the_pair_itself_are_ignored() -> None:
    asked = {"httpx": "0.28.1", "httpcore": "1.0.9"}
    assert of(asked, [stack(**asked), stack(python="3.8", **asked)]) is None


def test_the_python_that_is_asked_for_comes_first() -> None:
    stacks = [stack("pass", python, httpx="0.28.1", httpcore="1.0.4") for python in ("3.8", "3.11", "3.12")]
    for python in ("3.8", "3.11", "3.12"):
        found = of({"httpx": "0.28.0", "httpcore": "1.0.4"}, stacks, python)
        assert found is not None
        assert [taken.stack.python for taken in found.cells.values()] == [python]


def test_a_release_after_the_cut_off_is_inferred_from_the_newest() -> None:
    known = [stack(httpx=version, httpcore="1.0.9") for version in ("0.27.2", "0.28.1")]
    asked = {"httpx": "0.29.0", "httpcore": "1.0.9"}
    assert source(asked, *known) == ("httpx 0.28.1 with httpcore 1.0.9", Basis.NEAREST_CLIENT)


def test_a_client_with_a_pool_of_its_own_is_inferred_from_its_neighbour() -> None:
    known = stack(httpx="0.7.1", scenario="h2-streams")
    assert source({"httpx": "0.7.0"}, known) == ("httpx 0.7.1", Basis.SAME_CODE)
    assert source({"httpx": "0.6.8"}, known) == ("httpx 0.7.1", Basis.NEAREST_RELEASE)
    assert of({"httpx": "0.12.1", "httpcore": "0.9.1"}, [stack(httpx="0.13.3", httpcore="0.9.1")]) is None


def test_a_pool_that_is_not_in_the_set_gives_no_answer() -> None:
    assert of({"httpx": "0.28.1"}, [stack(httpx="0.28.0", httpcore="1.0.9")]) is None


def test_stacks_with_several_clients_and_commits_are_no_source() -> None:
    asked = {"httpx": "0.28.0", "httpcore": "1.0.4"}
    several = stack(httpx="0.28.1", httpx2="2.0.0", httpcore="1.0.4")
    commit = stack(httpx="0.28.1+git.0123456789ab", httpcore="1.0.4")
    for other in (several, commit):
        found = of(asked, [other])
        assert found is None


def test_a_scenario_with_a_disagreement_is_left_out_and_named() -> None:
    known = stack(httpx="0.28.1", httpcore="1.0.4")
    asked = {"httpx": "0.27.2", "httpcore": "1.0.4"}
    found = inferred(asked, "httpx", [known], exceptions={Basis.NEAREST_CLIENT: ["gather-over-limit"]})
    assert found == Inferred({}, ("gather-over-limit",))
    kept = inferred(asked, "httpx", [known], exceptions={Basis.SAME_CODE: ["gather-over-limit"]})
    assert kept is not None
    assert list(kept.cells) == ["gather-over-limit"]


def test_only_judged_verdicts_are_inferred() -> None:
    found = of({"httpx": "0.28.0", "httpcore": "1.0.4"}, [stack("unsupported", httpx="0.28.1", httpcore="1.0.4")])
    assert found == Inferred({})


def test_each_basis_has_its_words() -> None:
    assert set(MEANING) == set(Basis)


@pytest.mark.parametrize(
    ("scenario", "variant", "use"),
    [
        ("gather-over-limit", {}, Use.ASYNC),
        ("threads-over-limit", {}, Use.SYNC),
        ("proxy-forward", {}, Use.ASYNC_PROXY),
        ("of-another-poolgate", {}, None),
    ],
)
def test_a_variant_uses_its_client_in_one_way(scenario: str, variant: dict[str, str], use: Use | None) -> None:
    assert use_of(scenario, variant) is use


def test_the_digests_have_every_release_of_the_catalogue() -> None:
    """A newer catalogue needs `make pool-code`."""
    code = load_pool_code()
    assert code.cutoff == load().cutoff
    for name, releases in load().packages.items():
        known = code.clients.get(name) or code.pools[name]
        assert list(known) == [release.version for release in releases]
