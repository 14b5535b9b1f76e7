"""The answer of `watch`: the pools of processes that run, each with its verdict."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...errors import Exit
from ...watch.report import verdict_of
from ...watch.states import PoolState, Verdict

FINE: frozenset[Verdict | None] = frozenset(("serves", "back-pressure", None))
"""The verdicts with exit code 0."""


class WatchedProcess(msgspec.Struct, frozen=True, kw_only=True):
    """What a process says of itself: `verdict` is the worst of its pools, None before the first request.

    `program` is without its arguments; `report` is the text that its signal writes; `doubtful` counts what only a
    second look confirms. Times are in seconds, `since` in seconds since the epoch; a frame of a stack is its file, line
    and function.
    """

    pid: int
    program: str
    python: str
    verdict: Verdict | None = None
    doubtful: int = 0
    report: str
    pools: list[PoolState]


class WatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `watch`: one process, or all that are watched."""

    schema: Literal["poolgate/watch"] = "poolgate/watch"
    version: Literal[1] = 1
    processes: list[WatchedProcess]


def judged(process: WatchedProcess) -> WatchedProcess:
    """Return a process with its verdict, without control characters, which a terminal would obey."""
    return msgspec.structs.replace(
        process,
        verdict=verdict_of(process.pools),
        program=_plain(process.program),
        report="\n".join(map(_plain, process.report.splitlines())),
    )


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def exit_for(answer: WatchAnswer) -> Exit:
    """Return 1 if a pool is dead, leaks, or is held by its callers."""
    return Exit.FINE if all(process.verdict in FINE for process in answer.processes) else Exit.WORSE
