"""The caller's own code that sends a request on the same client while it has a response."""

from typing import Any, AsyncIterator, Callable, Coroutine, Dict

from ..clients.base import Client, Unsupported
from .through import Through

Nested = Callable[[], Coroutine[Any, Any, None]]
"""Sends the request of the caller's own code."""
READING = "read"


class AskingAgain(Through):
    """A client whose flow of authentication, or whose response hook, sends a request before the answer is returned.

    `nested` has that request by the URL of the one that it belongs to; the code reads the answer first if `reads`.
    """

    def __init__(self, adapter: Client, by: str, reads: bool) -> None:
        super().__init__(adapter)
        self._by = by
        self._reads = reads
        self.nested: Dict[str, Nested] = {}

    async def send(self, url: str, timeout: Any) -> None:
        """Send one GET; raises Unsupported where a release has no such hooks or flows."""
        client, module = self.adapter.leave(), self.adapter._module
        if not hasattr(client, "event_hooks") or not hasattr(getattr(module, "Auth", None), "async_auth_flow"):
            raise Unsupported("%s has no hooks, or no asynchronous flows of authentication" % module.__name__)
        if self._by == "hook":
            client.event_hooks = {"response": [self._hook]}
            await client.get(url, timeout=timeout)
        else:
            await client.get(url, timeout=timeout, auth=self._flow(module))

    async def _hook(self, response: Any) -> None:
        await self._ask(str(response.request.url), response)

    def _flow(self, module: Any) -> Any:
        ask = self._ask

        class Flow(module.Auth):  # type: ignore[misc]
            async def async_auth_flow(self, request: Any) -> AsyncIterator[Any]:
                response = yield request
                await ask(str(request.url), response)
                request.headers["Authorization"] = "Bearer fresh"
                yield request

        return Flow()

    async def _ask(self, url: str, response: Any) -> None:
        request = next((name for name in self.nested if "request=%s&" % name in url), None)
        if request is None:
            return
        if self._reads:
            await response.aread()
        await self.nested.pop(request)()
