"""The two tables of each pool: the requests that wait for their response, and the responses that are held."""

from __future__ import annotations

import time
import weakref
from typing import Any, Callable, NamedTuple

from .stacks import Frame, Raw, stack_of
from .states import Ending, PoolState
from .urls import url_of


class Call:
    """A request on its way through a pool, from its start until its response is closed."""

    __slots__ = ("_raw", "_stack", "_url", "began", "callers", "entry", "held_since", "request", "stream")

    def __init__(self, callers: Callers, request: Any, raw: Raw) -> None:
        self.callers = callers
        self.request = request
        self.began = time.monotonic()
        self.held_since = 0.0
        self.entry: Any = None
        """The pool's own record of the request, known as soon as there is a response."""
        self.stream: Any = None
        """A weak reference to the stream whose closing ends the call."""
        self._raw = raw
        self._stack: tuple[Frame, ...] | None = None
        self._url: str | None = None

    @property
    def stack(self) -> tuple[Frame, ...]:
        """The caller's lines, computed once."""
        if self._stack is None:
            self._stack = stack_of(self._raw)
        return self._stack

    @property
    def url(self) -> str:
        """The URL without query and secrets, computed once."""
        if self._url is None:
            self._url = url_of(self.request)
        return self._url


class Suspicion(NamedTuple):
    """A connection or an entry that belongs to no caller, since the first look that saw it."""

    thing: Callable[[], Any]
    """A weak reference."""
    info: str
    since: float
    ending: Ending


class Callers:
    """What is known of the callers of one pool; it holds no reference to the pool."""

    def __init__(self, family: str, entries: list[Any]) -> None:
        self.family = family
        """The package of the pool."""
        self.waiting: dict[int, Call] = {}
        """By the identity of the call."""
        self.held: dict[int, Call] = {}
        """By the identity of the pool's entry."""
        self.before = weakref.WeakSet(entries)
        """Entries that are older than the watcher: their callers are not known."""
        self.suspicions: dict[tuple[Any, ...], Suspicion] = {}
        self.endings: weakref.WeakKeyDictionary[Any, Ending] = weakref.WeakKeyDictionary()
        """How a request ended that left an entry or a connection in doubt, even if another request still uses it."""
        self.stalled: tuple[float, float] = (0.0, 0.0)
        """The start of the oldest waiting call while slots are free, and since when."""
        self.looked = time.monotonic()
        self.state: PoolState | None = None
        """The state at the last look."""

    def owned(self) -> tuple[set[int], set[int]]:
        """Return the identities of the requests that wait, and of the entries whose responses are held."""
        return {id(call.request) for call in list(self.waiting.values())}, set(self.held)


class Table:
    """The callers of all pools; a pool that is collected as garbage leaves it."""

    def __init__(self) -> None:
        self._callers: weakref.WeakKeyDictionary[Any, Callers] = weakref.WeakKeyDictionary()
        self._quick: dict[int, tuple[weakref.ref[Any], Callers]] = {}
        """The same by the identity of the pool: a lookup there takes a third of the time."""

    def of(self, pool: Any, family: str) -> Callers:
        """Return the callers of a pool, which may be new here."""
        callers = self.known(pool)
        if callers is None:
            callers = self._callers.setdefault(pool, Callers(family, list(pool._requests)))
            self._quick = {number: pair for number, pair in list(self._quick.items()) if pair[0]() is not None}
            self._quick[id(pool)] = weakref.ref(pool), callers
        return callers

    def known(self, pool: Any) -> Callers | None:
        """Return the callers of a pool that was seen before; None for another."""
        pair = self._quick.get(id(pool))
        return pair[1] if pair is not None and pair[0]() is pool else self._callers.get(pool)

    def items(self) -> list[tuple[Any, Callers]]:
        """Return each pool with its callers."""
        pools = (reference() for reference in self._callers.keyrefs())  # other threads add pools meanwhile
        pairs = ((pool, self._callers.get(pool)) for pool in pools if pool is not None)
        return [(pool, callers) for pool, callers in pairs if callers is not None]
