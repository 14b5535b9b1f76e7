"""Whether responses or connections end early: streams that no `with` closes, or that are left before their end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..libraries import words
from ..requests.facts import Facts
from ..requests.level import Level
from ..source.scopes import Call, Scope, With, dotted
from ..values import Constant
from .evidence import Evidence, at, place_of

STREAMS = frozenset({"stream", "connect_sse", "aconnect_sse"})
READS = words(
    "read aread json text content iter_bytes iter_text iter_lines iter_raw aiter_bytes aiter_text aiter_lines "
    "aiter_raw iter_sse aiter_sse iter_stream aiter_stream parse until_done get_final_message get_final_text"
)


def closing(facts: Facts) -> Iterator[Evidence]:
    """Yield the places where a response may end before it is read, or is left open."""
    for call, level in facts.requests.direct.items():
        if call.name in STREAMS:
            yield from _streamed(facts, call, level)
        elif _is_streaming(facts, call):
            yield from _sent(facts, call, level)
    yield from _hooks(facts)


def _is_streaming(facts: Facts, call: Call) -> bool:
    given = [each.value for each in call.node.keywords if each.arg == "stream"]
    return any(facts.literal(each, call.scope) != {Constant(False)} for each in given)


def _streamed(facts: Facts, call: Call, level: Level) -> Iterator[Evidence]:
    """Yield how a stream that has a context manager is left."""
    holder = _with_of(facts, call)
    if holder is not None:
        yield from _left(facts, holder, call, level)
    elif call.held == "return":
        yield from _handed_on(facts, call, level)
    elif not _entered_by_stack(call):
        yield Evidence(place_of(call), level, "a stream is opened and not left by `with`")


def _with_of(facts: Facts, call: Call) -> With | None:
    """Return the `with` statement that enters a call, directly or by the name that holds it."""
    for each in facts.withs_of[call.scope]:
        for item in each.node.items:
            expression = item.context_expr
            inner = [expression, *(expression.args if isinstance(expression, ast.Call) else [])]
            if call.node in inner or any(isinstance(one, ast.Name) and _holds(call, one.id) for one in inner):
                return each
    return None


def _holds(call: Call, name: str) -> bool:
    bindings = call.scope.names.get(name, [])
    return any(
        node is call.node or (isinstance(node, ast.Await) and node.value is call.node)
        for node in (each.node for each in bindings)
    )


def _left(facts: Facts, holder: With, call: Call, level: Level) -> Iterator[Evidence]:
    """Yield where a `with` body leaves a stream before its end."""
    inside = [other for other in call.scope.calls if holder.node in other.withs]
    first = min((other.node.lineno for other in inside if other.name in READS), default=None)
    loops = [loop for other in inside if other.name in READS for loop in other.loops]
    for leave in call.scope.exits:
        if holder.node not in leave.withs:
            continue
        in_loop = any(loop.lineno >= holder.node.lineno for loop in leave.loops if isinstance(loop, ast.stmt))
        where = f"{call.scope.place}:{leave.line}"
        if leave.how in {"break", "return"} and in_loop:
            yield Evidence(where, level, "a stream is left before its end")
        elif leave.how == "yield":
            yield Evidence(where, Level.MAYBE, "a generator yields inside a stream; who iterates it may stop early")
        elif leave.how == "raise" and (in_loop or first is None or leave.line < first):
            yield Evidence(where, Level.MAYBE, "an exception may leave a stream before its end")
    if first is None and not loops and not _read_elsewhere(inside, holder):
        yield Evidence(at(call.scope, holder.node), level, "a stream is closed without being read")
    for other in inside:
        if other.name == "raise_for_status":
            yield Evidence(place_of(other), Level.MAYBE, "an exception may leave a stream before its end")


def _read_elsewhere(inside: list[Call], holder: With) -> bool:
    """Return whether the response is given to another function, or iterated as it is."""
    names = {item.optional_vars.id for item in holder.node.items if isinstance(item.optional_vars, ast.Name)}
    passed = {dotted(each) for other in inside for each in other.node.args}
    iterated = {dotted(each.iter) for each in ast.walk(holder.node) if isinstance(each, ast.For | ast.AsyncFor)}
    attributes = {each.attr for each in ast.walk(holder.node) if isinstance(each, ast.Attribute)}
    return bool(names & (passed | iterated)) or "text_stream" in attributes


def _handed_on(facts: Facts, call: Call, level: Level) -> Iterator[Evidence]:
    """Yield a stream that a function returns, unless all of its callers enter it by `with`."""
    callers = facts.requests.callers[call.scope]
    if not callers or any(_with_of(facts, each) is None for each in callers):
        yield Evidence(place_of(call), Level.MAYBE, "a function returns a stream; its callers have to close it")


def _entered_by_stack(call: Call) -> bool:
    return any(
        other.name in {"enter_context", "enter_async_context"} and call.node in other.node.args
        for other in call.scope.calls
    )


def _is_certain(facts: Facts, call: Call) -> bool:
    """Return whether a call streams in any case: its option is not an argument of the caller."""
    given = [each.value for each in call.node.keywords if each.arg == "stream"]
    return any(facts.literal(each, call.scope) == {Constant(True)} for each in given)


def _sent(facts: Facts, call: Call, level: Level) -> Iterator[Evidence]:
    """Yield a response of `send(stream=True)`, or of `create(stream=True)`, that nothing surely closes."""
    if _with_of(facts, call) is not None or _is_closed(call.scope):
        return
    if call.held == "return" or not _is_certain(facts, call):
        yield Evidence(place_of(call), Level.MAYBE, "a response that may be streamed is left to its callers")
        return
    iterated = [each for each in call.scope.exits if each.how in {"break", "return"}]
    loop = _iterating(call)
    if call.name == "send" or (loop is not None and _leaves(loop)) or iterated:
        yield Evidence(place_of(call), level, "a streamed response is not closed by `with` or `finally`")
    else:
        yield Evidence(place_of(call), Level.MAYBE, "a streamed response is closed only when it is read to its end")


def _is_closed(scope: Scope) -> bool:
    return any(call.final and call.name in {"close", "aclose"} for call in scope.calls)


def _iterating(call: Call) -> ast.AST | None:
    """Return the loop over the stream that a call returns."""
    for loop in ast.walk(call.scope.node):
        if isinstance(loop, ast.For | ast.AsyncFor) and isinstance(loop.iter, ast.Name):
            if _holds(call, loop.iter.id):
                return loop
        elif isinstance(loop, ast.For | ast.AsyncFor) and call.node in ast.walk(loop.iter):
            return loop
    return None


def _leaves(loop: ast.AST) -> bool:
    return any(isinstance(each, ast.Break | ast.Return) for each in ast.walk(loop))


def _hooks(facts: Facts) -> Iterator[Evidence]:
    """Yield the response hooks that may raise: the response is open at this moment."""
    for site in facts.sites:
        for node, scope in site.options.get("event_hooks", []):
            for name in (each for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute)):
                for value in facts.resolver.values(name, scope):
                    if isinstance(value, Scope) and value.kind == "function" and _may_raise(value):
                        yield Evidence(
                            at(value, value.node), Level.YES, "an event hook raises while a response is open"
                        )


def _may_raise(scope: Scope) -> bool:
    raises = any(isinstance(each, ast.Raise) for each in ast.walk(scope.node))
    return raises or any(call.name == "raise_for_status" for call in scope.calls)
