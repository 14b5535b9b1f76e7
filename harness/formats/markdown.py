"""The grid for a README, an issue or a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ..answers.run import RunAnswer
from .cell_text import remarks_of, rows_of


def to_markdown(answer: RunAnswer) -> str:
    """A Markdown table of targets by scenarios, and a list of why each cell that does not pass does not."""
    header, rows = rows_of(answer)
    lines = [row(header), row(["---"] * len(header)), *map(row, rows)]
    remarks = [f"- {escape(remark)}" for remark in remarks_of(answer)]
    return "\n".join([*lines, *([""] if remarks else []), *remarks])


def row(words: list[str]) -> str:
    return f"| {' | '.join(map(escape, words))} |"


def escape(text: str) -> str:
    """Nothing from a history becomes markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in " ".join(text.split()))


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A table; nothing of its cells becomes markup."""
    return "\n".join([row(head), f"| {' | '.join(['---'] * len(head))} |", *map(row, rows)])
