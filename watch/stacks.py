"""The lines of a caller: its frames without those of clients, event loops and this package."""

from __future__ import annotations

import dis
import os
import sysconfig
from types import CodeType, FrameType
from typing import NamedTuple, Tuple

from .families import CLIENTS, POOLS

DEPTH = 8
"""How many frames are kept."""
DEEPEST = 32
"""How many are kept if none of them is the program's own: an SDK may have more than `DEPTH` frames."""

_PASSED = frozenset((*CLIENTS, *POOLS, "anyio", "asyncio", "concurrent", "contextlib", "functools", "poolgate"))
_PASSED_TOO = frozenset(("outcome", "runpy", "threading", "trio", "uvloop"))
_SKIPPED = _PASSED | _PASSED_TOO
_RUNNERS = frozenset(("asyncio.events", "trio._core._run", "threading", "concurrent.futures.thread"))
"""Modules that run a task or a thread: what is outside of them is the same for each request."""
_OWN, _INSTALLED_CODE, _PASSED_BY, _OUTERMOST = range(4)
_kinds: dict[str, int] = {}
"""What the frames of a file are: the lookup is the cost of a frame, so it is one in a table of files."""
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
    """Return the caller's frames from a frame outwards, the innermost first, up to the event loop or the thread."""
    kept: list[tuple[CodeType, int]] = []
    most = DEEPEST
    while frame is not None:
        code = frame.f_code
        kind = _kinds.get(code.co_filename)
        if kind is None:
            kind = _kinds[code.co_filename] = _kind_of(frame.f_globals.get("__name__"), code.co_filename)
        if kind <= _INSTALLED_CODE:
            kept.append((code, frame.f_lasti))
            if kind == _OWN:
                most = depth
            if len(kept) >= most:
                break
        elif kind == _OUTERMOST:
            break
        frame = frame.f_back
    return tuple(kept)


def _kind_of(module: str | None, file: str) -> int:
    """Return what the frames of a module's file are."""
    if module in _RUNNERS:
        return _OUTERMOST
    if module is not None and module.partition(".")[0] in _SKIPPED:
        return _PASSED_BY
    return _OWN if _is_own(file) else _INSTALLED_CODE


def stack_of(raw: Raw) -> tuple[Frame, ...]:
    """Return the lines of frames."""
    return tuple(Frame(code.co_filename, _line(code, offset), code.co_name) for code, offset in raw)


def _line(code: CodeType, offset: int) -> int:
    lines = [line for start, line in dis.findlinestarts(code) if start <= offset and line is not None]
    return lines[-1] if lines else code.co_firstlineno


def place_of(stack: tuple[Frame, ...]) -> Frame | None:
    """Return the innermost line of the program itself; that of an installed package if there is no other."""
    own = (frame for frame in stack if _is_own(frame.file))
    return next(own, stack[0] if stack else None)


def _is_own(file: str) -> bool:
    """Return whether a file is of the program itself, and not of an installed package."""
    return not file.startswith(_INSTALLED)


def lines_of(stack: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return the lines up to the outermost one of the program itself: what called that is a runner or a server.

    There are none if a task was made of the client's own coroutine.
    """
    own = [n for n, frame in enumerate(stack) if _is_own(frame.file)]
    return stack[: own[-1] + 1] if own else ()


def _short(file: str) -> str:
    """Return a path relative to the working directory, or its last two parts."""
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else os.sep.join(file.split(os.sep)[-2:])
