"""What the worker asks of a client."""

import inspect
from typing import Any, Optional


class Unsupported(Exception):
    """This release has no such API; the text says which."""


class Client:
    """One client with its pool. Times are in seconds."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def open(self, limit: int, max_keepalive: int, keepalive_expiry: float, patience: float) -> None:
        """Make the client; `patience` bounds every wait but the one for a slot. Raises Unsupported."""
        raise NotImplementedError

    async def get(self, url: str, pool_timeout: float, ending: str) -> None:
        """One GET whose lease ends by reading (`read`) or closing (`close`) the response."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    def is_pool_timeout(self, error: BaseException) -> bool:
        """Whether the client says that it waited for a slot in vain."""
        return isinstance(error, self._module.PoolTimeout)

    def view(self) -> Optional[str]:
        """The pool's own words about its state, where the release has any."""
        return None


def takes(function: Any, name: str) -> bool:
    """Whether a function or class takes a parameter of this name: parameters were renamed between releases."""
    return name in inspect.signature(function).parameters


def unsupported(module: Any, error: Exception) -> Unsupported:
    """The error of a client whose API is not the one that its adapter speaks."""
    return Unsupported("%s %s: %s" % (module.__name__, getattr(module, "__version__", "?"), error))
