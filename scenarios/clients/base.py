"""What the worker asks of a client, and what every era of httpx does in the same way."""

import inspect
from typing import Any, Optional

from .threads import in_thread


class Unsupported(Exception):
    """This release has no such API; the text says which."""


class Client:
    """One client with its pool; with `threads` the synchronous one, a thread for each request. Times in seconds."""

    def __init__(self, module: Any, threads: bool) -> None:
        self._module = module
        self._threads = threads
        self._client: Any = None

    def open(self, limit: int, max_keepalive: int, keepalive_expiry: float, patience: float) -> None:
        """Make the client; `patience` bounds every wait but the one for a slot. Raises Unsupported."""
        self._patience = patience
        try:
            self._client = self._make(limit, max_keepalive, keepalive_expiry)
        except (ImportError, AttributeError, TypeError) as error:
            version = getattr(self._module, "__version__", "?")
            raise Unsupported("%s %s: %s" % (self._module.__name__, version, error)) from None

    async def get(self, url: str, pool_timeout: float, ending: str) -> None:
        """One GET whose lease ends by reading (`read`) or closing (`close`) the response."""
        timeout = self._timeout(pool_timeout)
        if self._threads:
            await in_thread(lambda: self._get_blocking(url, timeout, ending))
        else:
            await self._get(url, timeout, ending)

    async def close(self) -> None:
        if self._threads:
            await in_thread(self._client.close)
        else:
            await (self._client.aclose if hasattr(self._client, "aclose") else self._client.close)()

    def is_pool_timeout(self, error: BaseException) -> bool:
        """Whether the client says that it waited for a slot in vain."""
        return isinstance(error, self._module.PoolTimeout)

    def view(self) -> Optional[str]:
        """The pool's own words about its state, where the release has any."""
        return None

    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        """The client of this era, asynchronous or not."""
        raise NotImplementedError

    def _timeout(self, pool_timeout: float) -> Any:
        """What `timeout=` takes in this era."""
        raise NotImplementedError

    async def _get(self, url: str, timeout: Any, ending: str) -> None:
        if ending == "read":
            await self._client.get(url, timeout=timeout)
        elif hasattr(self._client, "stream"):
            async with self._client.stream("GET", url, timeout=timeout):
                pass
        else:
            await (await self._client.get(url, timeout=timeout, stream=True)).close()

    def _get_blocking(self, url: str, timeout: Any, ending: str) -> None:
        if ending == "read":
            self._client.get(url, timeout=timeout)
        elif hasattr(self._client, "stream"):
            with self._client.stream("GET", url, timeout=timeout):
                pass
        else:
            self._client.get(url, timeout=timeout, stream=True).close()


def takes(function: Any, name: str) -> bool:
    """Whether a function or class takes a parameter of this name: parameters were renamed between releases."""
    return name in inspect.signature(function).parameters
