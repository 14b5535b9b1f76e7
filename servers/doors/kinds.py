"""The kinds of doors: the server behind each, and its requirements, which are imported when it is opened."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, NamedTuple

from starlette.types import ASGIApp

if TYPE_CHECKING:
    from .certificates import Certificates

Opened = AbstractAsyncContextManager[None]
"""A door; it is open within the block."""


class Opening(NamedTuple):
    """The arguments for opening a door: the application, a listening socket that it then owns, the streams of HTTP/2.

    `plain` is the port of the plain door, to which even failing proxies connect their clients.
    """

    app: ASGIApp
    listener: socket.socket
    streams: int
    plain: int


@functools.cache
def certificates() -> Certificates:
    """Return the certificates of this server; they are made with the first TLS door."""
    from .certificates import Certificates

    return Certificates()


def _hypercorn(which: str | None, opening: Opening) -> Opened:
    """Return a Hypercorn door, over TLS where a certificate is named."""
    from .hypercorn import hypercorn_door

    present = None if which is None else functools.partial(certificates().present, which=which)
    return hypercorn_door(opening.app, opening.listener, present)


def _wire(secure: bool, opening: Opening) -> Opened:
    from .http1 import Http1
    from .wire import wire_door

    context = certificates().context("http/1.1") if secure else None
    return wire_door(functools.partial(Http1, opening.app), opening.listener, context)


def _wire_h2(opening: Opening) -> Opened:
    from .packets import Http2
    from .wire import wire_door

    make = functools.partial(Http2, opening.app, limit=opening.streams)
    return wire_door(make, opening.listener, certificates().context("h2"))


def _refused(opening: Opening) -> Opened:
    from ..dead_ends import refused_door

    return refused_door(opening.listener)


def _full(opening: Opening) -> Opened:
    from ..dead_ends import full_door

    return full_door(opening.listener)


def _proxy(name: str, opening: Opening) -> Opened:
    """Return a proxy, or a silent listener in its place."""
    from .. import dead_ends
    from ..proxies import proxy, socks
    from ..proxies.tunnel import Serve, proxy_door

    serve: dict[str, Serve] = {
        "proxy": proxy.proxy,
        "proxy-refuse": functools.partial(proxy.proxy, tunnel=proxy.refuse),
        "proxy-silent": functools.partial(proxy.proxy, tunnel=proxy.never_answer),
        "proxy-garbage": functools.partial(proxy.proxy, tunnel=proxy.garble),
        "socks": socks.socks,
        "socks-refuse": functools.partial(socks.socks_that_refuses, opening.plain),
        "socks-silent": functools.partial(socks.socks_that_is_silent, opening.plain),
        "silent": dead_ends.silent,
    }
    return proxy_door(serve[name], opening.listener)


KINDS: dict[str, Callable[[Opening], Opened]] = {
    "plain": functools.partial(_hypercorn, None),
    "tls": functools.partial(_hypercorn, "trusted"),
    "h2": functools.partial(_hypercorn, "trusted"),
    "untrusted": functools.partial(_hypercorn, "untrusted"),
    "misnamed": functools.partial(_hypercorn, "misnamed"),
    "wire": functools.partial(_wire, False),
    "wire-tls": functools.partial(_wire, True),
    "wire-h2": _wire_h2,
    "proxy": functools.partial(_proxy, "proxy"),
    "proxy-refuse": functools.partial(_proxy, "proxy-refuse"),
    "proxy-silent": functools.partial(_proxy, "proxy-silent"),
    "proxy-garbage": functools.partial(_proxy, "proxy-garbage"),
    "socks": functools.partial(_proxy, "socks"),
    "socks-silent": functools.partial(_proxy, "socks-silent"),
    "socks-refuse": functools.partial(_proxy, "socks-refuse"),
    "refused": _refused,
    "full": _full,
    "silent": functools.partial(_proxy, "silent"),
    "silent-tls": functools.partial(_proxy, "silent"),
}
"""By name, how a door is opened."""

SECURE = {"tls", "h2", "untrusted", "misnamed", "wire-tls", "wire-h2"}
"""Those that speak TLS."""
