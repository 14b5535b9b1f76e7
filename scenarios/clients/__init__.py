"""The clients under test, each generation and family behind one small interface."""

from typing import Any, Optional, Tuple

from .base import Client, Link, Unsupported, takes
from .httpcore import BarePool
from .httpcore_tuples import TuplePool
from .httpx import Modern
from .httpx_early import OwnPool
from .httpx_transport import GivenPool
from .user_made import Made


def client_for(module: Any, threads: bool = False, factory: Optional[Tuple[str, str]] = None) -> Client:
    """Return the adapter for an imported client or pool, chosen by its API and not by its version.

    A factory (its name, and the directory to which it is relative) makes the client where one is given.
    """
    if factory is not None:
        return Made(module, threads, factory)
    if hasattr(module, "AsyncConnectionPool"):
        return (BarePool if hasattr(module, "Request") else TuplePool)(module, threads)
    if hasattr(module, "AsyncHTTPTransport"):
        return Modern(module, threads)
    if hasattr(module, "Limits") or takes(module.PoolLimits, "max_connections"):
        return GivenPool(module, threads)
    return OwnPool(module, threads)


__all__ = ["Client", "Link", "Unsupported", "client_for"]
