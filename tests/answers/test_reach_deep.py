"""Work on a large stack: what it returns, what it raises, and that the limits of Python are restored."""

from __future__ import annotations

import sys
import threading

import pytest

from poolgate.answers.reach.deep import FRAMES, deep


def sunk(frames: int) -> int:
    return 1 + sunk(frames - 1) if frames else 0


def test_more_frames_than_python_allows_are_followed() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()
    frames = FRAMES // 2
    assert frames > before[0]
    assert deep(lambda: sunk(frames)) == frames
    assert (sys.getrecursionlimit(), threading.stack_size()) == before


def test_an_error_is_raised_and_the_limits_are_restored() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()
    with pytest.raises(RecursionError):
        deep(lambda: sunk(2 * FRAMES))
    assert (sys.getrecursionlimit(), threading.stack_size()) == before
