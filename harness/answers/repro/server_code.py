"""The server of a script: what each listener (door) of a load serves, and what becomes of requests there."""

from __future__ import annotations

from ...errors import UsageError
from ...ledger.parts import FAULTS
from ...scenarios.declaration.scenario import STREAMS, Load, streams

_TLS = "secured(CERTIFICATE, KEY)"
_DOORS = {
    "plain": ("http", "http1", "None"),
    "wire": ("http", "http1", "None"),
    "tls": ("https", "http1", _TLS),
    "wire-tls": ("https", "http1", _TLS),
    "untrusted": ("https", "http1", "secured(NOT_TRUSTED, ITS_KEY)"),
    "silent-tls": ("https", "silent", "None"),
    "proxy": ("http", "proxy", "None"),
    "proxy-refuse": ("http", "partial(proxy, tunnel=refuse)", "None"),
    "proxy-silent": ("http", "partial(proxy, tunnel=never_answer)", "None"),
    "proxy-garbage": ("http", "partial(proxy, tunnel=garble)", "None"),
    "socks": ("socks5", "socks", "None"),
    "socks-silent": ("socks5", "partial(socks, others=never_answer)", "None"),
    "socks-refuse": ("socks5", "partial(socks, others=not_allowed)", "None"),
}
"""The scheme of each listener (door), the function that serves a connection there, and its TLS."""
_HTTP2 = {"h2", "wire-h2"}


def doors_of(load: Load, what: set[str], served: str = "http1") -> str:
    """Return the lines that name the listeners of a load and what requests ask for; raises UsageError for others.

    The function `served` serves HTTP/1.1 at the load's door.
    """
    doors = _used(load)
    rows = "".join(
        f'    "{door}": ({", ".join(_door(door, served if door == load.door else "http1"))}),\n' for door in doors
    )
    lines = f"# Each listener: its scheme, the function that serves it, and its TLS.\nOPEN_DOORS = {{\n{rows}}}\n"
    lines += f"WHAT = {_table(what - _ONLY_HTTP2, '')}\n"
    return lines + (f"WHAT2 = {_table(what - _ONLY_HTTP1, '2')}\n" if any(map(_speaks_http2, doors)) else "")


def has_certificate(load: Load) -> bool:
    """Return whether a server of the load presents the script's certificate."""
    return any(_TLS[:-1] in _door(door)[2] for door in _used(load))


def _used(load: Load) -> list[str]:
    proxies = {load.proxy} if load.proxy else set()
    named = {request.door for request in load.requests} | (
        {load.door, load.counted_door} if not load.requests else set()
    )
    return sorted({"plain", *named, *load.counted_at, *proxies})


_ONLY_HTTP1 = {"endless", "no-length", "close-idle", "half-close", "bad-chunk", "bad-head", "early-answer"}
_ONLY_HTTP2 = {"goaway", "goaway-now", "reset-stream", "lower-limit", *FAULTS}


def _door(door: str, http1: str = "http1") -> tuple[str, str, str]:
    name = _name(door)
    if name in _HTTP2:
        limit = streams(door)
        serve = "http2" if limit == STREAMS else f"partial(http2, limit={limit})"
        return '"https"', serve, 'secured(CERTIFICATE, KEY, "h2")'
    if name not in _DOORS:
        raise UsageError(f"a script has no server like {name!r}")
    scheme, serve, tls = _DOORS[name]
    return f'"{scheme}"', http1 if serve == "http1" else serve, tls


def _speaks_http2(door: str) -> bool:
    return _name(door) in _HTTP2


def _name(door: str) -> str:
    return door.partition("?")[0].partition("#")[0]


def _table(what: set[str], suffix: str) -> str:
    """Return the dict from what a request asks for to the function that does it."""
    rows = (f'"{name}": {name.replace("-", "_")}{suffix}' for name in sorted(what))
    return f"{{{', '.join(rows)}}}"
