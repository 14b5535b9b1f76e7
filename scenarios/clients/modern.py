"""httpx as of 0.17.0, httpx2 and httpxyz: `Limits` with an expiry, a transport that owns a pool of httpcore."""

import ssl
from typing import Any, Optional

from .base import Client


class Modern(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        module = self._module
        limits = module.Limits(
            max_connections=limit, max_keepalive_connections=max_keepalive, keepalive_expiry=keepalive_expiry
        )
        transport = (module.HTTPTransport if self._threads else module.AsyncHTTPTransport)(
            # A context that loads no certificates: plain HTTP needs none, and loading them costs 50 to 120 ms.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            limits=limits,
        )
        self._pool = getattr(transport, "_pool", None)
        return (module.Client if self._threads else module.AsyncClient)(transport=transport, trust_env=False)

    def _timeout(self, pool_timeout: float) -> Any:
        return self._module.Timeout(self._patience, pool=pool_timeout)

    def view(self) -> Optional[str]:
        connections: Any = getattr(self._pool, "connections", None)
        return None if connections is None else repr(connections)[:500]
