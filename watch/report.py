"""The pools of a process as plain text of 80 columns: the verdict first, then each pool, the worst one first."""

from __future__ import annotations

import textwrap
import time
from typing import Dict, Iterable, Iterator, List, Sequence, Tuple

from .note import ending_words, sentence
from .stacks import place_of
from .states import HeldResponse, LostSlot, PoolState, Verdict

WIDTH = 80
SHOWN = 5
"""Causes of lost slots, and of held responses, that are printed for each pool."""
WORST: tuple[Verdict, ...] = ("dead", "leaks", "held-by-caller", "back-pressure", "serves")


def verdict_of(states: Sequence[PoolState]) -> Verdict | None:
    """Return the worst verdict; None without a pool."""
    verdicts = {state.verdict for state in states}
    return next((verdict for verdict in WORST if verdict in verdicts), None)


def report(pid: int, program: str, states: Sequence[PoolState], doubtful: int = 0) -> str:
    """Return the text about all pools of a process."""
    return "\n".join(_lines(pid, program, states, doubtful)) + "\n"


def _lines(pid: int, program: str, states: Sequence[PoolState], doubtful: int) -> Iterator[str]:
    process = f"process {pid} ({program})"
    verdict = verdict_of(states)
    if verdict is None:
        yield from wrapped(f"poolgate.watch: {process}: no pool has had a request yet")
        return
    count = f"{len(states)} pool{'' if len(states) == 1 else 's'}"
    yield from wrapped(f"poolgate.watch: {verdict}: {process}, {count}")
    if doubtful:
        yield from wrapped(f"{doubtful} more may be lost: only a second look, at least the grace later, confirms it")
    for state in sorted(states, key=lambda state: WORST.index(state.verdict)):
        yield from pool_lines(state)


def pool_lines(state: PoolState) -> Iterator[str]:
    """Yield the lines about one pool."""
    yield from wrapped(f"{names_of(state)}: {state.verdict}: {sentence(state)}")
    yield from wrapped(f"{_slots(state)}: {state.active} in use, {state.idle} idle, {state.queued} waiting", "  ")
    yield from _each(map(_lost_words, state.lost), "lost")
    yield from _each(map(_held_words, state.held), "held")
    if state.verdict != "serves":
        yield from wrapped(state.ledger, "  ")


def _each(texts: Iterable[Tuple[str, str]], what: str) -> Iterator[str]:
    """Yield a line for each of several causes, with its first time and how often it occurs."""
    grouped: Dict[str, List[str]] = {}
    for when, cause in texts:
        grouped.setdefault(cause, []).append(when)
    for cause, times in list(grouped.items())[:SHOWN]:
        yield from wrapped(f"{len(times)} {what} {times[0]}: {cause}", "  ")
    if len(grouped) > SHOWN:
        yield f"  and {sum(map(len, list(grouped.values())[SHOWN:]))} more {what}"


def names_of(state: PoolState) -> str:
    """Return the packages of a pool with their versions, such as `httpx 0.28.1 with httpcore 1.0.9`."""
    return " with ".join(f"{name} {version}" for name, version in state.versions.items()) or state.family


def _lost_words(slot: LostSlot) -> Tuple[str, str]:
    """Return since when a slot is lost, and why."""
    since = time.strftime("%H:%M:%S", time.localtime(slot.since))
    kind = "" if slot.kind == "connection" else f"a {_KINDS[slot.kind]}, "
    return f"since {since}", f"{kind}{ending_words(slot.ending)}"


_KINDS = {"stream": "stream of HTTP/2", "queue": "place in the queue"}


def _held_words(response: HeldResponse) -> Tuple[str, str]:
    """Return for how long a response is open, and which one it is."""
    place = place_of(response.stack)
    by = f", by {place}" if place is not None else ""
    dropped = ", dropped without being closed" if response.dropped else ""
    return f"for {response.age:.1f} s", f"{response.url}{by}{dropped}"


def _slots(state: PoolState) -> str:
    return "no limit" if state.limit is None else f"{state.limit} slots"


def wrapped(text: str, indent: str = "") -> list[str]:
    """Return the lines of a text without control characters; a line is longer than 80 columns only if a word is."""
    return textwrap.wrap(
        "".join(letter if letter.isprintable() else " " for letter in text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
