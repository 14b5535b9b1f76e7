"""The watcher: what the wrapped methods report to, and the looks that follow."""

from __future__ import annotations

import itertools
import logging
import sys
import time
import weakref
from typing import Any

from .endings import ending_of, entry_in, reading_error
from .look import look, suspect
from .note import attach, sentence
from .reconcile import in_order
from .settings import SAMPLE, Settings
from .stacks import raw_stack_of
from .states import PoolState
from .tables import Call, Callers, Table
from .waits import observers, report

INTERVAL = 1.0
"""Seconds between the looks that are made when a request ends."""

RECENT = 0.05
"""Seconds during which a state is used again for the note of an exception."""

log = logging.getLogger("poolgate.watch")


FAILED = "the watcher failed"
"""What is logged of a defect of the watcher, which harms no request: reports of wrapped methods never raise.

Each report catches errors by itself: a decorator would double its cost.
"""


class Watcher:
    """The callers of all pools while the watcher is installed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.enabled = True
        self.table = Table()
        self._assigned: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()
        """When an entry of a pool got its connection, while the waits of requests are observed."""
        self._numbers = itertools.count()

    def begin(self, pool: Any, family: str, request: Any) -> Call | None:
        """Return the call of a request that starts."""
        try:
            callers = self.table.of(pool, family)
            call = Call(callers, request, raw_stack_of(sys._getframe(1)) if self._records() else ())
            callers.waiting[id(call)] = call
        except Exception:
            log.exception(FAILED)
            return None
        return call

    def _records(self) -> bool:
        """Return whether the stack of the next request is recorded."""
        level = self.settings.level
        return level == "all" or (level == "sample" and not next(self._numbers) % SAMPLE)

    def assigned(self, entry: Any) -> None:
        """Note that an entry of a pool gets a connection."""
        try:
            if observers:
                self._assigned[entry] = time.monotonic()
        except Exception:
            log.exception(FAILED)

    def _waited(self, call: Call, error: BaseException | None) -> None:
        """Report how long a request waited for its connection; one with PoolTimeout waited until now."""
        if not observers:
            return
        assigned = self._assigned.pop(call.entry, None) if call.entry is not None else None
        if type(error).__name__ == "PoolTimeout":
            report(call.request, time.monotonic() - call.began, "PoolTimeout")
        elif assigned is not None:
            report(call.request, assigned - call.began, None)

    def answered(self, call: Call | None, stream: Any) -> None:
        """Move a call to the responses that are held."""
        if call is None:
            return
        try:
            call.entry = entry_of(stream)
            call.stream = weakref.ref(stream)
            call.held_since = time.monotonic()
            call.callers.held[id(call.entry)] = call
            call.callers.waiting.pop(id(call), None)
            self._waited(call, None)
        except Exception:
            log.exception(FAILED)

    def failed(self, pool: Any, call: Call | None, error: BaseException) -> None:
        """End a call without a response; a PoolTimeout gets its note."""
        if call is None:
            return
        try:
            call.callers.waiting.pop(id(call), None)
            call.entry = entry_in(error, call.request)
            self._ended(pool, call, error)
            if type(error).__name__ == "PoolTimeout":
                attach(error, sentence(self._recent(pool, call.callers)))
            self._waited(call, error)
        except Exception:
            log.exception(FAILED)

    def held(self, stream: Any) -> Call | None:
        """Return the call whose response a stream belongs to; None if it was closed or is older than the watcher."""
        try:
            callers = self.table.known(stream._pool)
            return None if callers is None else callers.held.get(id(entry_of(stream)))
        except Exception:
            log.exception(FAILED)
            return None

    def closed(self, pool: Any, call: Call | None, error: BaseException | None) -> None:
        """End a call whose response was closed, or could not be."""
        try:
            if call is not None and call.callers.held.pop(id(call.entry), None) is not None:
                self._ended(pool, call, error)
        except Exception:
            log.exception(FAILED)

    def _ended(self, pool: Any, call: Call, error: BaseException | None) -> None:
        callers = call.callers
        if _leaves_something(pool, call.entry, error):
            traced = sys._getframe() if self.settings.level != "counts" else None
            error = error or reading_error(sys._getframe(2))  # the frame of the method that closes
            suspect(pool, callers, call, ending_of(error, traced, call.stack))
        if time.monotonic() - callers.looked >= INTERVAL:
            self.look(pool, callers)

    def look(self, pool: Any, callers: Callers) -> PoolState:
        """Look at a pool, and report a change of its verdict."""
        state = look(pool, callers, self.settings.grace, self.settings.held_after)
        changed = state.verdict != (callers.state.verdict if callers.state is not None else "serves")
        callers.state = state
        if changed:
            self._report(state)
        return state

    def _recent(self, pool: Any, callers: Callers) -> PoolState:
        """Return the state at the last look if it was just now: a whole queue may time out at once."""
        if callers.state is not None and time.monotonic() - callers.looked < RECENT:
            return callers.state
        return self.look(pool, callers)

    def _report(self, state: PoolState) -> None:
        level = logging.INFO if state.verdict in ("serves", "back-pressure") else logging.WARNING
        said = [state.ledger] if level == logging.WARNING else []
        log.log(level, "%s: %s: %s", state.family, state.verdict, "; ".join([sentence(state), *said]))
        if self.settings.on_change is not None:
            try:
                self.settings.on_change(state)
            except Exception:
                log.exception("on_change failed")

    def states(self) -> list[PoolState]:
        """Look at all pools that had a request since the watcher was installed."""
        return [self.look(pool, callers) for pool, callers in self.table.items()]


def entry_of(stream: Any) -> Any:
    """Return the pool's entry of a response; the name of the attribute is that since 1.0, or that before."""
    try:
        return stream._pool_request
    except AttributeError:
        return stream._status


def _leaves_something(pool: Any, entry: Any, error: BaseException | None) -> bool:
    """Return whether a look is needed: a cheap answer, which may be True for a slot that is not lost."""
    connection = getattr(entry, "connection", None)
    if error is None and connection is not None and connection.is_available():
        return False
    if connection is None or connection.is_closed():
        kept = connection is not None and in_order(pool) and connection in pool.connections
        return kept or (error is not None and entry in pool._requests)
    if not connection.is_available():
        return True
    return error is not None and (not connection.is_idle() or entry in pool._requests)
