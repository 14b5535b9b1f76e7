"""Reads a SPEC: each kind of SPEC has a module of its own."""

from __future__ import annotations

from ..errors import UsageError
from .from_release import of_pins, released
from .spec import ERA, GIT, LOCK, PYTHON
from .target import Target


def parse(spec: str) -> Target:
    """Read a SPEC; raises UsageError with what is wrong and what would do."""
    # Each kind is imported when it is met: what answers from the ledger at once seldom asks Git or reads a lock.
    if spec.startswith(PYTHON):
        from .from_python import existing

        return existing(spec)
    if spec.startswith(GIT):
        from .from_git import committed

        return committed(spec)
    if spec.startswith(LOCK):
        from .from_lock import locked

        return locked(spec)
    return released(spec)


def parse_release(package: str, version: str, deps: str = "") -> Target:
    """Return a release of a line as a target; one that can't be tested is `impossible`, with the reason.

    `deps` is ERA or empty.
    """
    try:
        return of_pins({package: version}, era=deps == ERA)
    except UsageError as error:
        return Target(spec=f"{package}=={version}{deps}", pins=((package, version),), impossible=str(error))
