"""The watcher: what the wrapped methods report to, and the looks that follow."""

from __future__ import annotations

import functools
import itertools
import logging
import time
import weakref
from types import FrameType
from typing import Any, Callable, TypeVar, cast

from .endings import ending_of, entry_in, reading_error
from .look import look, suspect
from .note import attach, sentence
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


Reported = TypeVar("Reported", bound=Callable[..., Any])


def guarded(report: Reported) -> Reported:
    """Make a report of a wrapped method that never fails: a defect of the watcher is logged and harms no request."""

    @functools.wraps(report)
    def never_fails(*arguments: Any) -> Any:
        try:
            return report(*arguments)
        except Exception:
            log.exception("the watcher failed")
            return None

    return cast(Reported, never_fails)


class Watcher:
    """The callers of all pools while the watcher is installed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.enabled = True
        self.table = Table()
        self._assigned: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()
        """When an entry of a pool got its connection, while the waits of requests are observed."""
        self._numbers = itertools.count()

    @guarded
    def begin(self, pool: Any, family: str, request: Any, frame: FrameType) -> Call | None:
        """Return the call of a request that starts; `frame` is that of the wrapper."""
        callers = self.table.of(pool, family)
        call = Call(callers, request, raw_stack_of(frame) if self._records() else ())
        callers.waiting[id(call)] = call
        return call

    def _records(self) -> bool:
        """Return whether the stack of the next request is recorded."""
        level = self.settings.level
        return level == "all" or (level == "sample" and not next(self._numbers) % SAMPLE)

    @guarded
    def assigned(self, entry: Any) -> None:
        """Note that an entry of a pool gets a connection."""
        if observers:
            self._assigned[entry] = time.monotonic()

    def _waited(self, call: Call, error: BaseException | None) -> None:
        """Report how long a request waited for its connection; one with PoolTimeout waited until now."""
        if not observers:
            return
        assigned = self._assigned.pop(call.entry, None) if call.entry is not None else None
        if type(error).__name__ == "PoolTimeout":
            report(call.request, time.monotonic() - call.began, "PoolTimeout")
        elif assigned is not None:
            report(call.request, assigned - call.began, None)

    @guarded
    def answered(self, call: Call | None, stream: Any) -> None:
        """Move a call to the responses that are held."""
        if call is None:
            return
        call.entry = entry_of(stream)
        call.stream = weakref.ref(stream)
        call.held_since = time.monotonic()
        call.callers.held[id(call.entry)] = call
        call.callers.waiting.pop(id(call), None)
        self._waited(call, None)

    @guarded
    def failed(self, pool: Any, call: Call | None, error: BaseException, frame: FrameType) -> None:
        """End a call without a response; a PoolTimeout gets its note."""
        if call is None:
            return
        call.callers.waiting.pop(id(call), None)
        call.entry = entry_in(error, call.request)
        self._ended(pool, call, error, frame)
        self._waited(call, error)
        if type(error).__name__ == "PoolTimeout":
            attach(error, sentence(self._recent(pool, call.callers)))

    @guarded
    def held(self, stream: Any) -> Call | None:
        """Return the call whose response a stream belongs to; None if it was closed or is older than the watcher."""
        callers = self.table.known(stream._pool)
        return None if callers is None else callers.held.get(id(entry_of(stream)))

    @guarded
    def closed(self, pool: Any, call: Call, error: BaseException | None, frame: FrameType) -> None:
        """End a call whose response was closed, or could not be."""
        if call.callers.held.pop(id(call.entry), None) is not None:
            self._ended(pool, call, error or reading_error(frame), frame)

    def _ended(self, pool: Any, call: Call, error: BaseException | None, frame: FrameType) -> None:
        callers = call.callers
        if _leaves_something(pool, call.entry, error):
            traced = frame if self.settings.level != "counts" else None
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
    if connection is None or connection.is_closed():
        return error is not None and entry in pool._requests
    if not connection.is_available():
        return True
    return error is not None and (not connection.is_idle() or entry in pool._requests)
