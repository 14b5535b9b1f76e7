"""Text for a terminal of 80 columns: paragraphs are wrapped, commands stay on one line."""

from __future__ import annotations

import textwrap

COLUMNS = 80


def wrapped(text: str, indent: str = "    ") -> list[str]:
    """Return the lines of a paragraph; those after the first are indented. Words are never broken."""
    return textwrap.wrap(text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]
