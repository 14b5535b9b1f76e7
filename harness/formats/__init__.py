"""How an answer that is a grid of cells is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, assert_never

import msgspec

from ..answers import RunAnswer
from .interface import Format
from .markdown import to_markdown
from .text import to_text

_Answer = TypeVar("_Answer", bound=msgspec.Struct)


def to_json(answer: msgspec.Struct) -> str:
    """Any answer as JSON, fields in the order in which they are declared."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def written(answer: _Answer, wanted: Format, text: Callable[[_Answer], str], markdown: Callable[[_Answer], str]) -> str:
    """Any answer in one of the formats, without a line end; `text` and `markdown` write it for people."""
    match wanted:
        case Format.JSON:
            return to_json(answer)
        case Format.TEXT:
            return text(answer)
        case Format.MARKDOWN:
            return markdown(answer)
        case _:
            assert_never(wanted)


def render(answer: RunAnswer, wanted: Format) -> str:
    """A run's answer in one of the formats, without a line end."""
    return written(answer, wanted, to_text, to_markdown)
