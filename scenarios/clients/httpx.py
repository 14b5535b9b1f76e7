"""httpx since 0.17.0, httpx2 and httpxyz: `Limits` with an expiry, a transport that owns a pool of httpcore.

`proxy=`, `proxies=` or `mounts=` of a client result in a transport with a proxy; every release takes that one.
"""

from typing import Any, Dict, Optional

from .base import Client, Timeouts, trusting


class Modern(Client):
    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        module = self._module
        expiry = {} if self._link.expiry_by == "default" else {"keepalive_expiry": keepalive_expiry}
        limits = module.Limits(max_connections=limit, max_keepalive_connections=max_keepalive, **expiry)
        transport = (module.HTTPTransport if self._threads else module.AsyncHTTPTransport)(
            verify=trusting(self._link), limits=limits, **self._options()
        )
        self._pool = getattr(transport, "_pool", None)
        return (module.Client if self._threads else module.AsyncClient)(transport=transport, trust_env=False)

    def _options(self) -> Dict[str, Any]:
        link = self._link
        proxy = {} if link.proxy is None else {"proxy": self._module.Proxy(link.proxy)}
        return dict(proxy, http2=link.http2)

    def _timeout(self, timeouts: Timeouts) -> Any:
        return self._module.Timeout(**timeouts._asdict())

    def view(self) -> Optional[str]:
        connections: Any = getattr(self._pool, "connections", None)
        return None if connections is None else repr(connections)[:500]
