"""Uses of the client that a log shows: they order the candidates."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...catalogue.line_index import Frame
from .prefixes import Line
from .raised import Failure

_WORDS: dict[str, re.Pattern[str]] = {
    "async": re.compile(r"[/\\]_async[/\\]|\bAsyncClient\b|\basyncio\b|\banyio\b|\btrio\b"),
    "threads": re.compile(r"[/\\]_sync[/\\]|[/\\]threading\.py\"|\bThreadPoolExecutor\b"),
    "http2": re.compile(r"\bhttp2\b(?!=False)|\bh2[/\\.]|\bHTTP/2\b"),
    "proxy": re.compile(r"[/\\]http_proxy\.py|\bhttpcore\.proxy\b|\bProxyError\b"),
    "socks": re.compile(r"[/\\]socks_proxy\.py|\bsetup_socks5_connection\b"),
    "trio": re.compile(r"\btrio\b"),
}
_CANCELLED = re.compile(r"(?:CancelledError|Cancelled)$")
_FAILED = re.compile(r"\.failed exception=Cancelled")
_WAITS = {("asyncio/tasks.py", "wait_for"), ("asyncio/timeouts.py", "timeout")}


def uses_of(lines: list[Line], failures: Iterable[Failure], frames: list[Frame]) -> list[str]:
    """Return the uses that the log shows, `cancelled` first.

    A client waits with a deadline by cancelling itself, so that a cancellation within one of its own timeouts is none
    of the program's.
    """
    cancelled = any(map(_by_program, failures)) or any(_FAILED.search(text) for _, text in lines) or _waits(frames)
    named = [name for name, words in _WORDS.items() if any(words.search(text) for _, text in lines)]
    return [*(["cancelled"] if cancelled else []), *named]


def _by_program(failure: Failure) -> bool:
    ends = [number for number, one in enumerate(failure.raised) if _CANCELLED.search(one.public)]
    return bool(ends) and not any(one.ours for one in failure.raised[ends[-1] :])


def _waits(frames: list[Frame]) -> bool:
    """Return whether the program puts a deadline around a request; a wait of a client is called by the client."""
    called = zip([Frame("", "", "", 0), *frames], frames, strict=False)
    return any(
        not caller.package and any(frame.file.endswith(file) and frame.function == name for file, name in _WAITS)
        for caller, frame in called
    )
