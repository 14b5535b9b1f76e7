"""Where the sockets of watched processes are: a folder of one user that no other can enter.

The process and `poolgate watch` may have different environment variables, so that the latter looks in more than one.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Iterator

LONGEST = 100
"""Bytes of a socket's path; systems allow 104 or 108."""
_SUFFIX = ".socket"


class NoFolderError(OSError):
    """No folder is private enough, or has a path that is short enough."""


def candidates(user: int) -> list[str]:
    """Return the folders where a user's sockets may be, those of the environment first."""
    here = [os.environ.get("XDG_RUNTIME_DIR") if user == os.getuid() else None, f"/run/user/{user}"]
    below = [os.path.join(place, "poolgate") for place in here if place]
    shared = [os.path.join(place, f"poolgate-{user}") for place in (os.environ.get("TMPDIR"), "/tmp") if place]
    return list(dict.fromkeys((*below, *shared)))


def is_private(folder: str, user: int) -> bool:
    """Return whether a folder is a user's own, not a link, and no other may enter it."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user and not stat.S_IMODE(found.st_mode) & 0o077


def private_folder(pid: int) -> str:
    """Return the folder for the socket of a process, made if it is missing; raises NoFolderError."""
    user = os.getuid()
    for folder in candidates(user):
        if len(os.fsencode(socket_in(folder, pid))) > LONGEST:
            continue
        with contextlib.suppress(OSError):  # it exists, or the next one is taken
            os.mkdir(folder, 0o700)
        if is_private(folder, user):
            return folder
    raise NoFolderError(f"none of {', '.join(candidates(user))} is a folder that only user {user} may enter")


def socket_in(folder: str, pid: int) -> str:
    """Return the path of the socket of a process."""
    return os.path.join(folder, f"{pid}{_SUFFIX}")


def sockets_of(user: int) -> Iterator[tuple[int, str]]:
    """Yield process and path of each socket in a user's folders; a folder that is not private is passed over."""
    for folder in candidates(user):
        for name in sorted(os.listdir(folder)) if is_private(folder, user) else ():
            pid = name[: -len(_SUFFIX)]
            if name.endswith(_SUFFIX) and pid.isdigit():
                yield int(pid), os.path.join(folder, name)


def is_running(pid: int) -> bool:
    """Return whether a process exists, of any user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def remove_stale(folder: str) -> None:
    """Remove the sockets of processes that do not exist any more from a folder of this user."""
    for pid, path in sockets_of(os.getuid()):
        if os.path.dirname(path) == folder and not is_running(pid):
            remove(path)


def remove(path: str) -> None:
    """Remove a socket; another process may have been faster."""
    with contextlib.suppress(OSError):
        os.unlink(path)
