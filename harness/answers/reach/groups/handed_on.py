"""Functions with a request that the program gives to a library: how this one runs them is not known."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from .. import libraries
from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Call
from ..values import Attribute, External, Object
from .evidence import Evidence, place_of

KNOWN = frozenset(("builtins", "anyio", "trio", *libraries.WEB, *libraries.HTTP, *sys.stdlib_module_names))
"""Packages of which it is known what they run, and how."""


def given_away(facts: Facts, plain: bool = False) -> Iterator[Evidence]:
    """Yield the calls that give a function with a request to a library that nothing here describes.

    With `plain`, only functions that are not asynchronous: a library may run them in threads.
    """
    for call, targets in facts.requests.edges.items():
        library = _library(facts, call)
        given = [scope for scope, _ in targets if not (plain and scope.is_async)]
        if library and any(facts.requests.levels[scope] for scope in given):
            why = f"{library} runs this function; when and how often is not known"
            yield Evidence(place_of(call), Level.MAYBE, why)


def _library(facts: Facts, call: Call) -> str:
    """Return the package whose function a call runs, unless it is known."""
    for each in facts.requests.callees[call]:
        owner = each.owner if isinstance(each, Attribute) else each
        if isinstance(owner, External | Object):
            top = owner.name.partition(".")[0]
            if top not in KNOWN and owner.name not in libraries.THREAD_STARTS and owner.name not in libraries.RUNS:
                return top
    return ""
