"""What a look at a pool returns: plain values that hold no reference to the pool, its requests or its responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .stacks import Frame

Verdict = Literal["serves", "back-pressure", "held-by-caller", "leaks", "dead"]
"""`serves`: requests get connections; `back-pressure`: requests wait, and each busy slot is in use;
`held-by-caller`: a response is open for longer than `held_after`, or was dropped without being closed;
`leaks`: a slot or a stream belongs to no request; `dead`: no slot is left, or none is given to a waiting request."""

What = Literal["cancelled", "timed out", "failed", "abandoned", "closed", "unknown"]
"""How a request ended; `abandoned` is a coroutine that was destroyed, `closed` a response that was closed normally."""


@dataclass(frozen=True)
class Ending:
    """How a request ended: the class of its exception, the client's function and the caller's lines."""

    what: What = "unknown"
    error: str | None = None
    inside: str | None = None
    stack: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class HeldResponse:
    """A response that is not closed: its age in seconds, its URL without query and secrets, and where it was taken."""

    age: float
    url: str
    stack: tuple[Frame, ...] = ()
    dropped: bool = False
    """Whether the response was collected as garbage without being closed, so that its slot stays taken."""


@dataclass(frozen=True)
class LostSlot:
    """A slot that no request owns: a whole connection, one stream of a connection, or a place in the queue."""

    kind: Literal["connection", "stream", "queue"]
    since: float
    """Seconds since the epoch at the first look that saw it."""
    ending: Ending = field(default_factory=Ending)


@dataclass(frozen=True)
class PoolState:
    """A pool at one moment."""

    family: str
    """The package of the pool, such as `httpcore`."""
    versions: dict[str, str]
    """The version of the pool and, if it is imported, of its client."""
    limit: int | None
    """`max_connections`, None if it is unlimited."""
    active: int
    """Connections that a request or an unclosed response uses."""
    idle: int
    queued: int
    """Requests without a connection."""
    oldest_wait: float
    """Seconds that the oldest of these waits."""
    held: tuple[HeldResponse, ...]
    """The responses that are not closed, the oldest first."""
    lost: tuple[LostSlot, ...]
    verdict: Verdict
    requests: int = 0
    """Requests that wait, are sent, or have an open response."""

    @property
    def ledger(self) -> str:
        """What the ledger of poolgate says of this release, as far as it concerns the verdict; one sentence."""
        from .ledger import sentence_of  # read only when it is asked for

        lost = [(slot.kind, slot.ending.what) for slot in self.lost]
        return sentence_of(self.family, self.versions, self.verdict, lost)
