"""What the watcher says of a release is what the stored verdicts say, from a file that is generated and small."""

from __future__ import annotations

import subprocess
import sys

import pytest

from poolgate.answers.affected.answer import affected_answer
from poolgate.answers.affected.package_set import PackageSet
from poolgate.cells.groups import Group
from poolgate.ledger.instruments import SHIPPED
from poolgate.ledger.store import Ledger
from poolgate.maintenance.watch_ledger import PACKAGED, encoded, watch_ledger
from poolgate.watch import Ending, LostSlot, PoolState, Verdict
from poolgate.watch.states import What

HTTPX = {"httpx": "0.28.1", "httpcore": "1.0.9"}
HTTPX2 = {"httpx2": "2.16.2", "httpcore2": "2.16.2"}
LIMIT = 60_000
"""Bytes."""


def state(versions: dict[str, str], verdict: Verdict, *lost: LostSlot) -> PoolState:
    family = list(versions)[-1] if versions else "httpcore"
    return PoolState(family, versions, 3, 0, 0, 0, 0.0, (), lost, verdict)


def after(what: What, kind: str = "connection") -> LostSlot:
    assert kind in ("connection", "stream")
    return LostSlot("stream" if kind == "stream" else "connection", 0.0, Ending(what))


def test_the_file_is_made_from_the_shipped_verdicts_and_small() -> None:
    """`make readme` writes it."""
    committed = PACKAGED.read_bytes()
    assert committed == encoded(watch_ledger(Ledger(SHIPPED).stacks))
    assert len(committed) < LIMIT


@pytest.mark.parametrize(
    ("versions", "verdict", "lost", "said"),
    [
        (
            HTTPX,
            "leaks",
            (after("cancelled"),),
            "requests that are cancelled or time out lose their slot for good in httpcore 1.0.9; not in httpx2 2.16.2",
        ),
        (
            {"httpcore": "1.0.5"},
            "leaks",
            (after("cancelled"),),
            (
                "requests that are cancelled or time out lose their slot for good in httpcore 1.0.5; "
                "not in httpx2 2.16.2 (measured with httpx 0.28.1)"
            ),
        ),
        (
            HTTPX2,
            "leaks",
            (after("cancelled"),),
            (
                "no lost slot of requests that are cancelled or time out is known in httpcore2 2.16.2 "
                "(18 scenario variants measured); slots are lost there by requests through a proxy or tunnel"
            ),
        ),
        (
            {"httpxyz": "0.42.1", "httpcorexyz": "1.2.1"},
            "leaks",
            (after("cancelled", "stream"),),
            "requests over HTTP/2 lose their slot for good in httpcorexyz 1.2.1; no release is known to be free of it",
        ),
        (
            HTTPX,
            "leaks",
            (after("failed"),),
            (
                "requests whose response or connection ends early lose their slot for good in httpcore 1.0.9; "
                "not in httpx2 2.16.2"
            ),
        ),
        (
            HTTPX,
            "held-by-caller",
            (),
            (
                "httpcore 1.0.9 is not the cause: "
                "a response that its caller never closes keeps its own slot at most, and no other"
            ),
        ),
        (
            HTTPX,
            "dead",
            (),
            "requests that wait for a slot raise PoolTimeout late or never in httpcore 1.0.9; not in httpx2 2.16.2",
        ),
        (
            HTTPX2,
            "back-pressure",
            (),
            "no finding of requests that wait for a slot is known in httpcore2 2.16.2 (6 scenario variants measured)",
        ),
        (
            HTTPX,
            "serves",
            (),
            "requests that are cancelled or time out lose their slot for good in httpcore 1.0.9; not in httpx2 2.16.2",
        ),
        ({}, "leaks", (), "not measured: httpcore"),
        ({"httpx": "0.99", "httpcore": "9"}, "leaks", (after("failed"),), "not measured: httpx 0.99 with httpcore 9"),
    ],
)
def test_the_sentence_fits_the_state(
    versions: dict[str, str],
    verdict: Verdict,
    lost: tuple[LostSlot, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a process that has not imported what only some programs have."""
    for name in ("h2", "socksio", "trio"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert state(versions, verdict, *lost).ledger == said


@pytest.mark.parametrize("versions", [HTTPX, HTTPX2, {"httpx": "0.24.1", "httpcore": "0.17.3"}])
def test_a_release_loses_cancelled_requests_where_affected_says_so(versions: dict[str, str]) -> None:
    answer = affected_answer(PackageSet("", versions), Ledger(SHIPPED).stacks)
    affected = any(each.after in ("leaks", "dead") and each.group is Group.CANCELLATION for each in answer.findings)
    said = state(versions, "leaks", after("cancelled")).ledger
    assert said.startswith("requests that are cancelled or time out lose") is affected


def test_the_file_is_read_only_when_it_is_asked_for() -> None:
    code = "import sys, poolgate.watch as w; w.install(); w.pools(); assert 'poolgate.watch.ledger' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
