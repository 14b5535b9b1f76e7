"""Control the server through a connection of our own, which neither the client under test nor its event loop knows.

Nothing is awaited, and no answer is waited for, so the client's loop sees no step of it.
"""

import contextlib
import socket

ROOM = 1 << 16


class Hand:
    def __init__(self, host: str, port: int, cell: str) -> None:
        self._host = "%s:%d" % (host, port)
        self._cell = cell
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def release(self, request: str, steps: int = 1) -> None:
        """Release the next steps of a stepped response; they are kept where they come before its request."""
        self._drain()
        asked = "POST /cells/%s/release?request=%s&steps=%d HTTP/1.1\r\nhost: %s\r\ncontent-length: 0\r\n\r\n"
        self._socket.sendall((asked % (self._cell, request, steps, self._host)).encode("ascii"))

    def close(self) -> None:
        self._socket.close()

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(ROOM, socket.MSG_DONTWAIT):
                pass
