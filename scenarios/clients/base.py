"""The interface of a client under test, with the parts that all generations of httpx share."""

import functools
import inspect
import ssl
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .endings import BREAKING, CLOSING, CYCLES, KEEPING, RAISING, Raising, closing, raising_auth
from .lease import Lease
from .threads import in_thread


class Unsupported(Exception):
    """The release has no such API; the text names it."""


class Link(NamedTuple):
    """How a client reaches the server, and what it runs on."""

    http2: bool = False
    """Whether it may speak HTTP/2 over TLS."""
    ca: Optional[str] = None
    """The certificate authority that it trusts, as PEM text; None where no TLS is spoken."""
    proxy: Optional[str] = None
    """The URL of the proxy that it sends everything through."""
    backend: str = "asyncio"
    """`asyncio` or `trio`, for releases that do not detect it themselves."""
    expiry_by: str = "any"
    """What sets the expiry of idle connections: `any` mechanism, the client's `limits`, or its own `default`."""


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
        self._kept: List[Any] = []
        self._raising: Optional[Raising] = None
        self.looks_every = 0.0
        """Seconds after which the pool looks at its idle connections once more, however short their expiry is."""

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

    def another(self) -> "Client":
        """Return one more client of the same kind, not open yet."""
        return type(self)(self._module, self._threads)

    def leave(self) -> Any:
        """Return the current client; a reference to it keeps it from being cleaned up when another one is opened."""
        return self._client

    async def get(
        self,
        url: str,
        pool_timeout: float,
        ending: str,
        connect: Optional[float] = None,
        read: Optional[float] = None,
        body: bytes = b"",
    ) -> None:
        """One GET, a POST where it has a body; how its lease ends is one of the endings of a request.

        Raises Unsupported where it can't end so.

        `connect` and `read` are timeouts; None is the client's patience.
        """
        bounds = [self._patience if bound is None else bound for bound in (connect, read)]
        timeout = self._timeout(Timeouts(bounds[0], bounds[1], self._patience, pool_timeout))
        if ending in RAISING:
            await self._get_raising(url, timeout, ending)
        elif ending not in {"read", "close"}:
            await self._get_and_let_go(url, timeout, ending)
        elif self._threads:
            await in_thread(lambda: self._get_blocking(url, timeout, ending, body))
        else:
            await self._get(url, timeout, ending, body)

    async def start(self, url: str, pool_timeout: float) -> Lease:
        """One GET, asynchronous, whose head has come when this returns."""
        patience = self._patience
        return await self._start(url, self._timeout(Timeouts(patience, patience, patience, pool_timeout)))

    async def close(self) -> None:
        if self._threads:
            await in_thread(self._client.close)
        else:
            await (self._client.aclose if hasattr(self._client, "aclose") else self._client.close)()

    def is_pool_timeout(self, error: BaseException) -> bool:
        """Return True if the client reports that it waited for a slot in vain."""
        return isinstance(error, self._module.PoolTimeout)

    def described(self) -> Optional[str]:
        """What the pool says about its state; a pool in disorder may raise where it should say it."""
        try:
            return self.view()
        except Exception as error:
            return "its description raises %s" % (type(error).__name__,)

    def view(self) -> Optional[str]:
        """Return the pool's own description of its state, where the release has one."""
        return None

    def _make(self, limit: int, max_keepalive: int, keepalive_expiry: float) -> Any:
        """The client of this era, asynchronous or not."""
        raise NotImplementedError

    def _timeout(self, timeouts: Timeouts) -> Any:
        """What `timeout=` takes in this era."""
        raise NotImplementedError

    async def _start(self, url: str, timeout: Any) -> Lease:
        if not hasattr(self._client, "stream"):
            response = await self._client.get(url, timeout=timeout, stream=True)
            return Lease(response, self._pieces(response), None)
        context = self._client.stream("GET", url, timeout=timeout)
        response = await context.__aenter__()
        return Lease(response, self._pieces(response), context)

    async def _get_and_let_go(self, url: str, timeout: Any, ending: str) -> None:
        if self._threads:
            await in_thread(lambda: self._let_go_blocking(url, timeout, ending))
        else:
            await self._let_go(url, timeout, ending)

    async def _let_go(self, url: str, timeout: Any, ending: str) -> None:
        """Have a response, and end its lease in no ordinary way or in none."""
        response = await self._opened(url, timeout)
        pieces = self._lines(response) if ending == "lines" else self._pieces(response)
        if ending in BREAKING:
            async for _ in pieces:
                break
        if ending in CLOSING:
            await (response.aclose if hasattr(response, "aclose") else response.close)()
        self._keep([response, pieces], ending)

    def _keep(self, held: List[Any], ending: str) -> None:
        if ending in KEEPING:
            self._kept.append(held)
        elif ending in CYCLES:
            held.append(held)

    def _let_go_blocking(self, url: str, timeout: Any, ending: str) -> None:
        response = self._opened(url, timeout)
        pieces = self._lines(response) if ending == "lines" else self._pieces(response)
        if ending in BREAKING:
            for _ in pieces:
                break
        if ending in CLOSING:
            response.close()
        held = [response, pieces]
        if ending == "finaliser":
            held.append(closing(response))
            next(held[-1])
        self._keep(held, ending)

    def _opened(self, url: str, timeout: Any) -> Any:
        """A response whose body is not read; to be awaited where the client is asynchronous."""
        client = self._client
        if takes(client.get, "stream"):
            return client.get(url, stream=True, timeout=timeout)
        if takes(client.send, "timeout"):
            return client.send(client.build_request("GET", url), stream=True, timeout=timeout)
        return client.send(client.build_request("GET", url, timeout=timeout), stream=True)

    def _pieces(self, response: Any) -> Any:
        """The pieces of a body as they come; asynchronous where the client is."""
        names = ("iter_raw", "raw") if self._threads else ("aiter_raw", "raw")
        return next(getattr(response, name) for name in names if hasattr(response, name))()

    def _lines(self, response: Any) -> Any:
        """The lines of a body's text; asynchronous where the client is."""
        name = "iter_lines" if self._threads else "aiter_lines"
        if not hasattr(response, name):
            raise Unsupported("%s has no lines" % self._module.__name__)
        return getattr(response, name)()

    async def _get_raising(self, url: str, timeout: Any, ending: str) -> None:
        """A request during which something raises, the response being there."""
        options: Dict[str, Any] = {}
        if ending == "hook":
            self._hooked().urls.add(url)
        elif ending == "redirect":
            options[self._following()] = True
        else:
            options["auth"] = raising_auth(self._module)
            if options["auth"] is None:
                raise Unsupported("%s has no flows of authentication" % self._module.__name__)
        if self._threads:
            await in_thread(lambda: self._client.get(url, timeout=timeout, **options))
        else:
            await self._client.get(url, timeout=timeout, **options)

    def _following(self) -> str:
        """The option that has redirects followed."""
        names = ("follow_redirects", "allow_redirects")
        name = next((name for name in names if takes(getattr(self._client, "get", None), name)), None)
        if name is None:
            raise Unsupported("%s follows no redirects" % self._module.__name__)
        return name

    def _hooked(self) -> Raising:
        if not hasattr(self._client, "event_hooks"):
            raise Unsupported("%s has no event hooks" % self._module.__name__)
        if self._raising is None:
            self._raising = Raising()
            hook = self._raising if self._threads else self._raising.awaited
            self._client.event_hooks = {"response": [hook]}
        return self._raising

    async def _get(self, url: str, timeout: Any, ending: str, body: bytes) -> None:
        method, options = self._asking(timeout, body)
        if ending == "read":
            await self._client.request(method, url, **options)
        elif hasattr(self._client, "stream"):
            async with self._client.stream(method, url, **options):
                pass
        else:
            await (await self._client.request(method, url, stream=True, **options)).close()

    def _get_blocking(self, url: str, timeout: Any, ending: str, body: bytes) -> None:
        method, options = self._asking(timeout, body)
        if ending == "read":
            self._client.request(method, url, **options)
        elif hasattr(self._client, "stream"):
            with self._client.stream(method, url, **options):
                pass
        else:
            self._client.request(method, url, stream=True, **options).close()

    def _asking(self, timeout: Any, body: bytes) -> Tuple[str, Dict[str, Any]]:
        """The method and what goes with it: bytes were `data` before they were `content`."""
        if not body:
            return "GET", {"timeout": timeout}
        return "POST", {"timeout": timeout, "content" if takes(self._client.request, "content") else "data": body}


def takes(function: Any, name: str) -> bool:
    """Whether a function or class takes a parameter of this name: parameters were renamed between releases."""
    return function is not None and name in inspect.signature(function).parameters


@functools.lru_cache(maxsize=None)
def trusting(link: Link) -> ssl.SSLContext:
    """Return a context that trusts only the authority of the link; cached, as a sweep makes many clients.

    Plain HTTP gets one that loads no certificates: it needs none, and loading them costs 50 to 120 ms.
    """
    if link.ca is None:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context(cadata=link.ca)
    # Releases since httpcore 0.14 set it themselves; the others take it from the context.
    context.set_alpn_protocols(["h2", "http/1.1"] if link.http2 else ["http/1.1"])
    return context
