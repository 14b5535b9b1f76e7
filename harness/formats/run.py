"""Formats of `run` and `report`."""

from __future__ import annotations

from ..answers.run import RunAnswer
from .format import Format, Writers
from .github import run_commands
from .html import run_html
from .junit import run_junit
from .markdown import to_markdown
from .text import to_text


def render(answer: RunAnswer, wanted: Format) -> str:
    """Return the answer in one of the formats, without a final newline."""
    return WRITERS.write(answer, wanted)


WRITERS = Writers[RunAnswer](text=to_text, markdown=to_markdown, junit=run_junit, github=run_commands, html=run_html)
