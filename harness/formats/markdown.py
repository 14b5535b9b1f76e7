"""Markdown for a README, an issue or a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ..answers.run import RunAnswer
from .cell_text import remarks_of, rows_of


def to_markdown(answer: RunAnswer, *, keys: bool = False) -> str:
    """Return a table of targets by scenarios, and a list with the reason of each remarkable cell."""
    header, rows = rows_of(answer, keys=keys)
    lines = [row(header), row(["---"] * len(header)), *map(row, rows)]
    remarks = [f"- {escape(remark)}" for remark in remarks_of(answer)]
    return "\n".join([*lines, *([""] if remarks else []), *remarks])


def row(words: list[str]) -> str:
    """Return a row of a table, its cells escaped."""
    return f"| {' | '.join(map(escape, words))} |"


def escape(text: str) -> str:
    """Return text on one line in which nothing is markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in " ".join(text.split()))


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table, its cells escaped."""
    return "\n".join([row(head), f"| {' | '.join(['---'] * len(head))} |", *map(row, rows)])
