"""httpx 0.13.0 to 0.16.1: the client takes a pool of httpcore as its transport; only there an expiry can be set.

Left alone, the client makes its own pool, with the expiry that it has by default, or none.
"""

import importlib
from typing import Any, Dict

from .base import Client, Timeouts, takes, trusting
from .pool_options import make_pool


class GivenPool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        client = self._module.Client if self._threads else self._module.AsyncClient
        return client(trust_env=False, **self._options(limit, max_keepalive, keepalive_expiry))

    def _options(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Dict[str, Any]:
        link = self._link
        if link.expiry_by == "limits":
            raise AttributeError("its limits have no expiry")
        if link.expiry_by == "default":
            return dict(self._limits(limit, max_keepalive), verify=trusting(link), http2=link.http2)
        limits = (limit, max_keepalive, keepalive_expiry)
        return {"transport": make_pool(importlib.import_module("httpcore"), self._threads, limits, link)}

    def _limits(self, limit: int, max_keepalive: int) -> Dict[str, Any]:
        """Renamed within this era, as are their own parameters."""
        name = "limits" if hasattr(self._module, "Limits") else "pool_limits"
        kind = getattr(self._module, "Limits", None) or self._module.PoolLimits
        kept = "max_keepalive_connections" if takes(kind, "max_keepalive_connections") else "max_keepalive"
        return {name: kind(**{kept: max_keepalive, "max_connections": limit})}

    def _timeout(self, timeouts: Timeouts) -> Any:
        kind = self._module.Timeout
        suffix = "" if takes(kind, "pool") else "_timeout"
        return kind(**{name + suffix: seconds for name, seconds in timeouts._asdict().items()})
