"""Lock files as targets: `lock:PATH`, or `lock:PATH?rev=GITREV` for the file in a Git revision.

Imported only when needed: answers from stored verdicts seldom read a lock.
"""

from __future__ import annotations

import sys

from ..errors import UsageError
from .lockfiles.detect import read_lock
from .spec import ERA
from .target import Target


def locked(spec: str) -> Target:
    """Return the target of a lock's pins, on the Python that runs poolgate and its markers; raises UsageError."""
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is locked and not resolved: `--deps era` is for releases")
    return Target(spec=spec, pins=read_lock(spec), pythons=(f"{sys.version_info.major}.{sys.version_info.minor}",))
