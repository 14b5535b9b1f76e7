"""A pool of httpcore, of httpcore2 or of httpcorexyz by itself: how each release wants it made."""

from typing import Any, Dict, Tuple
from urllib.parse import urlsplit

from .base import Link, takes, trusting

Parts = Tuple[bytes, bytes, int, bytes]


def make_pool(module: Any, threads: bool, limits: Tuple[int, int, float], link: Link) -> Any:
    """Return a pool with its limit, the idle connections that it keeps and their expiry in seconds.

    Raises AttributeError or TypeError where the release can't make one.
    """
    limit, max_keepalive, expiry = limits
    if link.expiry_by == "default":
        raise AttributeError("a pool by itself has no expiry by default")
    kind = _class(module, threads, link)
    kept = "max_keepalive_connections" if takes(kind, "max_keepalive_connections") else "max_keepalive"
    options: Dict[str, Any] = {"max_connections": limit, kept: max_keepalive, "keepalive_expiry": expiry}
    if link.http2:
        options["http2"] = True
    if link.proxy is not None:
        options.update(_proxy(module, kind, link.proxy))
    pool = kind(ssl_context=trusting(link), **options)
    if _trips_over_expiry(pool):
        pool = kind(ssl_context=trusting(link), **dict(options, keepalive_expiry=None))
    return pool


def parts_of(url: str) -> Parts:
    """The scheme, host, port and target of a URL, as releases before httpcore 0.14 take it."""
    split = urlsplit(url)
    assert split.port is not None
    target = (split.path or "/") + ("?" + split.query if split.query else "")
    return split.scheme.encode(), (split.hostname or "").encode(), split.port, target.encode()


def _trips_over_expiry(pool: Any) -> bool:
    """Return True if looking for expired connections reads a missing attribute, as in httpcore 0.6 and 0.7.

    Every request of a pool with an expiry fails there, so no application can have used one.
    """
    code: Any = getattr(getattr(pool, "_keepalive_sweep", None), "__code__", None)
    names = () if code is None else code.co_names
    return any(name == "next_keepalive_check" and not hasattr(pool, name) for name in names)


def _class(module: Any, threads: bool, link: Link) -> Any:
    """Named `Sync...` before httpcore 0.14; a proxy is a pool of its own kind."""
    kind = "ConnectionPool"
    if link.proxy is not None:
        kind = "SOCKSProxy" if link.proxy.startswith("socks") else "HTTPProxy"
    early = hasattr(module, "SyncConnectionPool")
    return getattr(module, ("" if not early else "Sync") + kind if threads else "Async" + kind)


def _proxy(module: Any, kind: Any, url: str) -> Dict[str, Any]:
    if hasattr(module, "URL"):
        return {"proxy_url": url}
    # The origin alone before httpcore 0.9.
    return {"proxy_url": parts_of(url)} if takes(kind, "proxy_url") else {"proxy_origin": parts_of(url)[:3]}
