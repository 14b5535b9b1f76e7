"""Containers of values, built-in names, and the names of attributes of external objects."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from functools import cache

from .. import libraries
from ..values import NONE, Attribute, Box, External, Instance, Object, Value, Values

LONGEST = 5
"""The longest chain of attributes of an object of a followed package that is kept."""
SHORT = 2
"""The longest chain for any other package: circles make many chains of dates and texts, which decide nothing."""
FOLLOWED = frozenset(
    ("asyncio", "anyio", "trio", "threading", "concurrent", "contextlib", "contextvars", "multiprocessing", "queue")
) | {name.partition(".")[0] for name in (*libraries.HTTP, *libraries.WEB, *libraries.SDKS, *libraries.SDK_CALLS)}


def name_of(attribute: Attribute) -> str:
    """Return the dotted name of an attribute of an external object."""
    owner = attribute.owner
    held = owner.name if isinstance(owner, Object) else owner.cls.name if isinstance(owner, Instance) else "box"
    longest = LONGEST if held.partition(".")[0] in FOLLOWED else SHORT
    return f"{held}.{attribute.name}" if held.count(".") < longest else held


def boxed(values: Values) -> Values:
    """Return a container that holds values; containers within containers are flat, so that circles end."""
    return frozenset({Box(frozenset(value for each in values for value in _held(each)))})


def _held(value: Value) -> Iterable[Value]:
    match value:
        case Box():
            return value.held
        case Attribute(owner=Box() as owner):
            return owner.held
    return (value,)


def joined(values: Values) -> Values:
    """Return values with one container in place of several, and one for each method of containers."""
    boxes = [each for each in values if isinstance(each, Box)]
    methods = [each for each in values if isinstance(each, Attribute) and isinstance(each.owner, Box)]
    if len(boxes) < 2 and len(methods) < 2:
        return values
    owners = frozenset(each.owner for each in methods if isinstance(each.owner, Box))
    named = frozenset(Attribute(_one(owners), each.name) for each in methods)
    return values.difference(boxes, methods) | named | (frozenset({_one(boxes)}) if boxes else NONE)


def _one(boxes: Iterable[Box]) -> Box:
    return Box(frozenset(value for each in boxes for value in each.held))


@cache
def builtin(name: str) -> Values:
    """Return a built-in function or class; nothing for an unknown name."""
    return frozenset({External(f"builtins.{name}")}) if hasattr(builtins, name) else NONE
