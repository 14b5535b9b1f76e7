"""httpx as of 0.17.0, httpx2 and httpxyz: `Limits` with an expiry, a transport that owns a pool of httpcore."""

import ssl
from typing import Any, Optional

from .base import Client, unsupported


class Modern(Client):
    def open(self, limit: int, max_keepalive: int, keepalive_expiry: float, patience: float) -> None:
        module = self._module
        self._patience = patience
        try:
            limits = module.Limits(
                max_connections=limit, max_keepalive_connections=max_keepalive, keepalive_expiry=keepalive_expiry
            )
            # A context that loads no certificates: plain HTTP needs none, and loading them costs 50 to 120 ms.
            transport = module.AsyncHTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), limits=limits)
        except (AttributeError, TypeError) as error:
            raise unsupported(module, error) from None
        self._pool = getattr(transport, "_pool", None)
        self._client = module.AsyncClient(transport=transport, trust_env=False)

    async def get(self, url: str, pool_timeout: float, ending: str) -> None:
        timeout = self._module.Timeout(self._patience, pool=pool_timeout)
        if ending == "read":
            await self._client.get(url, timeout=timeout)
        else:
            async with self._client.stream("GET", url, timeout=timeout):
                pass

    async def close(self) -> None:
        await self._client.aclose()

    def view(self) -> Optional[str]:
        connections: Any = getattr(self._pool, "connections", None)
        return None if connections is None else repr(connections)[:500]
