"""Work that needs more frames than Python allows: names of a large program depend on each other in long chains."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

FRAMES = 20_000
"""The most frames: about a dozen for each of `resolving.remembered.DEEPEST` values."""
STACK = 256 * 1024 * 1024
"""The size of the stack in bytes; the system gives only what is used of it."""


def deep(work: Callable[[], Result]) -> Result:
    """Return what a function returns that runs on a large stack; raises what it raises."""
    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK)
    sys.setrecursionlimit(max(limit, FRAMES))
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work).result()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
