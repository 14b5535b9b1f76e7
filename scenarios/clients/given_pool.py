"""httpx 0.13.0 to 0.16.1: the client takes a pool of httpcore as its transport; only there an expiry can be set."""

import importlib
import ssl
from typing import Any

from .base import Client, takes


class GivenPool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        httpcore = importlib.import_module("httpcore")
        pool = httpcore.SyncConnectionPool if self._threads else httpcore.AsyncConnectionPool
        kept = "max_keepalive_connections" if takes(pool, "max_keepalive_connections") else "max_keepalive"
        options = {"max_connections": limit, kept: max_keepalive, "keepalive_expiry": keepalive_expiry}
        transport = pool(ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **options)
        client = self._module.Client if self._threads else self._module.AsyncClient
        return client(transport=transport, trust_env=False)

    def _timeout(self, pool_timeout: float) -> Any:
        timeout = self._module.Timeout
        return timeout(self._patience, **{"pool" if takes(timeout, "pool") else "pool_timeout": pool_timeout})
