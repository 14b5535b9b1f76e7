"""The clients under test, each era and family behind one small interface."""

from typing import Any

from .bare_pool import BarePool
from .base import Client, Link, Unsupported, takes
from .given_pool import GivenPool
from .modern import Modern
from .own_pool import OwnPool
from .tuple_pool import TuplePool


def client_for(module: Any, threads: bool = False) -> Client:
    """The adapter for an imported client or pool, by what it offers and not by its version."""
    if hasattr(module, "AsyncConnectionPool"):
        return (BarePool if hasattr(module, "Request") else TuplePool)(module, threads)
    if hasattr(module, "AsyncHTTPTransport"):
        return Modern(module, threads)
    if hasattr(module, "Limits") or takes(module.PoolLimits, "max_connections"):
        return GivenPool(module, threads)
    return OwnPool(module, threads)


__all__ = ["Client", "Link", "Unsupported", "client_for"]
