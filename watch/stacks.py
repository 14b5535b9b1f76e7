"""The lines of a caller: its frames without those of clients, event loops and this package."""

from __future__ import annotations

import os
import sysconfig
from types import FrameType
from typing import NamedTuple

from .families import CLIENTS, POOLS

DEPTH = 8
"""How many frames are kept."""

_PASSED = frozenset((*CLIENTS, *POOLS, "anyio", "asyncio", "concurrent", "contextlib", "functools", "poolgate"))
_PASSED_TOO = frozenset(("outcome", "runpy", "threading", "trio", "uvloop"))
_SKIPPED = _PASSED | _PASSED_TOO
_INSTALLED = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib")})


class Frame(NamedTuple):
    """A line of a program: its file, its number and the name of its function."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{_short(self.file)}:{self.line}"


def stack_of(frame: FrameType | None, depth: int = DEPTH) -> tuple[Frame, ...]:
    """Return the caller's frames from a frame outwards, the innermost first."""
    kept: list[Frame] = []
    while frame is not None and len(kept) < depth:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _SKIPPED:
            kept.append(Frame(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return tuple(kept)


def place_of(stack: tuple[Frame, ...]) -> Frame | None:
    """Return the innermost line of the program itself; that of an installed package if there is no other."""
    own = (frame for frame in stack if not frame.file.startswith(_INSTALLED))
    return next(own, stack[0] if stack else None)


def _short(file: str) -> str:
    """Return a path relative to the working directory, or its last two parts."""
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else os.sep.join(file.split(os.sep)[-2:])
