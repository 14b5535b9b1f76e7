"""Tables of a page that is written in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from .markdown import row


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A table; nothing of its cells becomes markup."""
    return "\n".join([row(head), f"| {' | '.join(['---'] * len(head))} |", *map(row, rows)])
