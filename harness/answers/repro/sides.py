"""The two sides of a script: its server is always on asyncio, in a thread of its own; its client is on either backend.

The parts of the client's side are written for asyncio. For trio each word of asyncio in them becomes trio's own, or one
of the part that is named after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...scenarios.worker.declaration import Load
from .bundle import part

_SERVER = ("pace", "tls", "server", "faults", "proxy", "http2")
_ON_TRIO = {
    "asyncio.sleep(": "trio.sleep(",
    "asyncio.gather(*": "gather(",
    "asyncio.ensure_future(": "Task(",
    "asyncio.wait(": "all_ended(",
    "anyio.CancelScope(": "trio.CancelScope(",
}


def sides(load: Load, client: Iterable[str], features: set[str]) -> list[str]:
    """The sources of a script of this load: the parts of the server's side, and these of the client's."""
    known = {*features, load.backend}
    server = [part(name, known) for name in _SERVER]
    mine = [part(name, known) for name in client]
    return [*server, *([part("trio", known), *map(_on_trio, mine)] if load.backend == "trio" else mine)]


def _on_trio(source: str) -> str:
    for word, theirs in _ON_TRIO.items():
        source = source.replace(word, theirs)
    return source
