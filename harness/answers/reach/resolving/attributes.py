"""Attributes: those of a class where it is known, else all of that name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from .. import libraries
from ..libraries import GETTERS
from ..source.scopes import Scope
from ..values import NONE, Attribute, Box, External, Instance, Object, Value, Values, maker, sdk_of
from .containers import name_of
from .names import Names

Loose: TypeAlias = "Callable[[], Values]"
"""What is assigned to any attribute of a name."""


class Attributes(Names):
    """The rules for attributes."""

    def attribute(self, owners: Values, name: str) -> Values:
        """Return what an attribute may be; by the name of the field alone where its owner is unknown."""
        if not owners:
            return self._loose(name)
        loose = cache(lambda: self._loose(name))
        found = (self._attribute(owner, name, loose) for owner in owners)
        return NONE.union(*{id(each): each for each in found}.values())

    def _attribute(self, owner: Value, name: str, loose: Loose) -> Values:
        """Return what an attribute of one value may be; `loose` returns what has its name, once for all owners."""
        match owner:
            case External():
                return frozenset({External(f"{owner.name}.{name}")})
            case Scope() if owner.kind == "module":
                return self._or(self.member(owner, name), lambda: self._submodule(owner, name))
            case Scope() if owner.kind == "class":
                return self.method(owner, name) | self.field(owner, name)
            case Instance():
                return self._of_instance(owner, name, loose)
            case Object():
                return self._of_object(owner, name, loose)
            case Box() if name in GETTERS:
                return frozenset({Attribute(owner, name)})
            case Attribute():
                return self._below(owner, name, loose)
        return NONE

    def _submodule(self, module: Scope, name: str) -> Values:
        parts = self.program.parts[module]
        if parts[-1] != "__init__":
            return NONE
        return frozenset(self.program.module(f".{name}", module))

    def _of_instance(self, owner: Instance, name: str, loose: Loose) -> Values:
        found = self.field(owner.cls, name)
        for each in self.method(owner.cls, name):
            is_property = isinstance(each, Scope) and any("property" in deco for deco in each.decorator_names())
            found |= self.returned(each) if is_property and isinstance(each, Scope) else frozenset({each})
        return self._or(found, lambda: self._of_base(owner, name, loose))

    def _of_base(self, owner: Instance, name: str, loose: Loose) -> Values:
        """Return an attribute that a class of the program does not define."""
        if any(True for _ in self.client_bases(owner.cls)):
            return frozenset({Attribute(owner, name)})
        return NONE if any(isinstance(each, External) for each in self.bases(owner.cls)) else loose()

    def _of_object(self, owner: Object, name: str, loose: Loose) -> Values:
        if owner.name in {"super"}:
            return NONE
        if maker(owner.name) is None or name not in libraries.VERBS:
            return self._or(loose(), lambda: frozenset({Attribute(owner, name)}))
        return frozenset({Attribute(owner, name)})

    def _below(self, owner: Attribute, name: str, loose: Loose) -> Values:
        """Return `client.chat.completions`, a part of a library's object, or what `app.state.client` was set to."""
        held = owner.owner
        if isinstance(held, Object) and sdk_of(held.name):
            return frozenset({Attribute(held, name)})
        return self._or(loose(), lambda: frozenset({Attribute(Object(name_of(owner)), name)}))

    def _loose(self, name: str) -> Values:
        """Return what is assigned to any attribute of this name in the program."""
        stored = self.program.fields.get(name)
        if not stored or (self.kept is not None and (None, name) not in self.kept):
            return NONE
        return self._remembered(
            (self.program, name), lambda: NONE.union(*(self.values(value, scope) for _, value, scope in stored))
        )
