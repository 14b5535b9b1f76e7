"""The lines of a requirements file: continuations are joined, comments are kept with the line that they follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"(?:^|[ \t])#(?P<words>.*)$")
_VIA = re.compile(r"^[ \t]*via\b(?P<names>.*)$")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_FILE = re.compile(r"-r[ \t]+(?P<file>\S+)")


@dataclass(slots=True)
class RequirementLine:
    """A requirement or an option, without comments and in one line; `number` is that of its first line."""

    number: int
    text: str
    comments: list[str] = field(default_factory=list)

    @property
    def via(self) -> list[str]:
        """Return what requires it, from the comments of pip-compile and uv: names of packages and of input files."""
        found: list[str] = []
        inside = False
        for comment in self.comments:
            if matched := _VIA.match(comment):
                inside = True
                found += [name for part in matched["names"].split(",") if (name := _required_by(part))]
            elif inside and comment.startswith("  "):
                found += [name for name in [_required_by(comment)] if name]
            else:
                inside = False
        return found


def _required_by(part: str) -> str | None:
    """Return a package or an input file of a `# via` comment; None for a constraint."""
    part = part.strip()
    if part.startswith("-"):
        file = _FILE.match(part)
        return file["file"] if file else None
    name = _NAME.match(part)
    return name[0] if name else None


def lines_of(text: str) -> Iterator[RequirementLine]:
    """Yield the requirements and options of a text in their order."""
    current: RequirementLine | None = None
    open_line = False
    for number, line in enumerate(text.splitlines(), 1):
        words, comment = _split(line)
        if comment is not None and current is not None and (open_line or not words):
            current.comments.append(comment)
        if comment is not None and not words:
            # A comment of its own does not end a continuation; a backslash at its end is part of it.
            continue
        joined = words.removesuffix("\\")
        if open_line and current is not None:
            current.text = f"{current.text} {joined.strip()}"
        elif joined.strip():
            if current is not None:
                yield current
            current = RequirementLine(number, joined.strip(), [comment] if comment is not None else [])
        open_line = words.endswith("\\")
    if current is not None:
        yield current


def _split(line: str) -> tuple[str, str | None]:
    """Return a line's words and its comment; a `#` within a URL does not start one."""
    found = _COMMENT.search(line) if "#" in line else None
    return (line[: found.start()].rstrip(), found["words"]) if found else (line.rstrip(), None)
