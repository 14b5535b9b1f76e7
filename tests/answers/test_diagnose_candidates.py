"""The scenarios that `diagnose` lists: from which verdicts, in which order, and with which versions."""

from __future__ import annotations

import pytest

from poolgate.answers.diagnose.candidates import Candidate, candidates
from poolgate.answers.diagnose.checks import checks_for
from poolgate.answers.diagnose.met import Seen
from poolgate.answers.diagnose.prefixes import Line
from poolgate.answers.diagnose.signatures import SIGNATURES, Signature
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.stack import Entry, Stack
from poolgate.ledger.store import Ledger
from poolgate.verdict.words import After, Burst, Status

BY_ID = {one.id: one for one in SIGNATURES}
POOL = [BY_ID["pool-timeout"]]


def entry(scenario: str, status: Status, key: str, **variant: str) -> Entry:
    burst, after, *_ = key.split("/")
    return Entry(
        scenario=scenario,
        variant=variant,
        status=status,
        burst=Burst(burst),
        after=After(after),
        key=key,
        keys={key: 1},
        instrument="",
        python="3.11.7",
    )


def stack(version: str, *cells: Entry, client: str = "0.28.1") -> Stack:
    packages = {"httpx": client, "httpcore": version, "anyio": "4.0.0"}
    return Stack(python="3.11", packages=packages, releases=[], cells=list(cells))


LEAKS = entry("cancel-task-group", Status.FAIL, "completes/leaks")
PASSES = entry("cancel-task-group", Status.PASS, "completes/serves")
STACKS = [
    stack("1.0.2", LEAKS, entry("queue-timeout", Status.PASS, "back-pressure/serves/PoolTimeout")),
    stack("1.0.1", entry("queue-timeout", Status.FAIL, "pool-timeout/serves/PoolTimeout")),
    stack("1.0.0", entry("gather-over-limit", Status.FAIL, "hangs/serves"), entry("gone", Status.FAIL, "hangs/dead")),
    stack("1.0.3", PASSES),
]


def of(packages: dict[str, str], met: list[Signature] = POOL, uses: tuple[str, ...] = ()) -> list[Candidate]:
    return candidates(STACKS, packages, met, list(uses))


def test_candidates_are_read_from_the_ledger() -> None:
    """A pool that lost slots ends in PoolTimeout, whatever it did under load; other scenarios are not candidates."""
    found = of({"httpcore": "1.0.2"})
    assert [(one.scenario, one.affected) for one in found] == [("cancel-task-group", True), ("queue-timeout", False)]
    assert found[0].again == "poolgate run cancel-task-group --target httpcore==1.0.2"
    assert (found[0].inferred, found[0].clean, found[0].after) == (None, "httpcore==1.0.3", After.LEAKS)
    assert not candidates([], {}, POOL, [])


@pytest.mark.parametrize("client", ["0.25.2", "0.27.0", "0.28.1", "9.9.9"])
def test_a_pair_that_was_never_measured_has_the_findings_of_its_pool(client: str) -> None:
    (found, _) = of({"httpx": client, "httpcore": "1.0.2", "anyio": "3.0"})
    assert (found.scenario, found.affected) == ("cancel-task-group", True)
    assert found.inferred == (None if client == "0.28.1" else "httpx==0.28.1,httpcore==1.0.2")
    assert found.again == f"poolgate run cancel-task-group --target httpx=={client},httpcore==1.0.2"


def test_a_pool_that_was_never_measured_has_the_findings_of_the_nearest() -> None:
    newer = of({"httpcore": "9.9.9"})
    assert [(one.scenario, one.affected) for one in newer] == [("queue-timeout", None), ("cancel-task-group", False)]
    assert newer[1].inferred == "httpx==0.28.1,httpcore==1.0.3"


def test_without_a_version_the_newest_failing_release_is_an_example() -> None:
    found = {one.scenario: one for one in of({})}
    assert {name: one.affected for name, one in found.items()} == {"cancel-task-group": None, "queue-timeout": None}
    assert found["cancel-task-group"].again == ("poolgate run cancel-task-group --target httpx==0.28.1,httpcore==1.0.2")
    assert (found["cancel-task-group"].clean, found["queue-timeout"].clean) == ("httpcore==1.0.3", "httpcore==1.0.2")


def test_the_fork_in_question_decides_which_releases_count() -> None:
    assert candidates(STACKS, {}, POOL, [], "httpx2") == []
    assert len(candidates(STACKS, {"httpx": "0.28.1", "httpx2": "2.0.0"}, POOL, [], "httpx2")) == 0
    assert len(candidates(STACKS, {"httpx": "0.28.1", "httpx2": "2.0.0"}, POOL, [], "httpx")) == 2


DEAD = "pool-timeout/dead/PoolTimeout"
MANY = [
    stack(
        "1.0.2",
        entry("cancel-connecting", Status.FLAKY, DEAD),
        entry("cancel-contention", Status.FAIL, DEAD),
        entry("cancel-reading", Status.FAIL, "completes/leaks"),
        entry("cancel-task-group", Status.FAIL, DEAD),
        entry("gather-over-limit", Status.FAIL, DEAD, backend="trio"),
        entry("h2-goaway", Status.FAIL, DEAD),
        entry("queue-timeout", Status.FAIL, "pool-timeout/serves/PoolTimeout"),
        entry("server-fault", Status.FAIL, DEAD),
        entry("threads-read-timeout", Status.FAIL, DEAD),
        entry("tunnel-fault", Status.FAIL, DEAD),
    )
]


@pytest.mark.parametrize(
    ("uses", "order"),
    [
        (
            ["async"],
            ["cancel-contention", "cancel-task-group", "queue-timeout", "server-fault", "cancel-connecting"],
        ),
        (
            ["async", "cancelled"],
            ["cancel-contention", "cancel-task-group", "cancel-connecting", "cancel-reading", "queue-timeout"],
        ),
        (["threads"], ["threads-read-timeout"]),
        (["async", "http2"], ["h2-goaway", "cancel-contention", "cancel-task-group", "queue-timeout", "server-fault"]),
        (["async", "proxy"], ["tunnel-fault", "cancel-contention", "cancel-task-group"]),
        (["async", "failures"], ["server-fault", "cancel-contention", "cancel-task-group", "queue-timeout"]),
        (["async", "trio"], ["gather-over-limit", "cancel-contention"]),
    ],
)
def test_the_likeliest_come_first(uses: list[str], order: list[str]) -> None:
    """What the log shows, then what a program does unasked, at most two of a group together; the worst first."""
    found = [one.scenario for one in candidates(MANY, {"httpcore": "1.0.2"}, POOL, uses)]
    assert found[: len(order)] == order


def test_those_that_fit_the_use_come_before_the_others() -> None:
    fits = [one.fits for one in candidates(MANY, {"httpcore": "1.0.2"}, POOL, ["threads"])]
    assert fits == sorted(fits, reverse=True)
    assert fits.count(True) == 1


def test_a_signature_with_scenarios_asks_for_those_only() -> None:
    late = entry("h2-goaway", Status.FAIL, "error/late/RemoteProtocolError")
    other = entry("server-fault", Status.FAIL, "error/late/RemoteProtocolError")
    (found,) = candidates([stack("0.17.0", late, other)], {"httpcore": "0.17.0"}, [BY_ID["h2-closed"]], [])
    assert (found.scenario, found.affected) == ("h2-goaway", True)
    serves = entry("h2-goaway", Status.FAIL, "error/serves/RemoteProtocolError")
    assert not candidates([stack("0.17.1", serves)], {"httpcore": "0.17.1"}, [BY_ID["h2-closed"]], [])


@pytest.mark.parametrize("client", ["0.25.2", "0.26.0", "0.27.0", "0.27.2", "0.28.0", "0.28.1"])
@pytest.mark.parametrize("pool", ["1.0.2", "1.0.5", "1.0.9"])
def test_knowing_the_client_too_never_gives_fewer(pool: str, client: str) -> None:
    """Over the verdicts that ship: at least as many affected scenarios as for no version, or for the pool alone."""
    stacks = Ledger(SHIPPED).stacks
    alone = {one.scenario for one in candidates(stacks, {"httpcore": pool}, POOL, ["async"]) if one.affected}
    both = candidates(stacks, {"httpx": client, "httpcore": pool, "h11": "0.14.0"}, POOL, ["async"])
    assert len(alone) >= 5
    assert {one.scenario for one in both if one.affected} >= alone or client != "0.28.1"
    assert sum(bool(one.affected and one.fits) for one in both) >= 5
    assert not [one for one in both if one.affected is None]


def seen(name: str, *through: str) -> Seen:
    return Seen(BY_ID[name], [Line(1, "x")], list(through))


def test_the_checks_follow_what_was_met() -> None:
    plain, cancelled = list(checks_for(seen("pool-timeout"), [])), list(checks_for(seen("pool-timeout"), ["cancelled"]))
    assert len(plain) == len(cancelled) == 4
    assert all(check.leak and check.back_pressure for check in plain)
    assert "cancellation" in cancelled[1].do
    assert "python-telegram-bot" in next(checks_for(seen("pool-timeout", "python-telegram-bot"), [])).do
    causes = [next(checks_for(seen("pool-timeout"), [], cause)).do for cause in ("leak", "held", "back-pressure")]
    assert [text.split()[0] for text in causes] == ["move", "find", "raise"]


@pytest.mark.parametrize("name", BY_ID)
def test_there_is_something_to_do_about_each(name: str) -> None:
    checks = list(checks_for(seen(name), []))
    assert 1 <= len(checks) <= 4
    assert max(len(line) for check in checks for line in check.do.split("\n")) <= 75
