"""The numbers of all watched pools together, as both exporters publish them."""

from __future__ import annotations

from collections import Counter
from typing import Dict, List, NamedTuple, Sequence, get_args

from .. import installed, pools
from ..reconcile import Kind
from ..states import PoolState, Verdict

QUEUE_TIME = "http.client.request.time_in_queue"
QUEUE_TIME_ABOUT = "The time that requests wait for a connection, also those that end in PoolTimeout."
BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds: the boundaries that the semantic conventions recommend for durations of requests."""


class Number(NamedTuple):
    """The name of a number, its unit and meaning, and the value for each value of its attribute, "" without one."""

    name: str
    unit: str
    about: str
    attribute: str
    values: Dict[str, float]


def numbers() -> List[Number]:
    """Look at all pools, and return their numbers; all are 0 while the watcher is not installed."""
    return _numbers(pools() if installed() else [])


def _numbers(states: Sequence[PoolState]) -> List[Number]:
    lost = Counter(slot.kind for state in states for slot in state.lost)
    verdicts = Counter(state.verdict for state in states)
    connections = {"active": float(sum(one.active for one in states)), "idle": float(sum(one.idle for one in states))}
    oldest = max((state.held[0].age for state in states if state.held), default=0.0)
    return [
        Number(
            "http.client.open_connections",
            "{connection}",
            "Connections of the pools that are open and not lost.",
            "http.connection.state",
            connections,
        ),
        Number(
            "http.client.active_requests",
            "{request}",
            "Requests that wait, are sent, or have an open response.",
            "",
            {"": float(sum(state.requests for state in states))},
        ),
        Number(
            "poolgate.pool.queued_requests",
            "{request}",
            "Requests without a connection.",
            "",
            {"": float(sum(state.queued for state in states))},
        ),
        Number(
            "poolgate.pool.held_responses",
            "{response}",
            "Responses that are not closed.",
            "",
            {"": float(sum(len(state.held) for state in states))},
        ),
        Number("poolgate.pool.oldest_response", "s", "The age of the oldest open response.", "", {"": oldest}),
        Number(
            "poolgate.pool.lost_slots",
            "{slot}",
            "Connections, streams and places in the queue that belong to no request.",
            "poolgate.slot.kind",
            {kind: float(lost[kind]) for kind in get_args(Kind)},
        ),
        Number(
            "poolgate.pool.verdicts",
            "{pool}",
            "Pools by their verdict.",
            "poolgate.pool.verdict",
            {verdict: float(verdicts[verdict]) for verdict in get_args(Verdict)},
        ),
    ]
