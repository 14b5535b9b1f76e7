"""How an answer that is a grid of cells is written."""

from __future__ import annotations

from typing import assert_never

import msgspec

from ..answers import RunAnswer
from .interface import Format
from .markdown import to_markdown
from .text import to_text


def to_json(answer: msgspec.Struct) -> str:
    """Any answer as JSON, fields in the order in which they are declared."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def render(answer: RunAnswer, wanted: Format) -> str:
    """A run's answer in one of the formats, without a line end."""
    match wanted:
        case Format.JSON:
            return to_json(answer)
        case Format.TEXT:
            return to_text(answer)
        case Format.MARKDOWN:
            return to_markdown(answer)
        case _:
            assert_never(wanted)
