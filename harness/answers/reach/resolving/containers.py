"""Containers of values, built-in names, and the names of attributes of external objects."""

from __future__ import annotations

import builtins
from functools import cache

from ..values import NONE, Attribute, Box, External, Instance, Object, Values

LONGEST = 5
"""The longest chain of attributes of an external object that is kept."""


def name_of(attribute: Attribute) -> str:
    """Return the dotted name of an attribute of an external object."""
    owner = attribute.owner
    held = owner.name if isinstance(owner, Object) else owner.cls.name if isinstance(owner, Instance) else "box"
    return f"{held}.{attribute.name}" if held.count(".") < LONGEST else held


def boxed(values: Values) -> Values:
    """Return a container that holds values; containers within containers are flat, so that circles end."""
    flat = (value for each in values for value in (each.held if isinstance(each, Box) else (each,)))
    return frozenset({Box(frozenset(flat))})


@cache
def builtin(name: str) -> Values:
    """Return a built-in function or class; nothing for an unknown name."""
    return frozenset({External(f"builtins.{name}")}) if hasattr(builtins, name) else NONE
