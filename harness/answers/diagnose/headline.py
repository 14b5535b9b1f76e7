"""The verdict on a log in one line, and what to do where it shows requests that never end."""

from __future__ import annotations

from .checks import CLOSE, Check
from .met import Seen
from .trace import Trace

_CAUSES = {
    "leak": "pool timeout: a leak, slots are lost that no request uses",
    "held": "pool timeout: the caller holds the slots, responses are not closed",
    "back-pressure": "pool timeout: back-pressure, all slots are busy; the queue is too long",
}
OPEN = [
    Check("pass the log up to the failure: the requests may still be in flight"),
    CLOSE,
]
"""What to do about requests that have not ended."""


def headline(seen: list[Seen], trace: Trace | None) -> str:
    """Return the verdict: what failed, by the trace also why."""
    if not seen:
        unended = trace.unended if trace else 0
        return f"no failure yet: {unended} of {trace.requests if trace else 0} requests are not ended at the end"
    cause = trace.cause if trace and seen[0].signature.id == "pool-timeout" else None
    return _CAUSES[cause] if cause else seen[0].signature.means
