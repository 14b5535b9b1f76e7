"""httpx 0.7.1 to 0.12.1: the client has its own pool, its limits are a soft one (kept idle) and a hard one.

The asynchronous client is called `Client` in 0.8.0 to 0.9.5. Up to 0.9.2 the pool timeout belongs to the limits, later
to the timeout. Idle connections expire as of 0.9.4, after a time that is an attribute of the pool.
"""

from typing import Any

from .base import Client, takes, unsupported


class OwnPool(Client):
    def open(self, limit: int, max_keepalive: int, keepalive_expiry: float, patience: float) -> None:
        module = self._module
        self._patience = patience
        try:
            self._limits = module.PoolLimits(soft_limit=max_keepalive, hard_limit=limit)
            client = getattr(module, "AsyncClient", None) or module.Client
            # No certificates are loaded: plain HTTP needs none.
            self._client = client(pool_limits=self._limits, verify=False, trust_env=False)
        except (AttributeError, TypeError) as error:
            raise unsupported(module, error) from None
        if hasattr(self._client.dispatch, "KEEP_ALIVE_EXPIRY"):
            self._client.dispatch.KEEP_ALIVE_EXPIRY = keepalive_expiry

    async def get(self, url: str, pool_timeout: float, ending: str) -> None:
        timeout = self._timeout(pool_timeout)
        if ending == "read":
            await self._client.get(url, timeout=timeout)
        elif hasattr(self._client, "stream"):
            async with self._client.stream("GET", url, timeout=timeout):
                pass
        else:
            await (await self._client.get(url, timeout=timeout, stream=True)).close()

    def _timeout(self, pool_timeout: float) -> Any:
        # `Timeout` is an exception before 0.8.
        timeout = getattr(self._module, "TimeoutConfig", None) or self._module.Timeout
        if takes(timeout, "pool_timeout"):
            return timeout(self._patience, pool_timeout=pool_timeout)
        self._limits.pool_timeout = pool_timeout
        return timeout(self._patience)

    async def close(self) -> None:
        await (self._client.aclose if hasattr(self._client, "aclose") else self._client.close)()
