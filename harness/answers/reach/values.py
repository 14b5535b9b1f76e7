"""What an expression may stand for, as far as the source decides it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from . import libraries
from .source.scopes import Call, Scope, stable


@dataclass(frozen=True, slots=True)
class External:
    """A module, class or function outside of the program, by its dotted name."""

    name: str

    def __hash__(self) -> int:
        return stable(self.name)

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Object:
    """What a call of an external name returns; `call` is None where only an annotation names it."""

    name: str
    call: Call | None = None
    code: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", hash((stable(self.name), self.call or 0)))

    def __hash__(self) -> int:
        return self.code


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the program; `call` is None within its own methods."""

    cls: Scope
    call: Call | None = None

    def __hash__(self) -> int:
        return hash((self.cls, self.call or 0))


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an external object, `client.get` for example."""

    owner: Object | Instance | Box
    name: str
    code: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", hash((self.owner, stable(self.name))))

    def __hash__(self) -> int:
        return self.code


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: str | bytes | int | float | complex | bool | None

    def __hash__(self) -> int:
        return stable(str(self.value))


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of a text that the program completes."""

    text: str

    def __hash__(self) -> int:
        return stable(self.text)


@dataclass(frozen=True, slots=True)
class Box:
    """A container, with all that it may hold."""

    held: frozenset[Value]


@dataclass(frozen=True, slots=True)
class Partial:
    """A function with some of its arguments."""

    call: Call


Value: TypeAlias = External | Object | Instance | Attribute | Constant | Beginning | Box | Partial | Scope
Values: TypeAlias = frozenset[Value]
NONE: Values = frozenset()


@cache
def maker(name: str) -> str | None:
    """Return what kind of client an external name makes: sync, async, or either for an object that holds one."""
    top, last = name.partition(".")[0], name.rpartition(".")[2]
    if top in libraries.HTTP:
        return "sync" if last in libraries.SYNC else "async" if last in libraries.ASYNC else None
    sdk = sdk_of(name)
    if sdk is None or last not in libraries.SDKS.get(sdk, "").split():
        return None
    return "async" if last.startswith("Async") or sdk in {"telegram", "mcp"} else "either"


@cache
def sdk_of(name: str) -> str | None:
    """Return the package with a client inside to which a dotted name belongs."""
    parts = name.split(".")
    prefixes = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((each for each in prefixes if each in libraries.SDKS or each in libraries.SDK_CALLS), None)


def calls_sdk(name: str) -> bool:
    """Return whether a call of an external name makes a request by itself."""
    sdk = sdk_of(name)
    return sdk is not None and name.rpartition(".")[2] in libraries.SDK_CALLS.get(sdk, "").split()


def constant(node: ast.Constant) -> Values:
    return NONE if node.value is Ellipsis else frozenset({Constant(node.value)})
