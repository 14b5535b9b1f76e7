"""The sentence that explains a PoolTimeout, and how an exception carries it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator

from .stacks import place_of
from .states import Ending, HeldResponse, LostSlot, PoolState

TITLE = "poolgate.watch"


def sentence(state: PoolState) -> str:
    """Return what uses the slots of a pool, the lost ones first."""
    return ", ".join(_parts(state)) or f"{_count(state.active, 'connection')} in use"


def _parts(state: PoolState) -> Iterator[str]:
    slots = [slot for slot in state.lost if slot.kind == "connection"]
    others = [slot for slot in state.lost if slot.kind != "connection"]
    if slots:
        of = f" of {state.limit}" if state.limit is not None else ""
        yield f"{len(slots)}{of} slots {_are(len(slots))} lost {_cause(slots)}"
    if others:
        yield f"{_count(len(others), 'abandoned request')} still in the pool {_cause(others)}"
    if state.held:
        yield _held(state.held)
    in_use = state.active - len(state.held)
    if in_use > 0 and not state.held:
        yield f"{_count(state.active, 'connection')} in use"
    if state.queued:
        yield f"{_count(state.queued, 'request')} waiting, the oldest for {state.oldest_wait:.1f} s"


def _cause(lost: list[LostSlot]) -> str:
    """Return since when slots are lost, and the ending that most of them have."""
    first = time.strftime("%H:%M:%S", time.localtime(min(slot.since for slot in lost)))
    ((ending, _),) = Counter(slot.ending for slot in lost).most_common(1)
    return f"since {first} ({ending_words(ending)})"


def ending_words(ending: Ending) -> str:
    """Return how a request ended, in which function of the client, and at which line of its caller."""
    if ending.what == "unknown":
        return "how the request ended is not known"
    words = f"failed with {ending.error}" if ending.what == "failed" else str(ending.what)
    inside = f" in {ending.inside}" if ending.inside else ""
    return f"{words}{inside}{_at(' at ', place_of(ending.stack))}"


def _held(held: tuple[HeldResponse, ...]) -> str:
    oldest = held[0]
    dropped = sum(response.dropped for response in held)
    never = f", {dropped} of them dropped without being closed" if dropped else ""
    place = _at(", by ", place_of(oldest.stack))
    return f"{_count(len(held), 'response')} held, the oldest for {oldest.age:.1f} s{place}{never}"


def _at(words: str, place: object | None) -> str:
    return f"{words}{place}" if place is not None else ""


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'} {_are(count)}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def attach(error: BaseException, text: str) -> None:
    """Add a sentence to an exception: as a note, and before Python 3.11 to its message."""
    line = f"{TITLE}: {text}"
    if sys.version_info >= (3, 11):
        error.add_note(line)
    else:
        before = str(error)
        error.args = (f"{before}; {line}" if before else line,)


def relay(error: BaseException) -> None:
    """Copy the note of a pool's exception to the client's exception, which replaced it."""
    notes = [note for note in getattr(error.__cause__, "__notes__", ()) if note.startswith(TITLE)]
    if sys.version_info >= (3, 11) and not getattr(error, "__notes__", None):
        for note in notes:
            error.add_note(note)
