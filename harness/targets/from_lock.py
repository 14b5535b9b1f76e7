"""What a lock file pins as a target: `lock:PATH`, or `lock:PATH?rev=GITREV` of a revision.

Loaded late: what answers at once from stored verdicts seldom reads a lock.
"""

from __future__ import annotations

import sys

from ..errors import UsageError
from .lockfiles.detect import read_lock
from .spec import ERA
from .target import Target


def locked(spec: str) -> Target:
    """A lock's pins on the Python that runs us: its markers were evaluated for that one. Raises UsageError."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is locked and not resolved: `--deps era` is for releases")
    return Target(spec=spec, pins=read_lock(spec), pythons=(f"{sys.version_info.major}.{sys.version_info.minor}",))
