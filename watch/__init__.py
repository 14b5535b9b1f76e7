"""poolgate.watch: which slots of the connection pools in this process are lost, held or waited for, and by which code.

It runs in the program's own process, needs only the standard library, and never imports, closes or repairs anything.
"""

from __future__ import annotations

import threading
from typing import Callable

from .installation import Installation
from .settings import Level, Settings
from .stacks import Frame
from .states import Ending, HeldResponse, LostSlot, PoolState, Verdict

__all__ = [
    "Ending",
    "Frame",
    "HeldResponse",
    "Level",
    "LostSlot",
    "PoolState",
    "Verdict",
    "install",
    "installed",
    "pools",
    "uninstall",
]

_lock = threading.Lock()
_installed: Installation | None = None


def install(
    level: Level = "all",
    grace: float = 1.0,
    held_after: float = 60.0,
    on_change: Callable[[PoolState], None] | None = None,
    signal: str | int | None = None,
    socket: bool | None = None,
) -> None:
    """Watch all pools of this process, also those of clients that are imported later.

    `level` says which callers' stacks are recorded; a lost slot is reported `grace` seconds after the first look that
    saw it, a response as held by its caller after `held_after` seconds. `on_change` gets the state of a pool when its
    verdict changes. A `signal` such as "USR1" writes all pools to stderr, and with `socket=True` the command
    `poolgate watch` can read them; both are off unless the environment variable or the command line sets them. An
    installed watcher is replaced.

    Raises ValueError for a signal that can't be handled, as on a thread that is not the main one.
    """
    global _installed
    with _lock:
        installation = Installation(Settings(level, grace, held_after, on_change), signal, socket)
        if _installed is not None:
            _installed.end()
            _installed = None
        installation.begin()
        _installed = installation


def uninstall() -> None:
    """Stop watching, and restore every method that was wrapped."""
    global _installed
    with _lock:
        if _installed is not None:
            _installed.end()
        _installed = None


def installed() -> bool:
    """Return whether the watcher is installed."""
    return _installed is not None


def pools() -> list[PoolState]:
    """Return the state of each pool that has had a request since the watcher was installed.

    Raises RuntimeError if the watcher is not installed.
    """
    installed = _installed
    if installed is None:
        raise RuntimeError("poolgate.watch is not installed: call poolgate.watch.install()")
    installed.catch_up()
    return installed.watcher.states()
