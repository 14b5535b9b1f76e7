"""Running servers: each is a process that serves several cells at once, and is replaced when a cell has an error."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from urllib.parse import quote

import msgspec
import psutil

from ..errors import PoolgateError
from ..processes import Processes, end
from ..protocol.history import Record
from ..protocol.plan import Address, Door
from .server_output import ServerOutput

_STARTUP = 30.0
"""Seconds that a server may take to report that it is ready."""
_ANSWER = 5.0
"""Seconds that a server may take to answer a request of the harness."""
_END = 0.5
"""Seconds after a failed request within which a process that died has ended."""
_BACKLOG = 4096
_COMMAND = (sys.executable, "-m", "poolgate.servers")
MOST_FILES = 2000
"""Open files of a server at most, before another takes its place."""
PER_CORE = 2
"""Servers for each core at most."""


class ServerError(PoolgateError):
    """A server that doesn't start or doesn't answer."""


class _Account(msgspec.Struct):
    records: list[Record]
    overflow: bool = False


# Made here, in one thread: two threads that decode the first values of a type crash the interpreter in msgspec.
_decode_account = msgspec.json.Decoder(_Account).decode
_decode_door = msgspec.json.Decoder(Door).decode


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], address: Address, output: ServerOutput) -> None:
        self.address = address
        self._process = process
        self._output = output

    def door(self, name: str) -> Door:
        """Return a listener (door) of this server, opened if needed; raises ServerError."""
        base, question, query = name.partition("?")
        try:
            with self._connected() as ask:
                answer = ask("PUT", f"/doors/{quote(base, safe='')}{question}{query}")
            return _decode_door(answer)
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise self._failed(f"can't open the listener {name}", error) from None

    def with_doors(self, names: Iterable[str]) -> Address:
        """Return the address with these listeners open; raises ServerError."""
        return msgspec.structs.replace(self.address, doors={name: self.door(name) for name in names})

    def account(self, cell: str) -> list[Record]:
        """Return the server's records of a cell and delete them there; raises ServerError for an incomplete answer."""
        path = f"/cells/{quote(cell, safe='')}"
        try:
            with self._connected() as ask:
                account = _decode_account(ask("GET", f"{path}/account"))
                ask("DELETE", path)
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise self._failed("does not answer", error) from None
        self._output.trim()
        if account.overflow:
            raise ServerError("the server's account is full: more requests arrived than any plan makes")
        return account.records

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def open_files(self) -> int:
        """Return the number of its open files, sockets included; 0 if it has ended."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.pid).num_fds()
        return 0

    def _failed(self, what: str, error: Exception) -> ServerError:
        """Return the error of a request to the server; if its process died, with the last line that it printed."""
        end_of_it = _end_of(self._process, self._output)
        return ServerError(f"the server {end_of_it}" if end_of_it else f"the server {what}: {error!r}")

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Callable[[str, str], bytes]]:
        """Yield a function that sends method and path over one connection and returns the body of the answer."""
        connection = http.client.HTTPConnection(self.address.host, self.address.port, timeout=_ANSWER)

        def ask(method: str, path: str) -> bytes:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status >= 400:
                raise http.client.HTTPException(f"{method} {path}: {answer.status}")
            return body

        with closing(connection):
            yield ask


class _Running:
    """A server of the pool, started for a cell, with the number of its cells; a retired one ends with the last."""

    def __init__(self, processes: Processes) -> None:
        self._context = running_server(processes)
        self.server = self._context.__enter__()
        self.cells = 1
        self.retired = False

    def end(self) -> None:
        """End its process."""
        self._context.__exit__(None, None, None)


class _Place:
    """A place in the pool: its server is started by the first cell that uses it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.running: _Running | None = None


class ServerPool:
    """The servers of a run, each of which serves several cells at once; leaving the context ends all of them.

    There are few: starting a server costs as much as serving a dozen cells, and cells mostly wait.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._places = [_Place() for _ in range(PER_CORE * (os.cpu_count() or 1))]
        self._lock = threading.Lock()
        self._open: set[_Running] = set()

    def __enter__(self) -> ServerPool:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for running in list(self._open):
            running.end()

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Server]:
        """Yield the server with the fewest cells, started if needed.

        After an error of a cell the state of its server is unknown: it is not used again.
        """
        place = self._enter()
        try:
            running = self._running(place)
            try:
                yield running.server
            except BaseException:
                self._retire(running)
                raise
            finally:
                self._leave(running)
        finally:
            with self._lock:
                place.users -= 1

    def _enter(self) -> _Place:
        with self._lock:
            place = min(self._places, key=lambda place: (place.users, place.running is None))
            place.users += 1
        return place

    def _running(self, place: _Place) -> _Running:
        with place.lock:
            if place.running is not None:
                if self._joined(place.running):
                    return place.running
                self._retire(place.running)
            running = place.running = _Running(self._processes)
            with self._lock:
                self._open.add(running)
            return running

    def _joined(self, running: _Running) -> bool:
        """Count a cell more and return True, if the server can take one."""
        usable = running.server.alive and running.server.open_files < most_files()
        with self._lock:
            joined = usable and not running.retired
            running.cells += joined
        return joined

    def _retire(self, running: _Running) -> None:
        """Give the server no more cells, and end it with the last one."""
        with self._lock:
            running.retired = True
        self._end_if_done(running)

    def _leave(self, running: _Running) -> None:
        with self._lock:
            running.cells -= 1
        self._end_if_done(running)

    def _end_if_done(self, running: _Running) -> None:
        with self._lock:
            done = running.retired and running.cells == 0 and running in self._open
            if done:
                self._open.discard(running)
        if done:
            running.end()


def most_files() -> int:
    """Return the open files with which a server is replaced: half of what a process may have.

    Hypercorn keeps the socket of a connection that its client closed while idle until its own keep-alive ends; here
    that is never, because the server closes nothing by itself.
    """
    return min(MOST_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


@contextlib.contextmanager
def running_server(processes: Processes, command: tuple[str, ...] = ()) -> Iterator[Server]:
    """Start a server on a socket that already listens, so that no request can come too early.

    Another `command` is a server with the same option, start and end.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener, closing(ServerOutput()) as output:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = listener.getsockname()
        starting = processes.started(
            [*(command or _COMMAND), "--fd", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output.fileno(),
            pass_fds=[listener.fileno()],
        )
        with starting as process:
            listener.close()
            _wait_until_ready(process, output)
            yield Server(process, Address(host, port), output)
            assert process.stdin is not None
            # A server ends when its stdin is closed; after two seconds it is killed.
            with contextlib.suppress(OSError):
                process.stdin.close()
            end(process, grace=2.0)


def _wait_until_ready(process: subprocess.Popen[bytes], output: ServerOutput) -> None:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(_STARTUP) or process.stdout.readline() != b"ready\n":
            reason = _end_of(process, output) or f"was not ready after {_STARTUP:g} s"
            raise ServerError(f"the server did not start: it {reason}")


def _end_of(process: subprocess.Popen[bytes], output: ServerOutput) -> str:
    """Return how a server's process ended, with the last line that it printed; empty while it runs.

    A process that is killed prints nothing about it: its last line has another cause.
    """
    try:
        code = process.wait(_END)
    except subprocess.TimeoutExpired:
        return ""
    if code < 0:
        return f"was killed by signal {-code}"
    return ": ".join(filter(None, [f"ended with exit code {code}", output.last_line()]))
