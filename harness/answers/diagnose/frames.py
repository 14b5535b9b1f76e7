"""Frames of a traceback, in the forms that interpreters, test runners, notebooks and error trackers print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ...catalogue.packages import PACKAGES

_PACKAGES = "|".join(sorted(PACKAGES, key=len, reverse=True))
_FORMS = (
    re.compile(r"File \"?([^\"\n]{1,400}?)\"?, line (\d{1,6})(?:, in ([\w.<>]{1,100}))?"),
    re.compile(r"File ([^\n:]{1,400}\.py):(\d{1,6}), in ([\w.<>]{1,100})"),
    re.compile(r"([^\s:]{1,400}\.py):(\d{1,6}):? in ([\w.<>]{1,100})"),
)
_INSIDE = re.compile(rf"(?:^|[/\\])({_PACKAGES})[/\\]([\w/\\.]{{1,200}}\.py)$")


class Frame(NamedTuple):
    """A frame: its package (empty unless it is a client or pool), its file, its function and its line.

    The file is relative to the package, with slashes; outside of the packages it is the path that is printed.
    """

    package: str
    file: str
    function: str
    line: int


ReleasesFor = Callable[[Iterable[Frame]], dict[str, tuple[str, ...]]]
"""The releases of each package that the frames of a traceback allow, the oldest first."""


def frame_in(text: str) -> Frame | None:
    """Return the frame that a line starts with, if it does."""
    match = next((match for form in _FORMS if (match := form.match(text))), None)
    if match is None:
        return None
    inside = _INSIDE.search(match[1])
    package, file = (inside[1], inside[2].replace("\\", "/")) if inside else ("", match[1])
    return Frame(package, file, (match[3] or "").rpartition(".")[2], int(match[2]))


def unknown(_frames: Iterable[Frame]) -> dict[str, tuple[str, ...]]:
    """Return no releases: the answer where there is no index of lines."""
    return {}
