"""The watcher reports what a live pool does: who waits, which responses are held, which slots are lost.

Each verdict is compared with the slots that can be used together, counted in the same program.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from support.environments import built

Watched = Callable[..., Any]

RELEASES = ["httpx==0.28.1", "httpx==0.27.0", "httpx2==2.16.2", "httpx2==2.3.0", "httpxyz==0.42.1", "httpcore==0.18.0"]
LIMIT = 3
OURS = re.compile(r"poolgate[./]watch")


def only(states: list[dict[str, Any]]) -> dict[str, Any]:
    (state,) = states
    return state


@pytest.mark.parametrize("release", RELEASES)
def test_a_pool_that_serves_has_nothing_lost_and_nothing_held(watched_pool: Watched, release: str) -> None:
    seen = watched_pool(release, "serves")
    state = only(seen["states"])
    assert (state["verdict"], state["limit"], state["active"], state["queued"]) == ("serves", LIMIT, 0, 0)
    assert (state["idle"], state["held"], state["lost"]) == (LIMIT, [], [])
    assert seen["usable"] == LIMIT
    assert state["family"] in state["versions"]


@pytest.mark.parametrize("release", RELEASES)
def test_responses_that_stay_open_are_held_by_their_caller(watched_pool: Watched, release: str) -> None:
    seen = watched_pool(release, "held")
    state = only(seen["states"])
    assert (state["verdict"], state["active"], state["lost"]) == ("held-by-caller", 2, [])
    for response in state["held"]:
        assert response["age"] >= 0.5
        assert [function for _, _, function in response["stack"]][:1] == ["open"]
        assert response["stack"][0][0].endswith("program.py")
    assert (only(seen["later"])["verdict"], only(seen["later"])["held"]) == ("serves", [])


def test_a_url_has_no_query_and_no_token(watched_pool: Watched) -> None:
    state = only(watched_pool("httpx==0.28.1", "held")["states"])
    assert {response["url"].partition("/cells/")[2] for response in state["held"]} == {".../sleep"}


@pytest.mark.parametrize("release", ["httpx==0.28.1", "httpx2==2.16.2"])
def test_a_response_that_is_dropped_is_held_at_once(watched_pool: Watched, release: str) -> None:
    state = only(watched_pool(release, "dropped")["states"])
    assert (state["verdict"], [response["dropped"] for response in state["held"]]) == ("held-by-caller", [True])


@pytest.mark.parametrize("release", RELEASES)
def test_a_queue_with_neither_is_back_pressure(watched_pool: Watched, release: str) -> None:
    seen = watched_pool(release, "waits")
    state = only(seen["states"])
    assert (state["verdict"], state["active"], state["queued"]) == ("back-pressure", LIMIT, 2)
    assert 0 < state["oldest_wait"] < 60
    assert only(seen["later"])["verdict"] == "serves"


@pytest.mark.parametrize("release", ["httpx==0.28.1", "httpx2==2.16.2", "httpxyz==0.42.1", "httpcore==0.18.0"])
def test_the_wait_of_each_request_is_observed(watched_pool: Watched, release: str) -> None:
    waits = watched_pool(release, "observed")["waits"]
    assert [wait["error"] for wait in waits].count("PoolTimeout") == 1
    (timed_out,) = [wait["seconds"] for wait in waits if wait["error"]]
    *short, longest = sorted(wait["seconds"] for wait in waits if not wait["error"])
    assert len(short) == LIMIT
    assert 0 <= short[0] < 0.35 <= longest
    assert timed_out >= 0.09
    assert {wait["host"] for wait in waits} == {"127.0.0.1"}


@pytest.mark.parametrize("release", RELEASES)
def test_each_slot_that_cancellations_lose_is_reported_and_no_other(watched_pool: Watched, release: str) -> None:
    seen = watched_pool(release, "cancelled")
    state = only(seen["states"])
    lost = [slot for slot in state["lost"] if slot["kind"] == "connection"]
    assert seen["usable"] == LIMIT - len(lost)
    if release == "httpx2==2.16.2":
        assert (state["verdict"], state["lost"]) == ("serves", [])
    else:
        assert state["verdict"] == ("dead" if len(lost) == LIMIT else "leaks")
        endings = [slot["ending"] for slot in lost if slot["ending"]["what"] != "unknown"]
        assert {ending["what"] for ending in endings} == {"cancelled"}
        assert {ending["stack"][0][0].rpartition("/")[2] for ending in endings} == {"program.py"}
        assert all(ending["inside"] for ending in endings)
        assert len(seen["notes"]) == len(lost)
        said = re.compile(rf"poolgate.watch: {len(lost)} of {LIMIT} slots (is|are) lost since ..:..:.. \(")
        assert all(said.match(note) for note in seen["notes"])


@pytest.mark.parametrize("release", RELEASES)
def test_a_pool_timeout_says_what_uses_the_slots(watched_pool: Watched, release: str) -> None:
    text = " ".join(watched_pool(release, "pool_timeout")["text"])
    assert "poolgate.watch: 3 responses are held, the oldest for " in text
    assert "program.py:" in text


@pytest.mark.parametrize("release", ["httpx==0.28.1@3.8", "httpx==0.28.1", "httpx2==2.16.2", "httpxyz==0.42.1"])
@pytest.mark.parametrize("when", ["early", "late"])
def test_threads_are_watched_through_the_client_and_uninstalling_leaves_no_trace(
    watched: Watched, release: str, when: str
) -> None:
    environment = built(release)
    client = next(name for name in ("httpx", "httpx2", "httpxyz") if name in environment.packages)
    seen = watched(environment.interpreter, "program_threads.py", client, when)
    state = only(seen["sent"]["states"])
    assert (state["verdict"], state["active"], state["queued"]) == ("back-pressure", 2, 2)
    assert state["versions"] == {name: environment.packages[name] for name in state["versions"]}
    assert len(state["versions"]) == 2
    assert "poolgate.watch: 2 responses are held" in seen["timed_out"]["text"][-1]
    assert any(OURS.search(place) for place in seen["watched"])
    assert not any(OURS.search(place) for place in seen["unwatched"])
