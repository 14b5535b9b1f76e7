"""Name the place where a coroutine is suspended: the functions on its stack, through any kinds of awaitable.

An async generator is awaited through an `asend` or `athrow` object, which has no reference to it (nor does the wrapper
that `coroutine.__await__` makes); the garbage collector knows the reference.
"""

import gc
import inspect
from typing import Any, List, NamedTuple, Optional, Tuple

DEEPEST = 100
CLIENTS = ("httpx", "httpcore")
"""Prefixes of the package names of all families."""

PRIMITIVES = ("_synchronization", "synchronization", "_backends", "backends", "concurrency", "_concurrency")
"""Modules of the clients that only implement waiting: the site is the function that waits there."""


class Place(NamedTuple):
    """The place of a suspension: the client's innermost function, and all of the client's calls with their lines."""

    site: str
    chain: str


def place_of(awaited: Any) -> Place:
    """Return the place of a suspended coroutine; where no client is on its stack, the innermost function is its
    site.
    """
    frames = _frames(awaited)
    own = [frame for frame in frames if frame[0].startswith(CLIENTS)]
    waiting = [frame for frame in own if not set(frame[0].split(".")) & set(PRIMITIVES)]
    module, function, _ = (waiting or own or frames or [("nowhere", "nothing", 0)])[-1]
    return Place("%s:%s" % (module, function), " > ".join("%s:%s:%d" % frame for frame in own))


def _frames(awaited: Any) -> List[Tuple[str, str, int]]:
    """Return (module, function, line) of every frame from the outermost to the innermost."""
    frames = []
    for _ in range(DEEPEST):
        frame, awaited = _look_into(awaited)
        if frame is not None:
            name = str(frame.f_globals.get("__name__", "?"))
            frames.append((name, str(frame.f_code.co_name), int(frame.f_lineno or 0)))
        if awaited is None:
            break
    return frames


def _look_into(link: Any) -> Tuple[Optional[Any], Any]:
    """Return the frame of one link and the object that it waits for."""
    if inspect.iscoroutine(link):
        return link.cr_frame, link.cr_await
    if inspect.isgenerator(link):
        return link.gi_frame, link.gi_yieldfrom
    if inspect.isasyncgen(link):
        return link.ag_frame, link.ag_await
    if type(link).__name__ in {"async_generator_asend", "async_generator_athrow", "coroutine_wrapper"}:
        return None, next((found for found in gc.get_referents(link) if _is_suspendable(found)), None)
    return None, None


def _is_suspendable(found: Any) -> bool:
    return inspect.isasyncgen(found) or inspect.iscoroutine(found)
