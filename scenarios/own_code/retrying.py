"""A transport of the caller that sends a request again after an error status, and what becomes of the first answer."""

import gc
from typing import Any, List

from ..clients.base import Client, Unsupported, takes
from .through import Through

STATUSES = (429, 503)
"""The statuses after which a request is sent again."""


class Retrying(Through):
    """A client with such a transport around its own; `hand` is what becomes of an answer that is not returned.

    It is `dropped`, `kept` or `closed`.
    """

    def __init__(self, adapter: Client, hand: str) -> None:
        super().__init__(adapter)
        self._retry = _retry(adapter, hand)

    async def send(self, url: str, timeout: Any) -> None:
        """Read one response to its end; the transport has sent the request as often as it had to."""
        client = self.adapter.leave()
        if client._transport is not self._retry:
            client._transport = self._retry
        await client.get(url, timeout=timeout)


def _retry(adapter: Client, hand: str) -> Any:
    """Return the transport; raises Unsupported before httpx 0.20, whose transports have no responses."""
    module = adapter._module
    inner: Any = getattr(adapter.leave(), "_transport", None)
    if not takes(getattr(inner, "handle_async_request", None), "request") or not hasattr(module, "AsyncBaseTransport"):
        raise Unsupported("%s has no transports that return a response" % module.__name__)
    kept: List[Any] = []

    class Retry(module.AsyncBaseTransport):  # type: ignore[misc,name-defined]
        async def handle_async_request(self, request: Any) -> Any:
            response = await inner.handle_async_request(request)
            if response.status_code not in STATUSES:
                return response
            if hand == "closed":
                await response.aclose()
            elif hand == "kept":
                kept.append(response)
            del response
            gc.collect()
            return await inner.handle_async_request(request)

        async def aclose(self) -> None:
            await inner.aclose()

    adapter._kept.append(kept)
    return Retry()
