"""Asks running processes for their pools, by the socket of each, and otherwise as a debugger does."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ...errors import PoolgateError, UsageError
from ...watch.folders import candidates, is_private, is_running, remove, socket_in, sockets_of
from .answer import WatchedProcess, judged
from .remote import can_attach, look_inside

PATIENCE = 10.0
"""Seconds that a process has for its answer."""
TRIES = 3
"""A process that is just forking ends a connection without an answer."""
_HOW = (
    "start it with POOLGATE_WATCH=1, or call poolgate.watch.install(socket=True); it answers once it imports a client"
)


def look_at(pid: int) -> WatchedProcess:
    """Return the pools of a process; raises UsageError where it can't be asked, with the remedy."""
    owner = _owner(pid)
    for folder in candidates(owner):
        path = socket_in(folder, pid)
        if is_private(folder, owner) and Path(path).exists() and (process := _ask(pid, path)) is not None:
            return process
    if can_attach() and (answer := look_inside(pid)):
        return _read(pid, answer)
    raise UsageError(f"process {pid} is not watched: {_HOW}")


def watched_processes() -> Iterator[WatchedProcess]:
    """Yield the processes of this user that answer; sockets of processes that are gone are removed."""
    for pid, path in sockets_of(os.getuid()):
        if not is_running(pid):
            remove(path)
        elif (process := _ask(pid, path)) is not None:
            yield process


def _owner(pid: int) -> int:
    """Return the user of a process; raises UsageError if there is none, or it is not this user's."""
    if not is_running(pid):
        raise UsageError(f"there is no process {pid}: `poolgate watch` lists the processes that are watched")
    entry = Path(f"/proc/{pid}")
    owner = entry.stat().st_uid if entry.exists() else os.getuid()
    if os.getuid() not in (0, owner):
        raise UsageError(f"process {pid} belongs to {_name(owner)}: sudo -u {_name(owner)} poolgate watch {pid}")
    return owner


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def _ask(pid: int, path: str) -> WatchedProcess | None:
    """Return what a socket answers; None if nothing listens there any more, and then it is removed."""
    for _ in range(TRIES):
        try:
            if answer := _answer(path):
                return _read(pid, answer)
        except (ConnectionRefusedError, FileNotFoundError):
            remove(path)
            return None
        except TimeoutError:
            raise PoolgateError(
                f"process {pid} does not answer within {PATIENCE:g} s: it is stopped, or runs no Python code"
            ) from None
        except OSError as error:
            raise PoolgateError(f"process {pid} can't be asked: {error.strerror or error}") from None
    return None


def _answer(path: str) -> bytes:
    """Return all that a socket sends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(path)
        parts = list(iter(lambda: connection.recv(65536), b""))
    return b"".join(parts)


def _read(pid: int, answer: bytes) -> WatchedProcess:
    try:
        return judged(msgspec.json.decode(answer, type=WatchedProcess))
    except msgspec.DecodeError as error:
        raise UsageError(f"process {pid} has another version of poolgate ({error}): install the same here") from None
