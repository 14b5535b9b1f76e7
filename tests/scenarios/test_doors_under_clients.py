"""A client of every era should reach every kind of door, and lose no slot to a server that fails it.

Each load is played on a real release against the real server; what is asked is that the adapter, the doors and the
ideal pool agree, on releases that are known to be right about it.
"""

from __future__ import annotations

import pytest
from support.played import loaded, played

from poolgate.scenarios.declaration.scenario import Load, Request
from poolgate.verdict.judgement import Judgement
from poolgate.verdict.observed import most_in_flight
from poolgate.verdict.words import Status

pytestmark = pytest.mark.usefixtures("servers_shared")

MODERN = ("httpx==0.23.3", "httpx==0.28.1", "httpx2==2.16.2", "httpcore==1.0.9?bare")
"""Releases whose pool is a correct one for these loads."""


def requests(**fields: object) -> list[Request]:
    plain = Request(id="", hold=1.0, pool_timeout=5.0)
    return [plain._replace(id=f"request-{n}", **fields) for n in range(4)]  # type: ignore[arg-type]


def judged(load: Load, spec: str, *extras: str) -> Judgement:
    judgement, _ = played(load, spec, extras)
    if judgement.late:
        pytest.skip(f"not judged on this machine: {judgement.reason}")
    return judgement


LOADS = {
    "tls": loaded(*requests(door="tls")),
    "tunnel": loaded(*requests(door="tls"), proxy="proxy"),
    "reset": loaded(*requests(door="wire", fault="reset-head", expected="error")),
    "cut": loaded(*requests(door="wire-tls", fault="close-body", expected="error")),
    "refused": loaded(*requests(door="refused", hold=0.0, expected="error")),
    "silent": loaded(*requests(door="silent", hold=9.0, read_timeout=1.0)),
    "untrusted": loaded(*requests(door="untrusted", hold=0.0, expected="error")),
    "slow": loaded(*requests(hold=3.0, read_timeout=1.0)),
}


@pytest.mark.parametrize("spec", MODERN)
@pytest.mark.parametrize("name", LOADS)
def test_a_modern_pool_comes_out_of_it_whole(name: str, spec: str) -> None:
    judgement = judged(LOADS[name], spec)
    assert (judgement.reason, judgement.key) == (None, "completes/serves")
    assert judgement.outcomes == judgement.expected


@pytest.mark.parametrize("spec", ["httpx==0.7.1", "httpx==0.9.3", "httpx==0.12.1", "httpx==0.16.1", "httpx==0.20.0"])
def test_earlier_ones_speak_tls_as_well(spec: str) -> None:
    """One after another: what their pools do to a queue is another matter."""
    one = [request._replace(pool_timeout=8.0) for request in requests(door="tls")[:2]]
    assert judged(loaded(*one), spec).key == "completes/serves"


@pytest.mark.parametrize("spec", ["httpx==0.16.1", *MODERN])
def test_over_http2_one_connection_carries_them_all(spec: str) -> None:
    load = loaded(*requests(door="h2"), limit=2, http2=True)
    judgement, history = played(load, spec, ("h2",))
    if judgement.late:
        pytest.skip(f"not judged on this machine: {judgement.reason}")
    assert judgement.key == "completes/serves"
    assert most_in_flight(history, "burst", 1.0, 0.0) == 4


@pytest.mark.parametrize("spec", MODERN)
def test_socks_is_spoken_since_httpx_0_22(spec: str) -> None:
    assert judged(loaded(*requests(), proxy="socks"), spec, "socksio").key == "completes/serves"


@pytest.mark.parametrize(
    ("spec", "proxy", "reason"),
    [
        ("httpx==0.7.1", "proxy", "httpx 0.7.1: "),
        ("httpx==0.12.1", "socks", "httpx 0.12.1: Unknown scheme for proxy URL"),
        ("httpx==0.16.1", "socks", "httpx 0.16.1: module 'httpcore' has no attribute 'AsyncSOCKSProxy'"),
        ("httpcore==0.5.0", "proxy", "httpcore 0.5.0: "),
    ],
)
def test_a_client_generation_without_such_a_proxy_is_unsupported(spec: str, proxy: str, reason: str) -> None:
    judgement, _ = played(loaded(*requests(), proxy=proxy), spec)
    assert judgement.status is Status.UNSUPPORTED
    assert (judgement.reason or "").startswith(reason)


@pytest.mark.parametrize("spec", ["httpx==0.25.2", "httpx==0.28.1", "httpcore==1.0.9?bare"])
def test_trio_has_the_same_result(spec: str) -> None:
    assert judged(loaded(*requests(), backend="trio"), spec, "trio").key == "completes/serves"
    assert judged(loaded(*requests(door="tls"), backend="trio"), spec, "trio").key == "completes/serves"
