"""The text of a traceback or log, which is untrusted: its size is bounded, any bytes are decoded, none is executed."""

from __future__ import annotations

import re
from typing import BinaryIO, NamedTuple

from ...errors import UsageError

MOST = 8_000_000
"""Bytes of a log that are used; of a longer log, the end."""

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


ARCHIVES = {
    b"\x1f\x8b": "zcat",
    b"\x28\xb5\x2f\xfd": "zstdcat",
    b"\xfd7zXZ": "xzcat",
    b"BZh": "bzcat",
    b"PK\3\4": "unzip -p",
}
"""What prints a compressed log, by the bytes that it begins with."""
_TEXT = 0.8
"""The part of characters that are legible in a log, at least."""


class LogText(NamedTuple):
    """The text of a log without control characters; `before` is the number of lines that were left out before it."""

    text: str
    cut: bool
    before: int


def read(stream: BinaryIO) -> LogText:
    """Return the end of a stream as text; raises UsageError if it is compressed."""
    kept, before, cut = b"", 0, False
    while chunk := stream.read(1_000_000):
        if not kept:
            _refuse_archive(chunk)
        kept += chunk
        if len(kept) > 2 * MOST:
            before, kept, cut = before + kept[:-MOST].count(b"\n"), kept[-MOST:], True
    before, kept, cut = before + kept[:-MOST].count(b"\n"), kept[-MOST:], cut or len(kept) > MOST
    text = _CONTROL.sub("", _decoded(kept).replace("\r\n", "\n"))
    return LogText(text, cut, before)


def _refuse_archive(start: bytes) -> None:
    program = next((program for mark, program in ARCHIVES.items() if start.startswith(mark)), None)
    if program:
        raise UsageError(f"stdin is compressed: run `{program} FILE | poolgate diagnose`")


def refuse_binary(text: str) -> None:
    """Raise UsageError for a text that was not written as text."""
    sample = text[:10_000]
    if sample and sum(letter != "\ufffd" for letter in sample) < _TEXT * len(sample):
        raise UsageError("stdin is not text: pass a traceback or a log, such as `poolgate diagnose < app.log`")


def _decoded(data: bytes) -> str:
    """Return the text of bytes in UTF-8, or in UTF-16 if they begin with its mark."""
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if utf16 else "utf-8", "replace")
