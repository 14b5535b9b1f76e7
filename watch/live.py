"""The live look of an installed watcher: a signal writes it to stderr, and a socket answers with it.

The socket listens from the moment when the package of a pool is imported: a program without one gets neither a thread
nor a socket.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from typing import Callable, NamedTuple, Optional, Union

from .glance import as_json, as_text, confirmed, glance
from .server import Server, Wait
from .signals import SignalHandler, number_of
from .tables import Table
from .watcher import Watcher


class Outside(NamedTuple):
    """What the environment variable or the command line asks for; an `install()` of the program does not end it."""

    signal: Union[str, int, None] = None
    socket: Optional[bool] = None


outside = Outside()


class Live:
    """What a watcher has for looks from outside; `begin` comes first, `end` restores all."""

    def __init__(self, watcher: Watcher, signal: Union[str, int, None], socket: Optional[bool]) -> None:
        """Check the options; raises ValueError for a signal that does not exist."""
        asked = signal if signal is not None else outside.signal
        self._watcher = watcher
        self._number = number_of(asked) if asked is not None else None
        self._listens = bool(socket if socket is not None else outside.socket)
        self._handler: SignalHandler | None = None
        self._server: Server | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Handle the signal; raises ValueError where it can't be handled."""
        global _current
        if self._number is not None:
            self._handler = SignalHandler(self._number, self._text)
        _register_once()
        _current = self

    def end(self) -> None:
        """Restore the signal, and remove the socket."""
        if self._handler is not None:
            self._handler.restore()
        atexit.unregister(self._close)
        self._listens = False
        self._close()
        _forget(self)

    def listen(self) -> None:
        """Open the socket, if it was asked for and is not open; without one the program goes on."""
        with self._lock:
            if not self._listens or self._server is not None:
                return
            try:
                self._server = Server(self._answer)
                atexit.register(self._close)
            except Exception as error:
                self._listens = False
                logging.getLogger("poolgate.watch").warning("no socket for `poolgate watch`: %s", error)

    def _close(self) -> None:
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _text(self) -> str:
        return as_text(glance(self._watcher))

    def _answer(self, wait: Wait) -> bytes | None:
        seen = confirmed(self._watcher, wait)
        return None if seen is None else as_json(seen)

    def before_fork(self) -> None:
        """Stop the thread: a process with threads is not safe to fork."""
        self._lock.acquire()
        if self._server is not None:
            self._server.pause()

    def in_parent(self) -> None:
        """Go on."""
        if self._server is not None:
            self._server.resume()
        self._lock.release()

    def in_child(self) -> None:
        """Begin anew: the pools of the parent process, of which the child has copies, are not the child's."""
        self._watcher.table = Table()
        server, self._server = self._server, None
        self._lock.release()
        if server is not None:
            server.leave()
            self.listen()


def look_here() -> bytes:
    """Return the answer about this process, as its socket gives it; empty without a watcher. Takes no lock."""
    return as_json(glance(_current._watcher)) if _current is not None else b""


_current: Live | None = None
_registered = False


def _register_once() -> None:
    """Register what follows a fork; Python has no way to remove it again."""
    global _registered
    if not _registered:
        _registered = True
        os.register_at_fork(
            before=lambda: _each(Live.before_fork),
            after_in_parent=lambda: _each(Live.in_parent),
            after_in_child=lambda: _each(Live.in_child),
        )


def _forget(live: Live) -> None:
    global _current
    with live._lock:
        if _current is live:
            _current = None


def _each(step: Callable[[Live], None]) -> None:
    if _current is not None:
        step(_current)
