"""Reads a SPEC: each kind of SPEC has a module of its own."""

from __future__ import annotations

from ..errors import UsageError
from .spec import GIT, LOCK, PYTHON
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
    from .from_release import released

    return released(spec)


def parse_release(package: str, version: str, deps: str = "") -> Target:
    """A release of a line as a target; one that can't be one is a target too, and says so.

    `deps` is ERA or nothing.
    """
    spec = f"{package}=={version}{deps}"
    try:
        return parse(spec)
    except UsageError as error:
        return Target(spec=spec, pins=((package, version),), impossible=str(error))
