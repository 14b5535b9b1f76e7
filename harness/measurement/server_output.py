"""What the process of a server prints about its own errors: kept in a file, and quoted only if the process dies."""

from __future__ import annotations

import fcntl
import os
import tempfile

from ..errors import PoolgateError

BOUND = 1 << 20
"""Bytes after which a file is emptied: Hypercorn prints a traceback each time a client breaks the protocol."""
_TAIL = 4000
_WIDTH = 200
_FRAME = " |+-=~^"
"""Characters around the lines of a traceback of several exceptions."""


class ServerOutput:
    """A temporary file without a name for the messages of one process: nothing is left when it is closed."""

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `close`)
        except OSError as error:
            raise PoolgateError(f"the messages of the server have no place: {error}; set TMPDIR to a folder") from None
        # The process continues at the end of the file, also after `trim`.
        fcntl.fcntl(self._file, fcntl.F_SETFL, fcntl.fcntl(self._file, fcntl.F_GETFL) | os.O_APPEND)

    def fileno(self) -> int:
        """Return the descriptor, for the process to inherit."""
        return self._file.fileno()

    def close(self) -> None:
        """Close and so remove the file."""
        self._file.close()

    def trim(self) -> None:
        """Empty the file if it exceeds its bound."""
        if os.fstat(self.fileno()).st_size > BOUND:
            self._file.truncate(0)

    def last_line(self) -> str:
        """Return the last line that has words, shortened, without control characters; empty if there is none."""
        start = max(0, os.fstat(self.fileno()).st_size - _TAIL)
        text = os.pread(self.fileno(), _TAIL, start).decode("utf-8", "replace")
        lines = (_printable(line) for line in reversed(text.splitlines()))
        return next(filter(None, lines), "")


def _printable(line: str) -> str:
    return "".join(character for character in line.strip(_FRAME) if character.isprintable()).strip()[:_WIDTH]
