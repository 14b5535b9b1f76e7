"""Who calls a function: web frameworks, the start of the program, or something outside of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from .. import libraries
from ..source.scopes import Call, Scope
from ..values import External
from .client_sites import ClientSites
from .library_calls import web_of

ENTRIES = frozenset({"main", "amain", "_main", "async_main", "cli", "__main__", "handler", "lambda_handler"})
"""Functions that a program starts with; nothing in the code has to call them."""
CALLED_BY_CLIENTS = frozenset({"auth_flow", "sync_auth_flow", "async_auth_flow"})
"""Methods that a client calls."""
ONCE = frozenset({"lifespan", "on_startup", "on_shutdown", "on_event", "startup", "shutdown", "before_serving",
                  "after_serving", "cleanup_ctx"})  # fmt: skip
"""Options and decorators of web frameworks for functions that run when an application starts or ends."""


class Callers(ClientSites):
    """The functions that something else than the code of the program calls."""

    @cached_property
    def handlers(self) -> dict[Scope, str]:
        """The functions that a web framework calls, with its name."""
        found: dict[Scope, str] = {}
        for scope in self.program.scopes:
            web = self._decorated_for(scope) or self._based_on(scope)
            if web:
                found[scope] = web
        for call in self.program.calls:
            web = web_of(self.requests.callees[call])
            if web:
                found |= {scope: web for scope in self._passed_to(call) if scope not in found}
        return {scope: web for scope, web in found.items() if scope not in self.run_once}

    @cached_property
    def run_once(self) -> set[Scope]:
        """The functions that a framework runs when it starts or ends."""
        found = {scope for name in ONCE for scope in self.program.decorated.get(name, [])}
        for call in self.program.calls:
            for keyword in call.node.keywords:
                if keyword.arg in ONCE:
                    nodes = keyword.value.elts if isinstance(keyword.value, ast.List | ast.Tuple) else [keyword.value]
                    values = (self.resolver.values(node, call.scope) for node in nodes)
                    found |= {each for some in values for each in some if isinstance(each, Scope)}
        return found

    def _decorated_for(self, scope: Scope) -> str:
        for decorator in scope.decorators if scope.kind == "function" else ():
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            web = web_of(self.resolver.values(func, scope.parent or scope))
            if web and (not isinstance(func, ast.Attribute) or func.attr in libraries.ROUTES):
                return web
        return ""

    def _based_on(self, scope: Scope) -> str:
        cls = scope.method_of
        if cls is None or scope.name.startswith("__"):
            return ""
        return web_of(frozenset(each for each in self.resolver.bases(cls) if isinstance(each, External)))

    def _passed_to(self, call: Call) -> Iterator[Scope]:
        for node in (*call.node.args, *(each.value for each in call.node.keywords)):
            for each in self.resolver.values(node, call.scope) if isinstance(node, ast.Name | ast.Attribute) else ():
                if isinstance(each, Scope) and each.kind == "function":
                    yield each

    @cached_property
    def outside_callers(self) -> list[Scope]:
        """The functions that make a request and are called by nothing in the code, and are no entry of a program."""
        levels = self.requests.levels
        return [scope for scope in self.program.scopes if levels[scope] and self._is_open(scope)]

    def _is_open(self, scope: Scope) -> bool:
        if scope.kind != "function" or scope.name.startswith(("test_", "__")):
            return False
        if scope in self.handlers or scope in self.run_once:
            return False
        if not scope.name or scope.name in CALLED_BY_CLIENTS or scope.name in self.program.decorated:
            return False
        if scope.parent is not None and scope.parent.kind == "function":
            return False
        if (scope.name in ENTRIES and scope.method_of is None) or any(
            "command" in name for name in scope.decorator_names()
        ):
            return False
        return not any(call.scope is not scope for call in self.requests.callers[scope])

    def is_entry(self, scope: Scope) -> bool:
        """Return whether a scope runs once: a module, or a function that a program starts with."""
        return scope.kind == "module" or scope.name in ENTRIES or scope in self.run_once
