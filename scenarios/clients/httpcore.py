"""httpcore since 0.14, httpcore2 and httpcorexyz, used directly: requests and responses are objects, URLs are text."""

from typing import Any, Dict, Optional, Tuple
from urllib.parse import urlsplit

from .base import Client, Timeouts
from .lease import Lease
from .pool_options import make_pool


class BarePool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        return make_pool(self._module, self._threads, (limit, max_keepalive, keepalive_expiry), self._link)

    def _timeout(self, timeouts: Timeouts) -> Dict[str, Any]:
        return {"timeout": dict(timeouts._asdict())}

    def view(self) -> Optional[str]:
        return repr(self._client.connections)[:500]

    async def _start(self, url: str, timeout: Any) -> Lease:
        context = self._client.stream("GET", url, extensions=timeout)
        response = await context.__aenter__()
        return Lease(response, response.aiter_stream(), context)

    def _opened(self, url: str, timeout: Any) -> Any:
        send = self._client.handle_request if self._threads else self._client.handle_async_request
        return send(self._module.Request("GET", url, headers={"Host": urlsplit(url).netloc}, extensions=timeout))

    def _pieces(self, response: Any) -> Any:
        return response.iter_stream() if self._threads else response.aiter_stream()

    def _asking(self, timeout: Any, body: bytes) -> Tuple[str, Dict[str, Any]]:
        if not body:
            return "GET", {"extensions": timeout}
        return "POST", {"extensions": timeout, "content": body}
