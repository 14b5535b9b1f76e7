"""Exception chains in the lines of a log, split into failures: one request that failed once is one failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...catalogue.line_index import Frame
from .frames import frame_in
from .prefixes import Line

FAMILY = r"(?:httpx2?|httpxyz|httpcore2?|httpcorexyz)\.(?:\w{1,40}\.){0,3}"
"""The module of an exception of a client or pool, as an expression."""
CLASSES = (
    "PoolTimeout|ConnectTimeout|ReadTimeout|WriteTimeout|ConnectError|ReadError|WriteError|CloseError|NetworkError|"
    "ProxyError|LocalProtocolError|RemoteProtocolError|ProtocolError|UnsupportedProtocol|TimeoutException|InvalidURL|HTTPStatusError|"
    "TooManyRedirects|DecodingError|ResponseNotRead|RequestNotRead|StreamConsumed|StreamClosed"
)
"""The exceptions of clients and pools, as an expression."""
_BUILTIN = r"[A-Z]\w{0,60}(?:Error|Exception|Group)|CancelledError|Cancelled|KeyboardInterrupt|SystemExit"
_RAISED = re.compile(
    rf"((?:[A-Za-z_]\w{{0,60}}\.){{1,8}}(?:[A-Z]\w{{0,80}}|gaierror|herror|timeout|error)|{CLASSES}|{_BUILTIN})"
    r"(?:: ?(.*))?$"
)
_LINK = re.compile(r"(The above exception was the direct cause)|During handling of the above exception")
_OURS = re.compile(rf"(?:{FAMILY})?(?:{CLASSES})\b")
_OTHER_CLIENT = re.compile(r"[/\\]site-packages[/\\](aiohttp|requests|urllib3|botocore)[/\\]")
_STACK = re.compile(
    r"(?:Current )?[Tt]hread (?:0x)?[0-9A-Fa-f]{1,20} \(|Stack for <|.{0,80}Traceback \(most recent call last\)"
)
"""The head of a stack; frames before it that no exception has ended are of a stack without one, or were cut."""
_WAIT = ("_synchronization.py", "wait")
"""The wait of a pool, by file and function; of early pools it is a semaphore of a backend."""
_CANCELLED = re.compile(r"Cancelled(?:Error)?$")
_MARKS = re.compile(r"[~^\s]+$")


@dataclass(slots=True)
class Raised:
    """An exception of a chain: its dotted name and message, its line, and the frames of its traceback.

    `follows` is True if it was raised while the one before it was handled, and not from it.
    """

    name: str
    message: str
    line: Line
    frames: list[Frame] = field(default_factory=list)
    follows: bool = False

    @property
    def ours(self) -> bool:
        """Return whether it is an exception of a client or a pool."""
        return bool(_OURS.match(self.name))

    @property
    def public(self) -> str:
        """Return the name of the class without its module."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True)
class Failure:
    """The exceptions of one failure, the innermost first."""

    raised: list[Raised]

    @property
    def decisive(self) -> Raised:
        """Return the innermost exception of a client or pool; without one, the innermost exception."""
        return next((one for one in self.raised if one.ours), self.raised[0])

    @property
    def text(self) -> str:
        """Return the decisive exception and then the others, one a line: what a signature is matched against."""
        decisive = self.decisive
        others = [one for one in self.raised if one is not decisive]
        return "\n".join(f"{one.name}: {one.message}{_place(one)}" for one in (decisive, *others))


def _place(one: Raised) -> str:
    """Return where an exception was raised, if in a client or pool; else the other client in whose calls it was."""
    if not one.ours and any(map(waits, one.frames)):
        return " at the wait for a slot"
    if _CANCELLED.search(one.name) and any(frame.package for frame in one.frames):
        return " in a request"
    last = one.frames[-1] if one.frames else None
    if last and last.package:
        return f" at {last.package}/{last.file}"
    others = (match for frame in reversed(one.frames) if (match := _OTHER_CLIENT.search(frame.file)))
    return next((f" at {match[1]}" for match in others if not any(frame.package for frame in one.frames)), "")


def waits(frame: Frame) -> bool:
    """Return whether a frame is that of a request which waits for a slot of its pool."""
    place = (frame.file.rpartition("/")[2], frame.function)
    early = "backends/" in frame.file and frame.function == "acquire"
    return bool(frame.package) and (frame.function == "wait_for_connection" or place == _WAIT or early)


def failures_in(lines: Iterable[Line]) -> tuple[list[Failure], list[Line]]:
    """Return the failures that tracebacks show, and the lines that belong to none of them."""
    chains, rest = _chains(lines)
    return [failure for chain in chains for failure in _split(chain)], rest


def _chains(lines: Iterable[Line]) -> tuple[list[list[Raised]], list[Line]]:
    chains: list[list[Raised]] = []
    rest: list[Line] = []
    frames: list[Frame] = []
    link: re.Match[str] | None = None
    source, wait = False, Line(0, "")
    for line in lines:
        if frame := frame_in(line.text):
            frames.append(frame)
            wait = line if waits(frame) else wait
        elif match := _RAISED.match(line.text):
            one = Raised(match[1], match[2] or "", line, frames, link is not None and not link[1])
            if link and chains:
                chains[-1].append(one)
            else:
                chains.append([one])
            frames, link = [], None
        elif found := _LINK.search(line.text):
            link = found
        elif _STACK.match(line.text):
            chains += _without_exception(frames, wait)
            frames = []
        elif not source and not _MARKS.match(line.text):
            rest.append(line)
        source = frame is not None
    return chains + _without_exception(frames, wait), rest


def _without_exception(frames: list[Frame], wait: Line) -> list[list[Raised]]:
    """Return the chain of a stack that no exception has ended, if a request waits for a slot in it."""
    return [[Raised("", "", wait, frames)]] if any(map(waits, frames)) else []


def _split(chain: list[Raised]) -> Iterator[Failure]:
    """Yield the failures of a chain: a different exception of a client in a handler of another is another failure."""
    start, known, handled = 0, "", False
    for at, one in enumerate(chain):
        handled = handled or (one.follows and bool(known))
        if one.ours:
            if handled and one.public != known:
                end = _end(chain, start, at)
                yield Failure(chain[start:end])
                start = end
            known, handled = one.public, False
    yield Failure(chain[start:])


def _end(chain: list[Raised], start: int, at: int) -> int:
    """Return where the failure before that at `at` ends: before the first exception in a handler of its client's."""
    last = max(index for index in range(start, at) if chain[index].ours)
    return next(index for index in range(last + 1, at + 1) if chain[index].follows)
