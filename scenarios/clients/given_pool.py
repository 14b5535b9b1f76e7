"""httpx 0.13.0 to 0.16.1: the client takes a pool of httpcore as its transport; only there an expiry can be set."""

import importlib
import ssl
from typing import Any

from .base import Client, takes, unsupported


class GivenPool(Client):
    def open(self, limit: int, max_keepalive: int, keepalive_expiry: float, patience: float) -> None:
        self._patience = patience
        try:
            pool = importlib.import_module("httpcore").AsyncConnectionPool
            kept = "max_keepalive_connections" if takes(pool, "max_keepalive_connections") else "max_keepalive"
            transport = pool(
                ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                max_connections=limit,
                keepalive_expiry=keepalive_expiry,
                **{kept: max_keepalive},
            )
            self._client = self._module.AsyncClient(transport=transport, trust_env=False)
        except (ImportError, AttributeError, TypeError) as error:
            raise unsupported(self._module, error) from None

    async def get(self, url: str, pool_timeout: float, ending: str) -> None:
        if ending == "read":
            await self._client.get(url, timeout=self._timeout(pool_timeout))
        else:
            async with self._client.stream("GET", url, timeout=self._timeout(pool_timeout)):
                pass

    def _timeout(self, pool_timeout: float) -> Any:
        timeout = self._module.Timeout
        return timeout(self._patience, **{"pool" if takes(timeout, "pool") else "pool_timeout": pool_timeout})

    async def close(self) -> None:
        await self._client.aclose()
