"""The log of a bisection: Git can replay it (`git bisect replay`), and so can a later `poolgate bisect --log`.

Git reads its own lines and skips the others; each line of poolgate is a whole step as JSON, so that no step of a log is
measured again.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...errors import UsageError
from ...paths import output_path, write_whole
from .search import Side
from .step import Step

_OURS = "# poolgate "
MOST = 16_000_000
"""Most bytes of a log that are read."""


class Log:
    """The steps of one search in a file; `search` describes it in one line. Without a path nothing is stored.

    Raises UsageError if the file is not a log or belongs to another search, or if its folder is missing.
    """

    def __init__(self, path: Path | None, search: str, ends: tuple[str, str], *, git: bool, repair: bool) -> None:
        self._path = None if path is None else output_path(str(path))
        self._git = git
        self._words = {Side.GOOD: "fixed", Side.BAD: "broken"} if repair else {}
        good, bad = ends
        start = f"git bisect start '{bad}' '{good}'"
        if repair:
            start = f"git bisect start '--term-old=broken' '--term-new=fixed' '{good}' '{bad}'"
        self._head = [f"# {search}", *([start] if git else [])]
        self.steps: dict[str, Step] = self._read() if path is not None and path.exists() else {}

    def add(self, steps: list[Step]) -> None:
        """Add steps, replacing earlier ones of the same names, and write the file again."""
        self.steps.update({step.name: step for step in steps})
        if self._path is not None:
            write_whole(self._path, self.text().encode())

    def text(self) -> str:
        """Return the whole log, with a line end."""
        lines = list(self._head)
        for step in self.steps.values():
            word = self._words.get(step.side, step.side.value)
            lines += [f"git bisect {word} {step.name}"] if self._git else []
            lines += [_OURS + msgspec.json.encode(step).decode()]
        return "\n".join(lines) + "\n"

    def _read(self) -> dict[str, Step]:
        assert self._path is not None
        try:
            with self._path.open("rb") as file:
                lines = file.read(MOST).decode("utf-8", "replace").splitlines()
            ours = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
            steps = [msgspec.json.decode(line, type=Step) for line in ours]
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(f"--log {self._path} can't be read ({error}): name another file") from None
        if lines[: len(self._head)] != self._head:
            raise UsageError(f"--log {self._path} is not the log of this search: name another file")
        return {step.name: step for step in steps}
