"""A socket that a daemon thread serves: each connection gets one answer, and nothing is read from it."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from typing import Callable, Optional

from .folders import private_folder, remove, remove_stale, socket_in

PATIENCE = 2.0
"""Seconds that a reader has for an answer, and a thread to end."""

Wait = Callable[[float], bool]
"""Waits some seconds; returns False if the thread has to end at once."""
Answer = Callable[[Wait], Optional[bytes]]


class Server:
    """The socket of this process, from its construction until `close`; raises OSError if there can be none.

    The thread is stopped while the process forks: a child of a process with threads may have locks that nothing
    releases, and Python 3.12 warns of it.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._pid = os.getpid()
        folder = private_folder(self._pid)
        remove_stale(folder)
        self.path = socket_in(folder, self._pid)
        remove(self.path)  # of an earlier process with this number
        self._listener = _listening(self.path)
        self.resume()

    def resume(self) -> None:
        """Start the thread."""
        self._wake, woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, args=(woken,), name="poolgate.watch", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """End the thread."""
        self._wake.close()
        self._thread.join(PATIENCE)

    def close(self) -> None:
        """End the thread and remove the socket."""
        self.pause()
        self.leave()
        if os.getpid() == self._pid:
            remove(self.path)

    def leave(self) -> None:
        """Close the socket of a parent process in its child, without a change for the parent."""
        self._listener.close()

    def _serve(self, woken: socket.socket) -> None:
        with woken, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not any(key.fileobj is woken for key, _ in selector.select()):
                self._reply(woken)

    def _reply(self, woken: socket.socket) -> None:
        """Answer one connection; it may be closed before."""
        try:
            connection, _ = self._listener.accept()
            with connection:
                connection.settimeout(PATIENCE)
                answer = self._answer(lambda seconds: _waited(woken, seconds))
                if answer is not None:
                    connection.sendall(answer)
        except OSError:
            pass


def _waited(woken: socket.socket, seconds: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(woken, selectors.EVENT_READ)
        return not selector.select(seconds)


def _listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(8)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
