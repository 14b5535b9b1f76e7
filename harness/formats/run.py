"""Formats of `run` and `report`."""

from __future__ import annotations

from functools import partial

from ..answers.run import RunAnswer
from .format import Format, Writers
from .github import run_commands
from .html import run_html
from .junit import run_junit
from .markdown import to_markdown
from .text import to_text


def render(answer: RunAnswer, wanted: Format, *, keys: bool = False) -> str:
    """Return the answer in one of the formats, without a final newline; a grid has the `keys` if asked for."""
    return writers(keys=keys).write(answer, wanted)


def writers(*, keys: bool = False) -> Writers[RunAnswer]:
    """Return the writers of the answer, by format."""
    return Writers[RunAnswer](
        text=partial(to_text, keys=keys),
        markdown=partial(to_markdown, keys=keys),
        junit=partial(run_junit, keys=keys),
        github=run_commands,
        html=partial(run_html, keys=keys),
    )


WRITERS = writers()
