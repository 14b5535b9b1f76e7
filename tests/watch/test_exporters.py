"""The exporters publish a real pool through the SDK of OpenTelemetry and the registry of prometheus-client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

PROBLEM, SERVED, LOST = range(3)

Moments = list[dict[str, Any]]


@pytest.fixture(scope="module")
def moments(watched: Callable[..., Any], with_packages: str) -> Moments:
    found: Moments = watched(with_packages, "program_metrics.py", "httpx2", "")
    return found


def values(moment: dict[str, Any], name: str) -> Any:
    """Return the values of an OpenTelemetry metric by the value of its only attribute."""
    return {
        "".join(attributes.values()): value for each, _, attributes, value in moment["opentelemetry"] if each == name
    }


def samples(moment: dict[str, Any], name: str) -> Any:
    """Return the values of a Prometheus metric by the value of its only label."""
    return {"".join(labels.values()): value for each, labels, value in moment["prometheus"] if each == name}


def test_connections_have_the_names_of_the_semantic_conventions(moments: Moments) -> None:
    assert values(moments[PROBLEM], "http.client.open_connections") == {"active": 2, "idle": 0}
    assert values(moments[SERVED], "http.client.open_connections") == {"active": 1, "idle": 1}
    attributes = {key for name, _, found, _ in moments[0]["opentelemetry"] for key in found if "open_conn" in name}
    assert attributes == {"http.connection.state"}
    units = {name: unit for name, unit, _, _ in moments[PROBLEM]["opentelemetry"] if name.startswith("http.")}
    assert units == {
        "http.client.open_connections": "{connection}",
        "http.client.active_requests": "{request}",
        "http.client.request.time_in_queue": "s",
    }


def test_requests_that_wait_or_hold_their_response_are_active(moments: Moments) -> None:
    assert values(moments[PROBLEM], "http.client.active_requests") == {"": 3}
    assert values(moments[PROBLEM], "poolgate.pool.queued_requests") == {"": 1}
    assert values(moments[PROBLEM], "poolgate.pool.held_responses") == {"": 2}
    assert values(moments[SERVED], "http.client.active_requests") == {"": 1}


def test_the_time_in_the_queue_is_measured_also_for_a_pool_timeout(moments: Moments) -> None:
    name = "http.client.request.time_in_queue"
    found = {
        attributes.get("error.type"): (value, attributes)
        for each, unit, attributes, value in moments[SERVED]["opentelemetry"]
        if (each, unit) == (name, "s")
    }
    (served, total), attributes = found[None]
    assert served == 3
    assert 0.04 < total < 30
    (timed_out, waited), _ = found["PoolTimeout"]
    assert timed_out == 1
    assert 0.5 < waited < 30
    assert attributes["server.address"] == "127.0.0.1"
    assert (attributes["url.scheme"], attributes["http.request.method"]) == ("http", "GET")
    assert isinstance(attributes["server.port"], int)


def test_a_lost_slot_is_counted_and_changes_the_verdict(moments: Moments) -> None:
    none = {"connection": 0, "stream": 0, "queue": 0}
    assert values(moments[PROBLEM], "poolgate.pool.lost_slots") == none
    assert values(moments[LOST], "poolgate.pool.lost_slots") == {**none, "connection": 1}
    verdicts = [values(moment, "poolgate.pool.verdicts") for moment in moments]
    assert [[word for word, pools in found.items() if pools] for found in verdicts] == [
        ["back-pressure"],
        ["serves"],
        ["leaks"],
    ]


def test_prometheus_has_the_same_numbers(moments: Moments) -> None:
    pairs = [
        ("http.client.open_connections", "http_client_open_connections"),
        ("http.client.active_requests", "http_client_active_requests"),
        ("poolgate.pool.lost_slots", "poolgate_pool_lost_slots"),
        ("poolgate.pool.verdicts", "poolgate_pool_verdicts"),
    ]
    for moment in moments:
        for theirs, ours in pairs:
            assert samples(moment, ours) == values(moment, theirs)
    assert samples(moments[PROBLEM], "poolgate_pool_oldest_response_seconds")[""] > 0
    counts = [
        (labels["error_type"], value)
        for name, labels, value in moments[LOST]["prometheus"]
        if name == "http_client_request_time_in_queue_seconds_count"
    ]
    assert sorted(counts) == [("", 3), ("PoolTimeout", 1)]


def test_an_exporter_is_imported_only_when_it_is_asked_for() -> None:
    code = "import sys, poolgate.watch as w; w.install(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"opentelemetry", "prometheus_client", "poolgate.watch.exporters"} & {*ran.stdout.split()}
