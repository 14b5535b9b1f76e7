"""The packages of the watched pools and their clients, by name; none is imported here."""

from __future__ import annotations

import sys
from types import ModuleType

CLIENT_OF = {"httpcore": "httpx", "httpcore2": "httpx2", "httpcorexyz": "httpxyz"}
"""The client that drives each pool."""

POOLS = tuple(CLIENT_OF)
CLIENTS = tuple(CLIENT_OF.values())


def loaded(name: str) -> ModuleType | None:
    """Return an imported package; None if it is not imported, or another package has taken its name.

    A package that another thread is just importing is not complete: None too.
    """
    module = sys.modules.get(name)
    if getattr(module, "__name__", None) != name or getattr(getattr(module, "__spec__", None), "_initializing", False):
        return None
    return module


def version_of(module: ModuleType) -> str:
    """Return the version of an imported package."""
    return str(getattr(module, "__version__", "unknown"))


def versions_of(pool: str) -> dict[str, str]:
    """Return the versions of a pool's package and, if it is imported, of its client."""
    modules = ((name, loaded(name)) for name in (CLIENT_OF[pool], pool))
    return {name: version_of(module) for name, module in modules if module is not None}
