"""The formats of an answer, and the choice between them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, assert_never

import msgspec

from ..errors import UsageError

_Answer = TypeVar("_Answer", bound=msgspec.Struct)


def to_json(answer: msgspec.Struct) -> str:
    """Return any answer as JSON, with fields in the order of their declaration."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


@dataclass(kw_only=True)
class Writers(Generic[_Answer]):
    """The writers of one kind of answer, by format; None if the answer does not have it. No final newline."""

    text: Callable[[_Answer], str]
    markdown: Callable[[_Answer], str] | None = None
    junit: Callable[[_Answer], str] | None = None
    sarif: Callable[[_Answer], str] | None = None
    github: Callable[[_Answer], str] | None = None
    html: Callable[[_Answer], str] | None = None

    def find(self, wanted: Format) -> Callable[[_Answer], str] | None:
        """Return the writer of a format; a format that is missing here fails type checking."""
        match wanted:
            case Format.JSON:
                return to_json
            case Format.TEXT:
                return self.text
            case Format.MARKDOWN:
                return self.markdown
            case Format.JUNIT:
                return self.junit
            case Format.SARIF:
                return self.sarif
            case Format.GITHUB:
                return self.github
            case Format.HTML:
                return self.html
            case _:
                assert_never(wanted)

    @property
    def formats(self) -> list[Format]:
        """Return all formats of this answer."""
        return [each for each in Format if self.find(each)]

    def write(self, answer: _Answer, wanted: Format) -> str:
        """Return an answer in one of its formats; raises UsageError for any other."""
        writer = self.find(wanted)
        if writer is None:
            raise UsageError(f"this answer has no format {wanted}; it has {', '.join(self.formats)}")
        return writer(answer)


class Format(enum.StrEnum):
    """The values of `--format`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"
    HTML = "html"
