"""Whether the program runs on trio."""

from __future__ import annotations

from collections.abc import Iterator

from .. import libraries
from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Call
from ..values import Constant, External, Object
from .evidence import Evidence, at, place_of


def trio(facts: Facts) -> Iterator[Evidence]:
    """Yield the places where trio runs requests, or where the backend is chosen elsewhere."""
    started = False
    for call in facts.program.calls:
        for callee in facts.requests.callees[call]:
            if isinstance(callee, External) and callee.name in libraries.RUNS:
                started = True
                yield Evidence(place_of(call), _level(facts, call, callee.name), "this event loop runs on trio")
    yield from _nurseries(facts)
    yield from _fixtures(facts)
    if not started and not _uses_asyncio(facts):
        yield from _open(facts)


def _level(facts: Facts, call: Call, name: str) -> Level:
    runs = facts.requests.of(each for node in call.node.args for each in facts.requests.carried(node, call.scope))
    if libraries.RUNS[name] == "trio":
        return runs
    if libraries.RUNS[name] == "asyncio":
        return Level.NO
    given = [each.value for each in call.node.keywords if each.arg == "backend"]
    if any(each.arg is None for each in call.node.keywords):
        return min(runs, Level.MAYBE)
    values = [value for node in given for value in facts.exact.values(node, call.scope)]
    if Constant("trio") in values:
        return runs
    decided = values and all(isinstance(each, Constant) for each in values)
    return min(runs, Level.MAYBE) if given and not decided else Level.NO


def _nurseries(facts: Facts) -> Iterator[Evidence]:
    """Yield trio's own constructs around a request."""
    for each in facts.program.withs:
        for item in each.node.items:
            for value in facts.resolver.values(item.context_expr, each.scope):
                if isinstance(value, Object) and value.name.startswith("trio."):
                    inside = [call for call in each.scope.calls if each.node in call.withs]
                    yield Evidence(at(each.scope, each.node), facts.requests.of(inside), "requests run on trio")


def _fixtures(facts: Facts) -> Iterator[Evidence]:
    """Yield the tests that run on trio."""
    for scope in facts.program.functions.get("anyio_backend", []):
        values = facts.resolver.returned(scope)
        if any(isinstance(each, Constant) and each.value == "trio" for each in values):
            yield Evidence(at(scope, scope.node), Level.YES, "tests run on trio")
    for scope in facts.program.scopes:
        if facts.requests.levels[scope] and any(
            name.endswith(("mark.trio", "trio_test")) for name in scope.decorator_names()
        ):
            yield Evidence(at(scope, scope.node), facts.requests.levels[scope], "a test runs on trio")


def _uses_asyncio(facts: Facts) -> bool:
    """Return whether the code says that it runs on asyncio: by its own names, or by a framework for asyncio."""
    if facts.handlers:
        return True
    return any(
        (isinstance(each, External) and each.top in {"asyncio", "uvloop", "aiohttp", "uvicorn"})
        or _is_asyncio_sdk(each)
        for callees in facts.requests.callees.values()
        for each in callees
    )


def _is_asyncio_sdk(value: object) -> bool:
    """Return whether a library that runs on asyncio only is used: python-telegram-bot."""
    return isinstance(value, External) and value.top in {"telegram", "discord"}


def _open(facts: Facts) -> Iterator[Evidence]:
    """Yield the asynchronous functions that make a request, where nothing in the code starts a loop."""
    for scope in facts.outside_callers:
        if scope.is_async:
            why = "the code starts no event loop; what calls it may run on trio"
            yield Evidence(at(scope, scope.node), Level.MAYBE, why)
