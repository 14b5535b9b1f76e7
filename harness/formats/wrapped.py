"""Text for a terminal of 80 columns and 24 lines."""

from __future__ import annotations

import textwrap

WIDTH = 80
SCREEN = 24


def wrapped(text: str, later: str = "  ", first: str = "") -> list[str]:
    """Return a text as lines of at most 80 columns, with their indents; names are not divided."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False, break_long_words=False
    )


def shortened(text: str) -> str:
    """Return a text as one line of at most 80 columns; its indent stays."""
    indent = text[: len(text) - len(text.lstrip())]
    return indent + textwrap.shorten(text, WIDTH - len(indent), placeholder=" ...", break_on_hyphens=False)
