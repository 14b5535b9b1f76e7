"""Clients with more than one pool: a proxy, a mounted transport, or a main transport that raises when it is closed."""

from typing import Any, Dict

from ..clients.base import Client, Unsupported, takes
from ..clients.httpx_early import OwnPool
from .through import Through


class OwnError(Exception):
    """The error that a transport of the caller raises when it is closed."""


class SeveralPools(Through):
    """A client that its caller makes with several pools; `way` is how it is closed: `aclose`, or `exit` of a block."""

    def __init__(self, adapter: Client, client: Any, way: str) -> None:
        super().__init__(adapter)
        self._own = client
        self._way = way
        # Without a reference the collector would close what closing the client leaves open.
        adapter._kept.append([client])

    async def send(self, url: str, timeout: Any) -> None:
        """Read one response to its end."""
        await self._own.get(url, timeout=timeout)

    async def enter(self) -> None:
        """Begin the block that closes the client."""
        if self._way == "exit":
            await self._own.__aenter__()

    async def close(self) -> None:
        """Close the client; an error of the caller's own transport is the caller's to handle."""
        try:
            if self._way == "exit":
                await self._own.__aexit__(None, None, None)
            else:
                await (self._own.aclose if hasattr(self._own, "aclose") else self._own.close)()
        except OwnError:
            pass


def proxied(adapter: Client, url: str) -> Any:
    """Return a client with a proxy, made as its users make it: the proxy has a pool of its own.

    Raises Unsupported for a pool without a client.
    """
    if isinstance(adapter, OwnPool):
        return adapter.leave()
    kind: Any = getattr(adapter._module, "AsyncClient", None)
    if kind is None:
        raise Unsupported("%s has no client of its own" % adapter._module.__name__)
    return kind(trust_env=False, **{"proxy" if takes(kind, "proxy") else "proxies": url})


def mounted(adapter: Client, pattern: str, raising: bool) -> Any:
    """Return a client with a transport that is mounted for a URL pattern; `raising`: closing the main one raises.

    Raises Unsupported where a client has no mounts.
    """
    module = adapter._module
    kind: Any = getattr(module, "AsyncClient", None)
    if not takes(kind, "mounts"):
        raise Unsupported("%s has no mounted transports" % module.__name__)
    main = _raising(module.AsyncHTTPTransport) if raising else module.AsyncHTTPTransport
    options: Dict[str, Any] = {"verify": False}
    mounts = {pattern: module.AsyncHTTPTransport(**options)}
    return kind(transport=main(**options), mounts=mounts, trust_env=False)


def _raising(transport: Any) -> Any:
    """Return a transport whose closing closes it and then raises."""

    class Raising(transport):  # type: ignore[misc]
        async def aclose(self) -> None:
            await super().aclose()
            raise OwnError("the caller's transport")

        async def __aexit__(self, *exc_info: Any) -> None:
            await super().__aexit__(*exc_info)
            raise OwnError("the caller's transport")

    return Raising
