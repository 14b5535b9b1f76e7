"""The lines of a caller: its frames without those of clients, event loops and this package."""

from __future__ import annotations

import dis
import functools
import os
import sysconfig
from types import CodeType, FrameType
from typing import NamedTuple, Tuple

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


Raw = Tuple[Tuple[CodeType, int], ...]
"""Code and offset of each frame: its line number takes longer to compute, and is needed only when it is reported."""


def raw_stack_of(frame: FrameType | None, depth: int = DEPTH) -> Raw:
    """Return the caller's frames from a frame outwards, the innermost first."""
    kept: list[tuple[CodeType, int]] = []
    while frame is not None and len(kept) < depth:
        if not _skipped(frame.f_globals.get("__name__")):
            kept.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(kept)


@functools.lru_cache(maxsize=1024)
def _skipped(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] in _SKIPPED


def stack_of(raw: Raw) -> tuple[Frame, ...]:
    """Return the lines of frames."""
    return tuple(Frame(code.co_filename, _line(code, offset), code.co_name) for code, offset in raw)


def _line(code: CodeType, offset: int) -> int:
    lines = [line for start, line in dis.findlinestarts(code) if start <= offset and line is not None]
    return lines[-1] if lines else code.co_firstlineno


def place_of(stack: tuple[Frame, ...]) -> Frame | None:
    """Return the innermost line of the program itself; that of an installed package if there is no other."""
    own = (frame for frame in stack if not frame.file.startswith(_INSTALLED))
    return next(own, stack[0] if stack else None)


def lines_of(stack: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return the lines up to the outermost one of the program itself: what called that is a runner or a server.

    There are none if a task was made of the client's own coroutine.
    """
    own = [n for n, frame in enumerate(stack) if not frame.file.startswith(_INSTALLED)]
    return stack[: own[-1] + 1] if own else ()


def _short(file: str) -> str:
    """Return a path relative to the working directory, or its last two parts."""
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else os.sep.join(file.split(os.sep)[-2:])
