"""Lines of a log without what containers, loggers, terminals and pages put around them.

A line is a sequence of prefixes and its content. Each prefix that a known format writes is removed, whichever formats
were applied one after another; then whatever else stands before the lines of a traceback. What is left has no
indentation: a traceback is recognised by its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

LINE = 2000
"""Characters of a line that are used."""
OBJECT = 1_000_000
"""Characters of a JSON line that are decoded."""
_PREFIXES, _SHAPES, _PREFIX_MOST, _DEPTH = 16, 20, 200, 3

_LEVELS = "TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\s?(?:Z|UTC|[+-]\d\d:?\d\d)?[,:]?(?=\s|$|[|\]\"])"
_FORMS = (
    r"\s+",
    r"[|\u2500-\u259f\u2771]+",  # docker, exception groups, boxes of rich
    r">(?=\s|$)",  # quoted in an issue, marked by pytest or loguru
    r"E\s{2,}",  # pytest
    r"\+(?:-[+-]{3,}[\s\d.+-]{0,60}|\s)",  # exception groups
    r"`{3,}\w{0,20}$",  # a fence of Markdown
    r"\[(?!Errno)[^\[\]\n]{1,80}\]:?",  # gunicorn, celery, kubectl, structlog
    r"\{[\w.]{1,60}:\d{1,6}\}|\([\w .:/-]{1,60}\)(?=\s)",  # airflow, the name of a logger or thread
    rf"(?:\w{{3}},?\s)?\d{{4}}[-/]\d\d[-/]\d\d[T ,]{{1,2}}{_CLOCK}|{_CLOCK}",
    rf"(?:\w{{3}},?\s)?(?:{_MONTHS})\s{{1,2}}\d{{1,2}}\s(?:\d{{4}}\s)?{_CLOCK}",
    rf"\d{{1,2}}/(?:{_MONTHS})/\d{{4}}[: ]{_CLOCK}(?:\s[+-]\d{{4}})?",
    r"\d{10}(?:\d{3}|\.\d{1,9})?(?=\s)",
    r"(?:[\w.-]{1,80}\s)?[\w./@-]{1,80}\[[\w.-]{1,40}\]:(?=\s|$)",  # syslog, journald, Heroku
    r"(?:stdout|stderr)\s[FP](?=\s|$)",  # the container runtimes of Kubernetes
    r"[\w.@-]{1,120}\s*\|(?=\s|$)",  # docker compose and swarm, loguru
    r"[\w.<>]{1,100}:[\w.<>]{1,80}:\d{1,6}\s-(?=\s)",  # loguru
    r"##\[\w{1,20}\]|(?:[^\t\n]{1,80}\t){2}(?=\ufeff?\d{4}-)",  # GitHub Actions
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(?=\s)|\d{1,7}:(?=\s)",
    rf"(?:{_LEVELS})\b\s*(?:[:|\]]|-(?=\s))?(?:[\w.]{{1,80}}:(?=\S|\s\s|$))?|(?:debug|info|warning|warn|error)(?=\s*[\t|])",
    rf"[\w.\-/]{{1,80}}\s(?:-\s)?(?=\s*\[?(?:{_LEVELS})\b)",
    r"-(?=\s)|[a-z_][\w.]{0,80}\s-(?=\s)",
)
_PREFIX = re.compile("|".join(f"(?:{form})" for form in _FORMS))
_ANCHOR = re.compile(r"Traceback \(most recent call last\)|File \"[^\"]{1,400}\", line \d")
_ANSI = re.compile(r"(?:\x1b|\^\[|#033|\\x1b|\\u001b|\\033)\[[0-9;?]{0,20}[A-Za-z]")
_RAISED = re.compile(r"Error|Timeout|Exception")
"""What makes the text before a JSON object more than a prefix: an exception, whose message the object belongs to."""
_CUT = re.compile(r"(?:/|[A-Za-z]:\\)\S{0,300}site-packages\S{0,200}$")
_REST = re.compile(r"\S{0,120}:\d{1,6} in [\w.<>]{1,100}$|\d{0,6} in [\w.<>]{1,100}$")
_TRAIL = " \t|" + "".join(map(chr, range(0x2500, 0x25A0)))
_ASIDE = re.compile(
    r"@?time(?:stamp)?|ts|date|stream|level(?:name)?|severity|logger(?:_name)?|name|host(?:name)?|pod|service|module"
    r"|container(?:_name)?|(?:file|path)name|funcName|thread(?:Name)?|processName"
)
"""The fields of a JSON line that describe the line."""


class Line(NamedTuple):
    """The content of a line, and its number in the log, from 1."""

    number: int
    text: str


def contents(text: str, before: int = 0) -> list[Line]:
    """Return the content of each line of a log; a JSON line or an escaped traceback becomes several lines.

    `before` is the number of lines of the log that stand before the text.
    """
    numbered = enumerate(_ANSI.sub("", text).split("\n"), before + 1)
    lines = [Line(number, bare(part[:LINE]).rstrip(_TRAIL)) for number, raw in numbered for part in _parts(raw)]
    shapes = _shapes(lines)
    return list(_joined(Line(number, _without(shapes, part)) for number, part in lines))


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines with a path that a box of rich has wrapped in one piece."""
    start = ""
    for number, text in lines:
        if start and _REST.match(text):
            yield Line(number, start + text)
        else:
            yield Line(number, text)
        start = text if _CUT.match(text) else ""


def bare(line: str) -> str:
    """Return a line without the prefixes of known formats."""
    at = 0
    for _ in range(_PREFIXES):
        match = _PREFIX.match(line, at)
        if match is None or match.end() == at:
            break
        at = match.end()
    return line[at:]


def _parts(raw: str, depth: int = 0) -> Iterator[str]:
    """Yield the lines in a line: those in the strings of a JSON object, or in an escaped traceback."""
    raw = raw.rstrip(_TRAIL)
    start = raw.find("{")
    if 0 <= start < _PREFIX_MOST and raw.endswith("}") and len(raw) < OBJECT and depth < _DEPTH:
        try:
            decoded = msgspec.json.decode(raw[start:])
        except (msgspec.DecodeError, RecursionError):
            pass
        else:
            if _RAISED.search(raw[:start]):
                yield raw[:start]
            for value in _strings(decoded, ""):
                for part in value.rstrip("\n").split("\n"):
                    yield from _parts(part, depth + 1)
            return
    yield from _unescaped(raw)


def _unescaped(raw: str) -> list[str]:
    """Return the lines of a traceback that stands in one line with escaped line ends."""
    plain = raw.replace('\\"', '"')
    if "#012" in raw and _ANCHOR.search(plain):
        return plain.split("#012")
    return plain.replace("\\\\n", "\\n").split("\\n") if "\\n" in raw and _ANCHOR.search(plain) else [raw]


def _strings(value: Any, key: str) -> Iterator[str]:
    """Yield the strings in a decoded JSON value, without the fields that describe the line."""
    match value:
        case str() if not _ASIDE.fullmatch(key):
            yield value
        case dict():
            for name, part in value.items():
                yield from _strings(part, name)
        case list():
            for part in value:
                yield from _strings(part, key)


def _shapes(lines: Iterable[Line]) -> re.Pattern[str] | None:
    """Return the expression of what stands before lines of tracebacks; digits differ from line to line.

    A notebook heads a traceback with the name of the exception, which is not a prefix.
    """
    found: dict[str, None] = {}
    for _, text in lines:
        match = _ANCHOR.search(text)
        if match and match.start() and not text[: match.start()].endswith("   ") and len(found) < _SHAPES:
            shape = re.split(r"\d+", text[: match.start()].rstrip())
            found[r"\d+".join(map(re.escape, shape))] = None
    return re.compile("|".join(sorted(found, key=len, reverse=True))) if found else None


def _without(shapes: re.Pattern[str] | None, text: str) -> str:
    match = shapes.match(text) if shapes else None
    return bare(text[match.end() :]) if match else text
