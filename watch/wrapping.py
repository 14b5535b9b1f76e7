"""The methods of pools and clients that are wrapped while the watcher is installed."""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import Any, Callable, Iterator, NamedTuple

from .families import CLIENT_OF
from .note import relay
from .watcher import Watcher

Method = Callable[..., Any]
Maker = Callable[[Method, Watcher, str], Method]
_STREAMS = ("PoolByteStream", "ConnectionPoolByteStream")
"""The class of a response's stream, since httpcore 1.0 and before."""
_ENTRIES = ("AsyncPoolRequest", "PoolRequest", "RequestStatus")
"""The class of a pool's record of a request, since httpcore 1.0.3 and before."""
_ASSIGNS = ("assign_to_connection", "set_connection")
"""Its method that gets the connection."""


class Wrapped(NamedTuple):
    """One method of a class, before and after."""

    owner: type
    name: str
    original: Method
    ours: Method

    def undo(self) -> None:
        """Restore the method, unless it was replaced again: ours then passes everything on."""
        if vars(self.owner).get(self.name) is self.ours:
            setattr(self.owner, self.name, self.original)


class Target(NamedTuple):
    """A method to wrap, and what makes the wrapper from the method, the watcher and the name of the package."""

    owner: type
    name: str
    make: Maker


def targets_in(module: ModuleType) -> Iterator[Target]:
    """Yield the methods of an imported package to wrap; none for a release without such pools."""
    if module.__name__ in CLIENT_OF:
        yield from _of_pool(module, "AsyncConnectionPool", "handle_async_request", _sends_async, _closes_async)
        yield from _of_pool(module, "ConnectionPool", "handle_request", _sends, _closes)
    elif sys.version_info >= (3, 11):  # before, the client's exception has the pool's message
        yield from _of_client(module, "AsyncHTTPTransport", "handle_async_request", _relays_async)
        yield from _of_client(module, "HTTPTransport", "handle_request", _relays)


def _of_pool(module: ModuleType, pool: str, sends: str, make_sends: Maker, make_closes: Maker) -> Iterator[Target]:
    """Yield the method of a pool that sends a request, and that of its responses' streams that closes one."""
    owner = getattr(module, pool, None)
    folder = "_async" if pool.startswith("Async") else "_sync"
    known = vars(sys.modules.get(f"{module.__name__}.{folder}.connection_pool", object))
    streams = [known[name] for name in _STREAMS if name in known]
    if owner is not None and streams:
        yield Target(owner, sends, make_sends)
        yield Target(streams[0], "aclose" if hasattr(streams[0], "aclose") else "close", make_closes)
        entries = [known[name] for name in _ENTRIES if name in known]
        yield from (Target(entry, name, _assigns) for entry in entries for name in _ASSIGNS if name in vars(entry))


def _of_client(module: ModuleType, transport: str, sends: str, make: Maker) -> Iterator[Target]:
    if hasattr(module, transport):
        yield Target(getattr(module, transport), sends, make)


def wrapped(target: Target, watcher: Watcher, package: str) -> Wrapped:
    """Wrap a method."""
    original = vars(target.owner)[target.name]
    ours = target.make(original, watcher, package)
    setattr(target.owner, target.name, ours)
    return Wrapped(target.owner, target.name, original, ours)


def _sends_async(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    async def handle_async_request(self: Any, request: Any) -> Any:
        if not watcher.enabled:
            return await original(self, request)
        call = watcher.begin(self, family, request)
        try:
            response = await original(self, request)
        except BaseException as error:
            watcher.failed(self, call, error)
            raise
        watcher.answered(call, response.stream)
        return response

    return handle_async_request


def _sends(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    def handle_request(self: Any, request: Any) -> Any:
        if not watcher.enabled:
            return original(self, request)
        call = watcher.begin(self, family, request)
        try:
            response = original(self, request)
        except BaseException as error:
            watcher.failed(self, call, error)
            raise
        watcher.answered(call, response.stream)
        return response

    return handle_request


def _closes_async(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    async def aclose(self: Any) -> None:
        call = watcher.held(self)
        try:
            await original(self)
        except BaseException as error:
            watcher.closed(self._pool, call, error)
            raise
        watcher.closed(self._pool, call, None)

    return aclose


def _closes(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    def close(self: Any) -> None:
        call = watcher.held(self)
        try:
            original(self)
        except BaseException as error:
            watcher.closed(self._pool, call, error)
            raise
        watcher.closed(self._pool, call, None)

    return close


def _assigns(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    def assign(self: Any, connection: Any) -> None:
        original(self, connection)
        if connection is not None:
            watcher.assigned(self)

    return assign


def _relays_async(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    async def handle_async_request(self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Exception as error:
            relay(error)
            raise

    return handle_async_request


def _relays(original: Method, watcher: Watcher, family: str) -> Method:
    @functools.wraps(original)
    def handle_request(self: Any, request: Any) -> Any:
        try:
            return original(self, request)
        except Exception as error:
            relay(error)
            raise

    return handle_request
