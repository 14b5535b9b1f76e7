"""The progress of a run, on a terminal and in a log file."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..cells.cell import variant_name
from ..verdict.key_words import in_words
from ..verdict.outcome import CellResult
from ..verdict.wording import words_of


@contextlib.contextmanager
def shown_progress(total: int, running: list[str]) -> Iterator[Callable[[CellResult], None]]:
    """Show a bar with the running cells and the time left on a terminal, elsewhere a line for each finished cell."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(total)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[running]}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("cells", total=total, running="")

        def advance(_: CellResult) -> None:
            progress.update(task, advance=1, running=", ".join(running[:3]))

        progress.update(task, running="starting")
        yield advance


def _name(answer: CellResult) -> str:
    return f"{variant_name(answer.scenario, answer.variant)}@{answer.target}"


class _Lines:
    """The progress in a log file, one line for each finished cell."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._since = time.monotonic()

    def __call__(self, answer: CellResult) -> None:
        self._done += 1
        left = (time.monotonic() - self._since) / self._done * (self._total - self._done)
        line = f"[{self._done}/{self._total}, {left:.0f} s left] {_name(answer)}: {in_words(words_of(answer))}"
        print(line, file=sys.stderr, flush=True)
