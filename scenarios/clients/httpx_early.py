"""httpx 0.7.1 to 0.12.1, and httpcore up to 0.4, its forerunner: the client has its own pool, with two limits.

The soft limit applies to idle connections, the hard one to all. The asynchronous client is called `Client` in 0.8.0 to
0.9.5. Up to 0.9.2 the pool timeout belongs to the limits, later to the timeout. Idle connections expire since 0.9.4,
after a time that is an attribute of the pool. There is no synchronous client in 0.8.0 to 0.10.1; that of 0.11 and 0.12
has urllib3's pool. HTTP/2 depended on the TLS context alone, then on a list of versions, and since 0.9 on a flag; the
first releases have no proxies.
"""

import importlib
import inspect
from typing import Any, Dict

from .base import Client, Timeouts, takes, trusting

LOOKS_EVERY = 1.0
"""Seconds between two looks of these pools at their idle connections: what 0.9.4 loses then shows only afterwards."""


class OwnPool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        if self._link.expiry_by == "limits":
            raise AttributeError("its limits have no expiry")
        self._limits = self._module.PoolLimits(soft_limit=max_keepalive, hard_limit=limit)
        # No certificates are loaded where none are asked for: plain HTTP needs none.
        verify = trusting(self._link) if self._link.ca else False
        client = self._class()(pool_limits=self._limits, verify=verify, **self._options())
        for pool in (client.dispatch, *getattr(client, "proxies", {}).values()):
            if hasattr(pool, "KEEP_ALIVE_EXPIRY") and self._link.expiry_by == "any":
                pool.KEEP_ALIVE_EXPIRY = keepalive_expiry
                self.looks_every = LOOKS_EVERY
        return client

    def _class(self) -> Any:
        module = self._module
        if not self._threads:
            return getattr(module, "AsyncClient", None) or module.Client
        if inspect.iscoroutinefunction(module.Client.get):
            raise AttributeError("it has no synchronous client")
        return module.Client

    def _options(self) -> Dict[str, Any]:
        kind, link = self._class(), self._link
        options: Dict[str, Any] = {"trust_env": False} if takes(kind, "trust_env") else {}
        if link.proxy is not None:
            options["proxies"] = link.proxy
        if (
            link.backend == "trio"
            and takes(kind, "backend")
            and not inspect.signature(kind).parameters["backend"].default
        ):
            # Later the backend is found out by itself.
            options["backend"] = importlib.import_module(self._module.__name__ + ".concurrency.trio").TrioBackend()
        if takes(kind, "http_versions"):
            options["http_versions"] = ["HTTP/2", "HTTP/1.1"] if link.http2 else ["HTTP/1.1"]
        elif link.http2 and self._flagged():
            options["http2"] = True
        return options

    def _flagged(self) -> bool:
        """Whether there is a flag for HTTP/2; before there was a list of versions, the TLS context alone decided."""
        return takes(getattr(self._module, "AsyncClient", None) or self._module.Client, "http2")

    def _timeout(self, timeouts: Timeouts) -> Any:
        # `Timeout` is an exception before 0.8.
        kind = getattr(self._module, "TimeoutConfig", None) or self._module.Timeout
        told = {name + "_timeout": seconds for name, seconds in timeouts._asdict().items()}
        if not takes(kind, "pool_timeout"):
            self._limits.pool_timeout = told.pop("pool_timeout")
        return kind(**told)
