"""The parser of a SPEC; each kind of SPEC has its own module."""

from __future__ import annotations

from ..errors import UsageError
from .from_release import of_pins, released
from .spec import ERA, GIT, LOCK, PYTHON
from .target import Target


def parse(spec: str) -> Target:
    """Return the target of a SPEC; raises UsageError with the reason and a valid example."""
    # Imported only when needed: answers from the ledger seldom need Git or a lock.
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


def parse_all(spec: str) -> list[Target]:
    """Return the targets of a SPEC: one for each client of a lock that has several; raises UsageError like `parse`."""
    if spec.startswith(LOCK):
        from .from_lock import locked_clients

        return locked_clients(spec)
    return [parse(spec)]


def parse_release(package: str, version: str, deps: str = "") -> Target:
    """Return a release of a line as a target; one that can't be tested is `impossible`, with the reason.

    `deps` is ERA or empty.
    """
    try:
        return of_pins({package: version}, era=deps == ERA)
    except UsageError as error:
        return Target(spec=f"{package}=={version}{deps}", pins=((package, version),), impossible=str(error))
