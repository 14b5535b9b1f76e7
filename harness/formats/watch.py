"""Text of the answer of `watch`: the verdict of a process, then its pools; and the table that a terminal refreshes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers.watch.answer import WatchAnswer, WatchedProcess
from ..watch.report import WORST, names_of, wrapped
from .format import Format, Writers

if TYPE_CHECKING:
    from rich.console import Group

_STYLES = {"dead": "bold red", "leaks": "bold red", "held-by-caller": "yellow", "back-pressure": "cyan"}


def render(answer: WatchAnswer, wanted: Format) -> str:
    """Return the answer in one of the formats, without a line end."""
    return WRITERS.write(answer, wanted)


def to_text(answer: WatchAnswer) -> str:
    """Return the text about one process, or a line for each of several."""
    if len(answer.processes) == 1:
        return answer.processes[0].report
    return "\n".join(line for process in _worst_first(answer.processes) for line in _line(process))


def _worst_first(processes: list[WatchedProcess]) -> list[WatchedProcess]:
    return sorted(processes, key=lambda one: (WORST.index(one.verdict) if one.verdict else len(WORST), one.pid))


def _line(process: WatchedProcess) -> list[str]:
    verdict = process.verdict or "no request yet"
    lost = sum(len(pool.lost) for pool in process.pools)
    held = sum(len(pool.held) for pool in process.pools)
    queued = sum(pool.queued for pool in process.pools)
    counts = f"{len(process.pools)} pools, {lost} lost, {held} held, {queued} waiting"
    return wrapped(f"{process.pid:>7}  {verdict}: {process.program}: {counts}")


def live_table(process: WatchedProcess, note: str = "") -> Group:
    """Return the table of a process for a terminal, with the lines of each pool below."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    verdict = process.verdict or "no request yet"
    head = Text(f"{verdict}: process {process.pid} ({process.program})", style=_STYLES.get(verdict, "green"))
    table = Table("pool", "verdict", *(("slots", "in use", "idle", "lost", "held", "waiting")), expand=False)
    for pool in sorted(process.pools, key=lambda pool: WORST.index(pool.verdict)):
        counts = (pool.limit or "-", pool.active, pool.idle, len(pool.lost), len(pool.held), pool.queued)
        table.add_row(
            Text(names_of(pool)), Text(pool.verdict, style=_STYLES.get(pool.verdict, "green")), *map(str, counts)
        )
    lines = process.report.splitlines()[1:]
    return Group(head, table, Text("\n".join([*lines, *([note] if note else [])])))


WRITERS = Writers[WatchAnswer](text=to_text)
