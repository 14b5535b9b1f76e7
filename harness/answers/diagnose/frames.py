"""Frames of a traceback, in the forms that interpreters, test runners, notebooks and error trackers print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ...catalogue.line_index import Frame
from ...catalogue.packages import PACKAGES
from .prefixes import Line

_PACKAGES = "|".join(sorted(PACKAGES, key=len, reverse=True))
_BEFORE_SOURCE = (
    re.compile(r"File \"(?P<file>[^\"\n]{1,400})\", line (?P<line>\d{1,6})(?:,? in (?P<name>[\w.<>]{1,100}))?"),
    re.compile(r"(?P<file>[^\s:]{1,400}\.py):(?P<line>\d{1,6}): in (?P<name>[\w.<>]{1,100})"),
)
"""Forms with the line of source right below; the others show several lines, or none, as dumps of stacks do."""
_OTHERS = (
    re.compile(
        r"File \"?(?P<file>[^\"\n:]{1,400}\.py)(?:\"?, line |:)(?P<line>\d{1,6})(?:, in (?P<name>[\w.<>]{1,100}))?"
    ),
    re.compile(r"(?P<file>[^\s:]{1,400}\.py):(?P<line>\d{1,6}) in (?P<name>[\w.<>]{1,100})"),
    re.compile(r"(?P<name>[\w.<>]{1,100}) \((?P<file>[^()\n:]{1,400}\.py):(?P<line>\d{1,6})\)$"),
    re.compile(r"(?P<name>[\w.<>]{1,100}) (?P<file>(?:/|[A-Za-z]:\\)[^:\n]{1,400}\.py):(?P<line>\d{1,6})$"),
)
_INSIDE = re.compile(rf"(?:^|[/\\])({_PACKAGES})[/\\]([\w/\\.]{{1,200}}\.py)$")

ReleasesFor = Callable[[Iterable[Frame]], dict[str, tuple[str, ...]]]
"""The releases of each package that the frames of a traceback allow, the oldest first."""


def frame_in(text: str) -> Frame | None:
    """Return the frame that a line starts with, without its source; None if it does not start with one.

    The package is empty outside of clients and pools, where the file is the path that is printed.
    """
    match = next((match for form in (*_BEFORE_SOURCE, *_OTHERS) if (match := form.match(text))), None)
    if match is None:
        return None
    inside = _INSIDE.search(match["file"])
    package, file = (inside[1], inside[2].replace("\\", "/")) if inside else ("", match["file"])
    return Frame(package, file, (match["name"] or "").rpartition(".")[2], int(match["line"]))


def frames_in(lines: list[Line]) -> list[Frame]:
    """Return all frames, each with the line of source that follows it where its form has one."""
    following = [*(text for _, text in lines[1:]), ""]
    found: list[Frame] = []
    for (_, text), after in zip(lines, following, strict=True):
        if frame := frame_in(text):
            source = any(form.match(text) for form in _BEFORE_SOURCE) and frame_in(after) is None
            found.append(Frame(frame.package, frame.file, frame.function, frame.line, after if source else ""))
    return found
