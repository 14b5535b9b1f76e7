"""The fixture `slow_server`: a server in a process of its own, whose answers wait, break or fail as a test asks.

`slow_server.answers(...)` returns the URL below which every request gets that answer, whatever its method and path: the
base URL of an SDK, for example.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import re
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from ..errors import PoolgateError
from ..extras import Extra, require
from ..processes import Processes

Protocol = Literal["http1", "tls", "h2"]
Ends = Literal["whole", "stall", "reset", "close", "reset-stream"]
"""How a body ends: whole; never; with a RST or a FIN in the middle; or, over HTTP/2, as a stream that is reset."""

_DOORS: dict[Protocol, tuple[str, str]] = {
    "http1": ("plain", "wire"),
    "tls": ("tls", "wire-tls"),
    "h2": ("h2", "wire-h2"),
}
"""By protocol the listener that is Hypercorn, and the one that can break a connection."""
COMMAND = (sys.executable, "-m", "poolgate.servers.scripted")
_BREAKING = frozenset(("reset", "close", "reset-stream"))
_ANSWER = 5.0
"""Seconds that the server may take for an order of the test."""


@contextlib.contextmanager
def running_server() -> Iterator[RunningServer]:
    """Start the server for the tests of a run, and end it; the test fails with one line if it can't start."""
    with contextlib.ExitStack() as stack:
        try:
            require(Extra.MEASURE, "slow_server")
            from ..measurement.server_pool import running_server as started

            server = stack.enter_context(started(Processes(), COMMAND))
        except PoolgateError as error:
            pytest.fail(str(error), pytrace=False)
        yield RunningServer(server.address.host, server.address.port)


class RunningServer:
    """The process that serves all tests of a run; each test has answers of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def of_test(self, test: str) -> Iterator[SlowServer]:
        """Yield the server of one test; what it holds is cut at the end."""
        names: list[str] = []

        def name() -> str:
            names.append(
                f"{re.sub('[^A-Za-z0-9_]+', '-', test.rpartition('::')[2])[:80].strip('-')}-{next(self._numbers)}"
            )
            return names[-1]

        yield SlowServer(self.ask, name)
        for each in names:
            self.ask("DELETE", f"/scripts/{each}")

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Send an order, and return the JSON of the answer; a refused one fails the test with its reason."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_ANSWER)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(content))
            answer = connection.getresponse()
            plain = json.loads(answer.read())
        if answer.status >= 400:
            pytest.fail(f"slow_server: {plain['error']}", pytrace=False)
        return plain


@dataclass(frozen=True)
class Arrived:
    """A request that arrived: its method and path, such as `GET /models`, and how it ended.

    `how` is "sent" for a whole answer, "fault" for one that the server broke, "disconnected" if the client ended it,
    and None while it is in flight.
    """

    request: str
    how: str | None


class Answers(str):
    """The base URL of some answers. The first request gets the first, all after the last get the last."""

    _server: SlowServer
    _protocol: Protocol
    _name: str
    _answers: list[dict[str, Any]]

    def then(self, status: int = 200, body: bytes | Iterable[bytes] = b"", **more: Any) -> Answers:
        """Return the URL with one answer more; the arguments are those of `SlowServer.answers`."""
        return self._server._written(self._protocol, self._name, [*self._answers, _plain(status, body, **more)])

    def release(self, pieces: int = 1) -> None:
        """Let the server send pieces of the answers that have `steps`; those that come too early are kept."""
        self._server._ask("POST", f"/scripts/{self._name}/release?steps={pieces}")

    @property
    def arrived(self) -> list[Arrived]:
        """The requests that arrived, in order."""
        records = self._server._ask("GET", f"/scripts/{self._name}")
        ends = {record["request"]: record["data"]["how"] for record in records if record["kind"] == "departed"}
        names = [record["request"] for record in records if record["kind"] == "arrived"]
        return [Arrived(name.partition(" ")[2], ends.get(name)) for name in names]


class SlowServer:
    """The server of one test."""

    def __init__(self, ask: Any, name: Any) -> None:
        self._ask = ask
        self._name = name

    def answers(
        self, status: int = 200, body: bytes | Iterable[bytes] = b"", *, over: Protocol = "http1", **more: Any
    ) -> Answers:
        """Return a URL below which each request gets this answer.

        `body` is one piece or several. `headers` is a mapping; `seconds` pass before the head and `between` before each
        further piece; `together=3` holds the requests until there are three, for `bound` seconds at most; with
        `steps=True` each piece waits for `release()`. `ends` says how the body ends, and `fault` is one of the faults
        of the wire that `servers/README.md` lists. `over` is "http1", "tls" or "h2" (HTTP/2 over TLS).
        """
        return self._written(over, self._name(), [_plain(status, body, **more)])

    @property
    def ca(self) -> str:
        """The authority that signs the certificates, as PEM text."""
        return str(self._ask("PUT", "/doors/tls")["ca"])

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """A context for clients that trusts the server: `httpx.Client(verify=slow_server.ssl_context)`."""
        return ssl.create_default_context(cadata=self.ca)

    def _written(self, protocol: Protocol, name: str, answers: list[dict[str, Any]]) -> Answers:
        self._ask("PUT", f"/scripts/{name}", answers)
        breaks = any(answer["ends"] in _BREAKING or answer["fault"] for answer in answers)
        door = self._ask("PUT", f"/doors/{_DOORS[protocol][breaks]}")
        scheme = "https" if door["ca"] else "http"
        url = Answers(f"{scheme}://{door['host']}:{door['port']}/answers/{name}")
        url._server, url._protocol, url._name, url._answers = self, protocol, name, answers
        return url


def _plain(
    status: int,
    body: bytes | Iterable[bytes],
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float = 0.0,
    between: float = 0.0,
    together: int = 0,
    bound: float = 5.0,
    steps: bool = False,
    ends: Ends = "whole",
    fault: str | None = None,
) -> dict[str, Any]:
    """Return an answer as the server reads it."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    return {
        "status": status,
        "headers": list((headers or {}).items()),
        "pieces": [piece.decode("latin-1") for piece in pieces if piece],
        "seconds": seconds,
        "between": between,
        "together": together,
        "bound": bound,
        "steps": steps,
        "ends": ends,
        "fault": fault,
    }
