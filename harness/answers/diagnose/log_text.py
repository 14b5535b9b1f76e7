"""The text of a traceback or log, which is untrusted: its size is bounded, any bytes are decoded, none is executed."""

from __future__ import annotations

import re
from typing import BinaryIO

MOST = 8_000_000
"""Bytes of a log that are used; of a longer log, the end."""

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def read(stream: BinaryIO) -> tuple[str, bool]:
    """Return the text of a stream without control characters, and whether its beginning was left out."""
    kept = b""
    cut = False
    while chunk := stream.read(1_000_000):
        kept += chunk
        if len(kept) > 2 * MOST:
            kept, cut = kept[-MOST:], True
    cut, kept = cut or len(kept) > MOST, kept[-MOST:]
    return _CONTROL.sub("", _decoded(kept).replace("\r\n", "\n")), cut


def _decoded(data: bytes) -> str:
    """Return the text of bytes in UTF-8, or in UTF-16 if they begin with its mark."""
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if utf16 else "utf-8", "replace")
