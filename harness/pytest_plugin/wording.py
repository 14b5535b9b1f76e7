"""The text of a test that left something in a pool: what, which lines took it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ..watch.families import CLIENT_OF, versions_of
from ..watch.note import ending_words
from ..watch.stacks import Frame, lines_of
from ..watch.states import HeldResponse, LostSlot

CLOSE = "close it where it is opened: `with client.stream(...) as response:`, or `async with`"
_KINDS = {
    "connection": "a slot is lost",
    "stream": "a stream of an HTTP/2 connection is lost",
    "queue": "an abandoned request is still in the queue of the pool",
}
_MOST = 5
"""Responses or slots of one pool that are listed."""


class Left(NamedTuple):
    """What a test left in one pool of a family, such as `httpcore`."""

    family: str
    things: list[HeldResponse | LostSlot]


def failure(pools: list[Left], test: str) -> str:
    """Return the text: a line for each thing, and below it the lines of the program, or else the place of the test."""
    return "\n".join(line for left in pools for line in _pool(left, test))


def _pool(left: Left, test: str) -> Iterator[str]:
    held = [thing for thing in left.things if isinstance(thing, HeldResponse)]
    lost = [thing for thing in left.things if isinstance(thing, LostSlot)]
    counts = [f"{_count(held, 'response')} open" if held else "", f"{_count(lost, 'slot')} lost" if lost else ""]
    yield f"the test leaves {' and '.join(filter(None, counts))} in a pool of {_package(left.family)}"
    for thing in left.things[:_MOST]:
        stack = lines_of(thing.stack if isinstance(thing, HeldResponse) else thing.ending.stack)
        yield f"  {_response(thing) if isinstance(thing, HeldResponse) else _slot(thing, stack)}"
        yield from (f"    {frame} in {frame.function}" for frame in stack)
        if not stack:
            yield f"    in a task of its own, whose starting line is not recorded; the test is at {test}"
    if len(left.things) > _MOST:
        yield f"  and {len(left.things) - _MOST} more"
    if held:
        yield f"  {CLOSE}"
    if lost:
        yield f"  what is known of this release: poolgate affected {_spec(left.family)}"


def _response(response: HeldResponse) -> str:
    return f"the response of {response.url}, opened at"


def _slot(slot: LostSlot, stack: tuple[Frame, ...]) -> str:
    return f"{_KINDS[slot.kind]}; its request: {ending_words(replace(slot.ending, stack=stack))}"


def _package(family: str) -> str:
    names = " and ".join(f"{name} {version}" for name, version in reversed(versions_of(family).items()))
    return names or family


def _spec(family: str) -> str:
    versions = versions_of(family)
    name = CLIENT_OF[family] if CLIENT_OF[family] in versions else family
    return f"{name}=={versions.get(name, '')}"


def _count(things: list[HeldResponse] | list[LostSlot], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
