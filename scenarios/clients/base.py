"""What the worker asks of a client, and what every era of httpx does in the same way."""

import inspect
import ssl
from typing import Any, NamedTuple, Optional

from .threads import in_thread


class Unsupported(Exception):
    """This release has no such API; the text says which."""


class Link(NamedTuple):
    """How a client reaches the server, and what it runs on."""

    http2: bool = False
    """Whether it may speak HTTP/2 over TLS."""
    ca: Optional[str] = None
    """The certificate authority that it trusts, as PEM text; None where no TLS is spoken."""
    proxy: Optional[str] = None
    """The URL of the proxy that it sends everything through."""
    backend: str = "asyncio"
    """`asyncio` or `trio`: releases that don't look for themselves are told."""
    expiry_by: str = "any"
    """What sets the expiry of idle connections: `any` way, the client's `limits`, or its own `default`."""


PLAIN = Link()


class Timeouts(NamedTuple):
    """How long each part of a request may take, in seconds."""

    connect: float
    read: float
    write: float
    pool: float


class Client:
    """One client with its pool; with `threads` the synchronous one, a thread for each request. Times in seconds."""

    def __init__(self, module: Any, threads: bool) -> None:
        self._module = module
        self._threads = threads
        self._client: Any = None

    def open(
        self, limit: int, max_keepalive: int, keepalive_expiry: float, patience: float, link: Link = PLAIN
    ) -> None:
        """Make the client; `patience` bounds every wait but the one for a slot. Raises Unsupported."""
        self._patience = patience
        self._link = link
        try:
            self._client = self._make(limit, max_keepalive, keepalive_expiry)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            version = getattr(self._module, "__version__", "?")
            raise Unsupported("%s %s: %s" % (self._module.__name__, version, error)) from None

    def leave(self) -> Any:
        """The client as it is; who holds it keeps it from being tidied away when another one is opened."""
        return self._client

    async def get(
        self, url: str, pool_timeout: float, ending: str, connect: Optional[float] = None, read: Optional[float] = None
    ) -> None:
        """One GET whose lease ends by reading (`read`) or closing (`close`) the response.

        `connect` and `read` are timeouts; None is the client's patience.
        """
        bounds = [self._patience if bound is None else bound for bound in (connect, read)]
        timeout = self._timeout(Timeouts(bounds[0], bounds[1], self._patience, pool_timeout))
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

    def _timeout(self, timeouts: Timeouts) -> Any:
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


def trusting(link: Link) -> ssl.SSLContext:
    """A context that trusts the authority of the link and no other.

    Plain HTTP gets one that loads no certificates: it needs none, and loading them costs 50 to 120 ms.
    """
    if link.ca is None:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context(cadata=link.ca)
    # Releases as of httpcore 0.14 say it themselves; the others take what the context says.
    context.set_alpn_protocols(["h2", "http/1.1"] if link.http2 else ["http/1.1"])
    return context
