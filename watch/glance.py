"""A look at all pools from outside the program; a signal may cause it, as it takes no lock and reports no change."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Callable, NamedTuple

from .look import look
from .report import report
from .states import PoolState
from .watcher import Watcher

LONGEST_WAIT = 3.0
"""Seconds between two looks at most: a longer grace leaves doubts."""


class Glance(NamedTuple):
    """The states of all pools; `doubtful` counts what only a second look confirms, such as a slot that is just lost."""

    states: list[PoolState]
    doubtful: int


def glance(watcher: Watcher) -> Glance:
    """Look at all pools; what a request or an exception would report of them later stays as it is."""
    states: list[PoolState] = []
    doubtful = 0
    for pool, callers in watcher.table.items():
        looked = callers.looked
        state = look(pool, callers, watcher.settings.grace, watcher.settings.held_after)
        callers.looked = looked
        states.append(state)
        stalled = callers.stalled != (0.0, 0.0) and state.verdict != "dead"
        doubtful += max(0, len(callers.suspicions) - len(state.lost)) + stalled
    return Glance(states, doubtful)


def confirmed(watcher: Watcher, wait: Callable[[float], bool]) -> Glance | None:
    """Look at all pools, a second time after the grace if the first look leaves a doubt; None if `wait` is ended."""
    first = glance(watcher)
    if not first.doubtful:
        return first
    return glance(watcher) if wait(min(watcher.settings.grace, LONGEST_WAIT)) else None


def as_json(seen: Glance) -> bytes:
    """Return the answer about this process."""
    answer = {
        "pid": os.getpid(),
        "program": program(),
        "python": sys.version.split()[0],
        "doubtful": seen.doubtful,
        "report": as_text(seen),
        "pools": [asdict(state) for state in seen.states],
    }
    return json.dumps(answer).encode()


def as_text(seen: Glance) -> str:
    """Return the text about this process: which lines are the program's own is known here only."""
    return report(os.getpid(), program(), seen.states, seen.doubtful)


def program() -> str:
    """Return the program of this process, without its arguments, which may have secrets."""
    name = sys.argv[0] if getattr(sys, "argv", None) else ""
    parts = name.split(os.sep)
    return os.sep.join(parts[-2:]) if parts[-1] == "__main__.py" else parts[-1] or "python"
