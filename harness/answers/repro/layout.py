"""The layout of a script's text: its width, and items on as few lines as they take."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

WIDTH = 118
"""Columns of a script."""


def laid_out(texts: Iterable[str]) -> str:
    """Join texts with an empty line between them, and a line end after the last."""
    return "\n\n".join(text.strip("\n") for text in texts) + "\n"


def packed(items: Iterable[str], indent: str) -> str:
    """Return lines with as many items as they take; an item is not broken."""
    # An item has no space while it is wrapped, so it is not broken.
    glued = " ".join(item.replace(" ", "\0") for item in items)
    wrapped = textwrap.wrap(
        glued, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(wrapped).replace("\0", " ")


def listed(head: str, items: list[str], end: str) -> str:
    """Return items in one line, or in as many as they take."""
    line = f"{head}{', '.join(items)}{end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([head, packed([f"{item}," for item in items], "    "), end])


def quoted(value: Any) -> str:
    """Return a value as source, with double quotes; its strings have no quotes."""
    return repr(value).replace("'", '"')
