"""GitHub workflow commands: an annotation for each cell that a reviewer should see.

Escaping follows https://github.com/actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..answers.run import RunAnswer
from ..verdict.words import Status
from .cell_text import name_of, points_of, remarkable, why_of

Level = Literal["error", "warning", "notice"]

_LEVELS: dict[Status, Level] = {
    Status.PASS: "notice",
    Status.FAIL: "error",
    Status.FLAKY: "warning",
    Status.UNKNOWN: "warning",
    Status.UNSUPPORTED: "notice",
    Status.UNINSTALLABLE: "notice",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message, the file of the repository that it is about, and the line in it if known."""

    level: Level
    title: str
    message: str
    file: str | None = None
    line: int | None = None


def to_commands(annotations: Iterable[Annotation]) -> str:
    """Return one command a line."""
    return "\n".join(map(_command, annotations))


def run_commands(answer: RunAnswer) -> str:
    """Return an annotation for each remarkable cell, and one with the number of cells."""
    notes = [
        Annotation(_LEVELS[cell.status], name_of(cell), "\n".join([why_of(cell), *points_of(cell)]))
        for cell in remarkable(answer)
    ]
    passing = sum(cell.status is Status.PASS for cell in answer.cells)
    return to_commands([*notes, Annotation("notice", "poolgate", f"{len(answer.cells)} cells, {passing} of them pass")])


def _command(annotation: Annotation) -> str:
    properties = {"title": annotation.title, "file": annotation.file, "line": str(annotation.line or "")}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{annotation.level} {written}::{_data(annotation.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
