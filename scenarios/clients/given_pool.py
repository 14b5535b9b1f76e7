"""httpx 0.13.0 to 0.16.1: the client takes a pool of httpcore as its transport; only there an expiry can be set."""

import importlib
from typing import Any

from .base import Client, Timeouts, takes
from .pools import make_pool


class GivenPool(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        limits = (limit, max_keepalive, keepalive_expiry)
        pool = make_pool(importlib.import_module("httpcore"), self._threads, limits, self._link)
        client = self._module.Client if self._threads else self._module.AsyncClient
        return client(transport=pool, trust_env=False)

    def _timeout(self, timeouts: Timeouts) -> Any:
        kind = self._module.Timeout
        suffix = "" if takes(kind, "pool") else "_timeout"
        return kind(**{name + suffix: seconds for name, seconds in timeouts._asdict().items()})
