"""httpx 0.7.1 to 0.12.1: the client has its own pool, its limits are a soft one (kept idle) and a hard one.

The asynchronous client is called `Client` in 0.8.0 to 0.9.5. Up to 0.9.2 the pool timeout belongs to the limits, later
to the timeout. Idle connections expire as of 0.9.4, after a time that is an attribute of the pool. There is no
synchronous client in 0.8.0 to 0.10.1; that of 0.11 and 0.12 has urllib3's pool.
"""

import inspect
from typing import Any

from .base import Client, takes


class OwnPool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        module = self._module
        self._limits = module.PoolLimits(soft_limit=max_keepalive, hard_limit=limit)
        # No certificates are loaded: plain HTTP needs none.
        client = self._class()(pool_limits=self._limits, verify=False, trust_env=False)
        if hasattr(client.dispatch, "KEEP_ALIVE_EXPIRY"):
            client.dispatch.KEEP_ALIVE_EXPIRY = keepalive_expiry
        return client

    def _class(self) -> Any:
        module = self._module
        if not self._threads:
            return getattr(module, "AsyncClient", None) or module.Client
        if inspect.iscoroutinefunction(module.Client.get):
            raise AttributeError("it has no synchronous client")
        return module.Client

    def _timeout(self, pool_timeout: float) -> Any:
        # `Timeout` is an exception before 0.8.
        timeout = getattr(self._module, "TimeoutConfig", None) or self._module.Timeout
        if takes(timeout, "pool_timeout"):
            return timeout(self._patience, pool_timeout=pool_timeout)
        self._limits.pool_timeout = pool_timeout
        return timeout(self._patience)
