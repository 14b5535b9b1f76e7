"""Whether requests are cancelled or time out: scopes with a deadline, groups, `task.cancel()`, and frameworks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .. import libraries
from ..names.names_in import idents
from ..requests.facts import Facts
from ..requests.level import Level
from ..requests.library_calls import work
from ..source.scopes import Call, Scope, With
from ..values import Attribute, Constant, External, Object, Values
from .evidence import Evidence, at, place_of
from .handed_on import given_away

NEVER_CANCELS = frozenset({"Flask", "Bottle", "Pyramid", "Gradio", "Falcon", "Robyn"})
"""Frameworks that let a function run to its end when its caller leaves."""


def cancellation(facts: Facts) -> Iterator[Evidence]:
    """Yield the places where a request is cancelled or its time ends."""
    yield from _deadlines(facts)
    yield from _waits(facts)
    yield from _cancels(facts)
    yield from _disconnects(facts)
    yield from _alarms(facts)
    yield from given_away(facts)
    yield from _unseen_callers(facts)


def _deadlines(facts: Facts) -> Iterator[Evidence]:
    """Yield the `with` bodies that end early and make a request."""
    words = cancelling(facts)
    for each, what in words.items():
        inside = [call for call in each.scope.calls if each.node in call.withs]
        level = facts.requests.of(inside)
        if level:
            yield Evidence(at(each.scope, each.node), level, f"a request runs inside {what}")
    for call in facts.program.calls:
        what = _entered(facts, call)
        if what:
            after = [other for other in call.scope.calls if other.node.lineno > call.node.lineno]
            yield Evidence(place_of(call), facts.requests.of(after), f"a request runs inside {what}")


def cancelling(facts: Facts) -> dict[With, str]:
    """Return the `with` statements that cancel what runs inside, with words for them; also through wrappers."""
    found: dict[With, str] = {}
    for _ in range(3):
        nodes = {each.node for each in found}
        wrappers = {
            scope
            for scope in facts.program.scopes
            for leave in scope.exits
            if leave.how == "yield" and nodes.intersection(leave.withs)
        }
        for each in facts.program.withs:
            what = next((what for item in each.node.items if (what := _words(facts, each, item, wrappers))), "")
            if what:
                found[each] = what
        if not wrappers and not found:
            break
    return found


def _words(facts: Facts, each: With, item: ast.withitem, wrappers: set[Scope]) -> str:
    values = facts.resolver.values(item.context_expr, each.scope)
    named = _named(facts, values)
    if named:
        return named
    call = facts.program.call_of.get(item.context_expr) if isinstance(item.context_expr, ast.Call) else None
    targets = {scope for scope, _ in facts.requests.edges.get(call, [])} if call is not None else set()
    return "a function that sets a deadline" if targets & wrappers else ""


def _named(facts: Facts, values: Values) -> str:
    for value in values:
        if isinstance(value, Object) and value.name in libraries.LEAVES and not _without_deadline(facts, value):
            return libraries.LEAVES[value.name]
    return ""


def _without_deadline(facts: Facts, value: Object) -> bool:
    """Return whether a deadline is the literal None: it never passes."""
    if value.call is None or "scope" in value.name.lower() or not value.call.node.args:
        return False
    return facts.exact.values(value.call.node.args[0], value.call.scope) == {Constant(None)}


def _entered(facts: Facts, call: Call) -> str:
    """Return words for a deadline that an exit stack enters."""
    if call.name not in {"enter_context", "enter_async_context"} or not call.node.args:
        return ""
    return _named(facts, facts.resolver.values(call.node.args[0], call.scope))


def _waits(facts: Facts) -> Iterator[Evidence]:
    """Yield the calls of `wait_for` whose awaitable makes a request."""
    for call in facts.program.calls:
        names = {each.name for each in facts.requests.callees[call] if isinstance(each, External)}
        if not names & {"asyncio.wait_for", "asyncio.tasks.wait_for", "func_timeout.func_timeout"}:
            continue
        timeout = next((each.value for each in call.node.keywords if each.arg == "timeout"), None)
        timeout = timeout or (call.node.args[1] if len(call.node.args) > 1 else None)
        if timeout is not None and facts.exact.values(timeout, call.scope) == {Constant(None)}:
            continue
        yield Evidence(place_of(call), _level(facts, call), "wait_for cancels the request when its time is over")


def _level(facts: Facts, call: Call) -> Level:
    """Return whether the first argument makes a request; one that nothing resolves may."""
    fut = next((each.value for each in call.node.keywords if each.arg == "fut"), None)
    first = call.node.args[0] if call.node.args else fut
    if first is None:
        return Level.MAYBE
    found = facts.requests.of(facts.requests.carried(first, call.scope))
    if found:
        return found
    inner = facts.program.call_of.get(first) if isinstance(first, ast.Call) else None
    values = facts.requests.callees[inner] if inner is not None else facts.resolver.values(first, call.scope)
    return Level.NO if values else Level.MAYBE


def _cancels(facts: Facts) -> Iterator[Evidence]:
    """Yield the calls of `cancel` on a task that makes a request."""
    for call in facts.program.calls_named.get("cancel", []):
        if isinstance(call.node.func, ast.Attribute):
            receivers = facts.resolver.values(call.node.func.value, call.scope)
            level = Level.NO if not receivers and _is_own(facts, call) else _cancelled(facts, receivers)
            yield Evidence(place_of(call), level, "a task with a request is cancelled")


def _is_own(facts: Facts, call: Call) -> bool:
    """Return whether `cancel` is a method of the program, and no task flows to where it is called."""
    assert isinstance(call.node.func, ast.Attribute)
    found = idents(call.node.func.value, call.scope)
    return "cancel" in facts.program.functions and found.isdisjoint(facts.relevant.kept)


def _cancelled(facts: Facts, receivers: Values) -> Level:
    """Return whether what is cancelled makes a request."""
    if not receivers:
        return max(facts.requests.levels.values(), default=Level.NO) and Level.MAYBE
    return max(_task_level(facts, each) for each in receivers)


def _task_level(facts: Facts, value: object) -> Level:
    owner = value.owner if isinstance(value, Attribute) else value
    if not isinstance(owner, Object):
        return Level.NO
    last = owner.name.rpartition(".")[2]
    if last in {"all_tasks", "current_task"}:
        return max(facts.requests.levels.values(), default=Level.NO)
    if last in libraries.TASKS and owner.call is not None:
        nodes = work(owner.call)
        return max(
            (facts.requests.of(facts.requests.carried(each, owner.call.scope)) for each in nodes), default=Level.NO
        )
    if owner.name.startswith(("asyncio.Task", "asyncio.Future", "asyncio.tasks", "asyncio.wait", "asyncio.gather")):
        return _gathered(facts, owner)
    return Level.NO


def _gathered(facts: Facts, owner: Object) -> Level:
    if owner.call is None:
        return max(facts.requests.levels.values(), default=Level.NO) and Level.MAYBE
    found = [each for node in owner.call.node.args for each in facts.requests.carried(node, owner.call.scope)]
    return facts.requests.of(found)


def _alarms(facts: Facts) -> Iterator[Evidence]:
    """Yield the alarms whose signal may interrupt a request."""
    for call in facts.program.calls:
        names = {each.name for each in facts.requests.callees[call] if isinstance(each, External)}
        if names & {"signal.alarm", "signal.setitimer"}:
            yield Evidence(place_of(call), Level.MAYBE, "a signal may interrupt a request")


def _disconnects(facts: Facts) -> Iterator[Evidence]:
    """Yield the asynchronous functions that a framework cancels when its caller leaves."""
    for scope, web in facts.handlers.items():
        level = facts.requests.levels[scope]
        if not level or not scope.is_async or web in NEVER_CANCELS:
            continue
        why = f"{web} may cancel this function when its caller disconnects"
        yield Evidence(at(scope, scope.node), level, why)


def _unseen_callers(facts: Facts) -> Iterator[Evidence]:
    for scope in facts.outside_callers:
        if scope.is_async:
            yield Evidence(at(scope, scope.node), Level.MAYBE, "what calls this function is not in the code")
