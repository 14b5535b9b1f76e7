"""httpcore 0.5 to 0.13, used directly: URLs and responses are tuples, and the response's last byte frees nothing.

The sending method is called `request`, since 0.11 `arequest` where it is asynchronous, since 0.13
`handle_async_request` and `handle_request`. The lease ends when the stream of the response is closed.
"""

import importlib
from typing import Any, AsyncIterator, Dict, Iterator

from .base import Client, Timeouts, Unsupported, takes
from .lease import Lease
from .pool_options import make_pool, parts_of

AWAITED = ("handle_async_request", "arequest", "request")
BLOCKING = ("handle_request", "request")
"""What the methods that send are called, asynchronous and not."""


class TuplePool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        return make_pool(self._module, self._threads, (limit, max_keepalive, keepalive_expiry), self._link)

    def _timeout(self, timeouts: Timeouts) -> Dict[str, float]:
        return dict(timeouts._asdict())

    def is_pool_timeout(self, error: BaseException) -> bool:
        # Public since 0.7.
        public = getattr(self._module, "PoolTimeout", None)
        return isinstance(error, public or importlib.import_module("httpcore._exceptions").PoolTimeout)

    async def _start(self, url: str, timeout: Any) -> Lease:
        raise Unsupported("the responses of a bare pool before httpcore 0.14 are not streamed here; name an httpx")

    def _opened(self, url: str, timeout: Any) -> Any:
        if self._threads:
            return _stream_of(self._send(BLOCKING, url, timeout, b""))
        return self._opened_in_time(url, timeout, b"")

    async def _opened_in_time(self, url: str, timeout: Any, body: bytes) -> Any:
        return _stream_of(await self._send(AWAITED, url, timeout, body))

    def _pieces(self, response: Any) -> Any:
        return iter(response) if self._threads else response.__aiter__()

    async def _get(self, url: str, timeout: Any, ending: str, body: bytes) -> None:
        stream = await self._opened_in_time(url, timeout, body)
        try:
            if ending == "read":
                async for _ in stream:
                    pass
        finally:
            await (stream.aclose if hasattr(stream, "aclose") else stream.close)()

    def _get_blocking(self, url: str, timeout: Any, ending: str, body: bytes) -> None:
        stream = _stream_of(self._send(BLOCKING, url, timeout, body))
        try:
            if ending == "read":
                for _ in stream:
                    pass
        finally:
            stream.close()

    def _send(self, names: Any, url: str, timeout: Any, body: bytes) -> Any:
        """Call the first of these methods that there is."""
        send = next(getattr(self._client, name) for name in names if hasattr(self._client, name))
        parts = parts_of(url)
        options: Dict[str, Any] = {"headers": [(b"Host", b"%s:%d" % parts[1:3])]}
        if body:
            options["headers"].append((b"Content-Length", b"%d" % len(body)))
            options["stream"] = _Body(body)
        if takes(send, "extensions"):
            options.update(extensions={"timeout": timeout}, stream=_Body(body))
        elif takes(send, "ext"):
            options.update(ext={"timeout": timeout})
        else:
            options.update(timeout=timeout)
        return send(b"POST" if body else b"GET", parts, **options)


class _Body:
    """A body as every release takes it, where the first ones have no class for it: iterated either way, and closed."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def _stream_of(answer: Any) -> Any:
    """Return the stream: the last of five, or, since 0.11, the last but one of four."""
    return answer[4] if len(answer) == 5 else answer[2]
