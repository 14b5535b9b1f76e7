"""The fork servers of a run: one for each environment and kind of client; the most recently used ones are kept."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from .. import scenarios
from ..processes import Processes
from ..protocol.plan import Plan
from .fork_server import ForkServer, ForkServerError, running

KEPT = 8 * (os.cpu_count() or 1)
"""Fork servers that are kept: a cell with several runs uses the same one again.

Each takes some 30 MB, most of it shared with its workers."""

_Key = tuple[str, str, bool, str, bool, bool]


class _Place:
    """The place of the fork server of one key; `hopeless` when it did not start."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.hopeless = False
        self.server: ForkServer | None = None
        self.open = contextlib.ExitStack()

    def give_up(self) -> contextlib.ExitStack:
        """Remove the server; closing the returned stack ends it."""
        self.server = None
        return self.open.pop_all()


class ForkServerPool:
    """The fork servers of a run. `borrow` starts one if needed; `close` ends all of them."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._places: dict[_Key, _Place] = {}
        self._lock = threading.Lock()
        # An import keeps a core busy; one core is left for the runs that are timed.
        self._importing = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) - 1))

    def close(self) -> None:
        for place in self._places.values():
            place.open.close()

    @contextlib.contextmanager
    def borrow(self, interpreter: str, plan: Plan) -> Iterator[ForkServer]:
        """Yield the fork server for a plan, shared with other plans; raises ForkServerError."""
        load = plan.typed_load()
        # A worker's late imports depend on these.
        imports = (load.backend, load.http2, bool(load.doors))
        key = (interpreter, plan.client, scenarios.declared()[plan.scenario].threads, *imports)
        place = self._enter(key)
        try:
            yield self._server(place, interpreter, plan)
        finally:
            self._leave(place)

    def _enter(self, key: _Key) -> _Place:
        with self._lock:
            # Moved to the end: the first is the least recently used.
            place = self._places[key] = self._places.pop(key) if key in self._places else _Place()
            place.users += 1
        return place

    def _leave(self, place: _Place) -> None:
        with self._lock:
            place.users -= 1
            kept = [other for other in self._places.values() if other.server is not None]
            idle = [other for other in kept if not other.users][: max(0, len(kept) - KEPT)]
            ended = [other.give_up() for other in idle]
        for opened in ended:
            opened.close()

    def _server(self, place: _Place, interpreter: str, plan: Plan) -> ForkServer:
        with place.lock:
            if place.hopeless:
                raise ForkServerError("it did not start before")
            if place.server is None or not place.server.alive:
                place.open.close()
                try:
                    place.server = self._start(place.open, interpreter, plan)
                except ForkServerError:
                    place.hopeless = True
                    place.open.close()
                    raise
            return place.server

    def _start(self, opened: contextlib.ExitStack, interpreter: str, plan: Plan) -> ForkServer:
        with self._importing:
            return opened.enter_context(running(self._processes, interpreter, plan))
