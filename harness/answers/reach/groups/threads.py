"""Whether threads or several event loops share a client."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .. import libraries
from ..requests.facts import Facts
from ..requests.level import Level
from ..requests.library_calls import work
from ..source.scopes import Call, Scope
from ..values import Attribute, External, Instance, Object, Value
from .evidence import Evidence, at, place_of
from .handed_on import given_away


def threads(facts: Facts) -> Iterator[Evidence]:
    """Yield the places where threads or event loops use a client that another one uses as well."""
    for call in facts.program.calls:
        what = _thread(facts, call)
        if what:
            yield from _in_thread(facts, call, what)
    yield from _sync_handlers(facts)
    yield from _loops(facts)
    yield from _tests(facts)
    yield from given_away(facts, plain=True)
    yield from _unseen_callers(facts)


def _thread(facts: Facts, call: Call) -> str:
    """Return words for a call that runs something in a thread."""
    for callee in facts.requests.callees[call]:
        if isinstance(callee, External) and callee.name in libraries.THREAD_STARTS:
            return libraries.THREAD_STARTS[callee.name]
        owner = callee.owner if isinstance(callee, Attribute) else None
        if (
            isinstance(owner, Object)
            and owner.name in libraries.POOLS_OF_THREADS
            and call.name in libraries.POOL_METHODS
        ):
            return "a thread pool"
        if isinstance(owner, Object) and call.name == "run_sync" and owner.name.endswith("to_thread"):
            return "to_thread.run_sync"
    if call.name == "run_in_executor":
        return "run_in_executor"
    bases = [each for each in facts.requests.callees[call] if isinstance(each, Scope) and each.kind == "class"]
    inherited = {base.name for each in bases for base in facts.resolver.bases(each) if isinstance(base, External)}
    return "a thread" if inherited & libraries.THREAD_STARTS.keys() else ""


def _in_thread(facts: Facts, call: Call, what: str) -> Iterator[Evidence]:
    started = [each for node in work(call) for each in facts.requests.carried(node, call.scope)]
    started += [run for run in _runs_of_thread(facts, call) if facts.requests.levels[run]]
    started += list(_methods(facts, call))
    level = _shared_level(facts, started)
    yield Evidence(place_of(call), level, f"{what} uses a client that is shared")
    if not started and _is_unresolved(facts, call):
        yield Evidence(place_of(call), Level.MAYBE, f"what runs in {what} is not known")


def _methods(facts: Facts, call: Call) -> Iterator[Call]:
    """Yield the call itself where a client's own method runs in the thread: `to_thread(client.get, url)`."""
    for node in work(call):
        for value in facts.resolver.values(node, call.scope):
            if _is_request(facts, value):
                yield call


def _is_request(facts: Facts, value: Value) -> bool:
    return (
        isinstance(value, Attribute)
        and isinstance(value.owner, Object | Instance)
        and facts.resolver.is_client(value.owner)
        and value.name not in libraries.NO_REQUEST
    )


def _runs_of_thread(facts: Facts, call: Call) -> Iterator[Scope]:
    for each in facts.requests.callees[call]:
        if isinstance(each, Scope) and each.kind == "class":
            yield from (run for run in facts.resolver.method(each, "run") if isinstance(run, Scope))


def _is_unresolved(facts: Facts, call: Call) -> bool:
    """Return whether the function that a thread runs is not known at all."""
    return any(not facts.resolver.values(node, call.scope) for node in work(call))


def _shared_level(facts: Facts, started: list[Call | Scope]) -> Level:
    """Return whether what runs in a thread makes requests through a client that other threads have as well."""
    if not started:
        return Level.NO
    seen, requests = facts.requests.reach(started)
    own = [each for each in started if isinstance(each, Call) and each not in facts.requests.direct]
    level = max([facts.requests.of(started), *(Level.YES for each in own if each not in facts.requests.edges)])
    shared = facts.shared_clients(requests, seen)
    if not shared:
        return Level.YES if own and not requests else Level.NO
    return level if any(each is not None for each in shared) else min(level, Level.MAYBE)


def _sync_handlers(facts: Facts) -> Iterator[Evidence]:
    """Yield the plain functions that a framework runs in threads."""
    for scope, web in facts.handlers.items():
        if not scope.is_async and not _starts_loop(facts, scope):
            level = _shared_level(facts, [scope]) if facts.requests.levels[scope] else Level.NO
            yield Evidence(
                at(scope, scope.node), level, f"{web} runs this function in threads, and the client is shared"
            )


def _starts_loop(facts: Facts, scope: Scope) -> bool:
    return any(_backend(facts, call) is not None for call in scope.calls)


def _backend(facts: Facts, call: Call) -> str | None:
    """Return the backend of the event loop that a call starts; None if it starts none."""
    for callee in facts.requests.callees[call]:
        if isinstance(callee, External) and callee.name in libraries.RUNS:
            return libraries.RUNS[callee.name]
        if call.name == "run_until_complete" and isinstance(callee, Attribute):
            return "asyncio" if _is_new_loop(callee) else None
        if call.name == "run" and isinstance(callee, Attribute) and _is_runner(callee):
            return "asyncio"
    return None


def _is_new_loop(callee: Attribute) -> bool:
    return isinstance(callee.owner, Object) and callee.owner.name.endswith("new_event_loop")


def _loop_of(facts: Facts, call: Call) -> Call:
    """Return the call that makes the event loop on which a call runs something: the call itself unless it names one."""
    for callee in facts.requests.callees[call]:
        made = callee.owner.call if isinstance(callee, Attribute) and isinstance(callee.owner, Object) else None
        if made is not None and call.name == "run_until_complete":
            return made
    return call


def _is_runner(callee: Attribute) -> bool:
    return isinstance(callee.owner, Object) and callee.owner.name.endswith(("asyncio.Runner", "start_blocking_portal"))


def _loops(facts: Facts) -> Iterator[Evidence]:
    """Yield the event loops that use a client of another loop."""
    users: dict[Value | None, list[tuple[Call, Level, bool]]] = {}
    for call in facts.program.calls:
        if _backend(facts, call) is None:
            continue
        started = [each for node in call.node.args for each in facts.requests.carried(node, call.scope)]
        seen, requests = facts.requests.reach(started)
        for client in facts.shared_clients(requests, seen):
            again = _repeated(facts, _loop_of(facts, call))
            users.setdefault(client, []).append((call, facts.requests.of(started), again))
    for client, calls in users.items():
        several = len({_loop_of(facts, call) for call, _, _ in calls}) > 1 or any(again for _, _, again in calls)
        for call, level, _ in calls:
            certain = several and client is not None
            open_ = not facts.is_entry(call.scope) and not facts.requests.callers[call.scope]
            found = level if certain else Level.MAYBE if several or open_ else Level.NO
            yield Evidence(place_of(call), found, "several event loops use one client")


def _repeated(facts: Facts, call: Call) -> bool:
    """Return whether a call runs more than once: in a loop, in a handler or thread, or by several callers."""
    scope = call.scope
    if call.loops or scope in facts.handlers or _is_task(scope):
        return True
    if facts.is_entry(scope):
        return False
    callers = facts.requests.callers[scope]
    return len(callers) > 1 or any(
        each.loops or _thread(facts, each) or each.scope in facts.handlers for each in callers
    )


def _is_task(scope: Scope) -> bool:
    """Return whether a queue of tasks runs a function: Celery, RQ, dramatiq, huey and others name it so."""
    return any(name.rpartition(".")[2] in {"task", "shared_task", "actor", "job"} for name in scope.decorator_names())


def _tests(facts: Facts) -> Iterator[Evidence]:
    """Yield the asynchronous tests that share a client: each test has an event loop of its own."""
    found = [scope for scope in facts.program.scopes if scope.is_async and scope.name.startswith("test_")]
    for scope in found if len(found) > 1 else ():
        seen, requests = facts.requests.reach([scope])
        shared = [each for each in facts.shared_clients(requests, seen) if _outlives_tests(each)]
        if facts.requests.levels[scope] and shared:
            yield Evidence(
                at(scope, scope.node), facts.requests.levels[scope], "tests with loops of their own share a client"
            )


def _outlives_tests(client: Value | None) -> bool:
    call = client.call if isinstance(client, Object | Instance) else None
    if call is None:
        return False
    if call.scope.kind == "module":
        return True
    scopes = [deco for deco in call.scope.decorators if isinstance(deco, ast.Call)]
    wider = {"session", "module", "package", "class"}
    return any(
        isinstance(each.value, ast.Constant) and each.value.value in wider for deco in scopes for each in deco.keywords
    )


def _unseen_callers(facts: Facts) -> Iterator[Evidence]:
    """Yield the plain functions with a client that outlives them, which something outside of the code calls."""
    for scope, clients in facts.clients_from_outside.items():
        kinds = {facts.resolver.kind(each) for each in clients if each is not None}
        if not scope.is_async and kinds & {"sync", "either"}:
            yield Evidence(
                at(scope, scope.node), Level.MAYBE, "what calls this function, and in which thread, is not in the code"
            )
