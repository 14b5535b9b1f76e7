"""How a request ended, from its exception."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from .families import CLIENTS, POOLS
from .stacks import Frame, raw_stack_of, stack_of
from .states import Ending, What

_LIBRARIES = frozenset((*CLIENTS, *POOLS))


def ending_of(error: BaseException | None, frame: FrameType | None, sent: tuple[Frame, ...] = ()) -> Ending:
    """Return the ending for an exception, None for a normal one; a frame gives the caller's lines.

    Without any in its task, as for an exception that Python throws into an asynchronous generator, the lines that
    `sent` the request are returned.
    """
    stack = stack_of(raw_stack_of(frame)) or sent
    if error is None:
        return Ending("closed", None, None, stack)
    return Ending(_what(error), type(error).__name__, _inside(error), stack)


def reading_error(frame: FrameType) -> BaseException | None:
    """Return the exception for which a pool closes a response that was being read; None if its caller closes it.

    `frame` is that of the method that closes.
    """
    caller = frame.f_back
    return sys.exc_info()[1] if caller is not None and caller.f_code.co_name in ("__aiter__", "__iter__") else None


def _what(error: BaseException) -> What:
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"CancelledError", "Cancelled"}:
        return "cancelled"
    if names & {"TimeoutException", "TimeoutError"}:
        return "timed out"
    return "abandoned" if isinstance(error, GeneratorExit) else "failed"


def _inside(error: BaseException) -> str | None:
    """Return the innermost function of the client or pool in a traceback."""
    inside = None
    for frame in _frames(error):
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in _LIBRARIES and not module.endswith("_exceptions"):
            inside = _name(frame)
    return inside


def _name(frame: FrameType) -> str:
    return str(frame.f_code.co_qualname if sys.version_info >= (3, 11) else frame.f_code.co_name)


def _frames(error: BaseException) -> Iterator[FrameType]:
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def entry_in(error: BaseException, request: Any) -> Any:
    """Return the pool's entry for a request that failed, from the pool's frame in the traceback; None without one."""
    for frame in _frames(error):
        if frame.f_globals.get("__name__", "").endswith("connection_pool"):
            for value in list(frame.f_locals.values()):
                if hasattr(value, "connection") and getattr(value, "request", None) is request:
                    return value
    return None
