"""What failed in a log: its failures by their signature."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .prefixes import Line
from .raised import Failure, failures_in
from .signatures import SDKS, Side, Signature, in_line, signature_of

_ORDER = tuple(Side)
_THROUGH = re.compile(rf"\b({SDKS}|telegram)\.(?:\w+\.)*(?:API\w*Error|Timeout|TimedOut|NetworkError|\w+Error)\b")
_TELEGRAM = "Request was *not* sent to Telegram"


@dataclass(slots=True)
class Seen:
    """A signature that occurs in a log: the line of each time, and the libraries that reported it in their words."""

    signature: Signature
    lines: list[Line] = field(default_factory=list)
    through: list[str] = field(default_factory=list)


def seen_in(lines: Iterable[Line]) -> tuple[list[Seen], list[Failure]]:
    """Return what failed, the pool's failures first, and the failures of all tracebacks.

    A library's own exception is left out if the log has a plainer signature. A failure that a traceback shows is not
    counted again where a line names it.
    """
    failures, rest = failures_in(lines)
    found: dict[str, Seen] = {}
    for failure in failures:
        text = failure.text if failure.decisive.ours else in_line(failure.text)
        _add(found, text, failure.decisive.line)
    traced = set(found)
    for line in rest:
        _add(found, in_line(line.text), line, traced)
    if "pool-timeout" in found:
        found.pop("waiting", None)
    plain = [one for one in found.values() if one.signature.side is not Side.HIDDEN]
    seen = plain or list(found.values())
    return sorted(seen, key=lambda one: (_ORDER.index(one.signature.side), -len(one.lines))), failures


def _add(found: dict[str, Seen], text: str, line: Line, traced: Iterable[str] = ()) -> None:
    signature = signature_of(text) if text else None
    if signature is None:
        return
    one = found.setdefault(signature.id, Seen(signature))
    one.through = sorted({*one.through, *_libraries(text)})
    if signature.id not in traced:
        one.lines.append(line)


def _libraries(text: str) -> set[str]:
    """Return the libraries in whose words a failure is reported."""
    names = {"python-telegram-bot" if match[1] == "telegram" else match[1] for match in _THROUGH.finditer(text)}
    return names | ({"python-telegram-bot"} if _TELEGRAM in text else set())
