"""The clients under test, each era and family behind one small interface."""

from typing import Any, Callable, Dict

from .base import Client, Unsupported
from .modern import Modern

# By import name. The older eras, and families to come, are additions here.
CLIENTS: Dict[str, Callable[[Any], Client]] = {"httpx": Modern, "httpx2": Modern}

__all__ = ["CLIENTS", "Client", "Unsupported"]
