"""Text for a terminal of 80 columns and 24 lines: paragraphs are wrapped, commands stay on one line."""

from __future__ import annotations

import textwrap

COLUMNS = 80
SCREEN = 24


def wrapped(text: str, indent: str = "    ", first: str = "") -> list[str]:
    """Return the lines of a paragraph; `first` indents its first line, `indent` the others. Words are never broken."""
    lines = textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return lines or [""]


def shortened(text: str) -> str:
    """Return a text as one line of at most 80 columns; its indent stays."""
    indent = text[: len(text) - len(text.lstrip())]
    return indent + textwrap.shorten(text, COLUMNS - len(indent), placeholder=" ...", break_on_hyphens=False)
