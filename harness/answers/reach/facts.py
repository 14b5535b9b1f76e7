"""What several groups ask of a program: its clients and their settings, its handlers, and who calls a function."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from . import libraries
from .program import Program
from .relevant import Relevant, has_client
from .requests import Requests, is_transport, makes_request, web_of
from .resolving.classes import is_mock
from .resolving.resolver import Resolver
from .scopes import Call, Scope, With
from .values import External, Instance, Object, Value, Values, maker

ENTRIES = frozenset({"main", "amain", "_main", "async_main", "cli", "__main__", "handler", "lambda_handler"})
"""Functions that a program starts with; nothing in the code has to call them."""
MOST_FOR_OPTIONS = 20_000
"""How many values are computed for the options of clients."""
CALLED_BY_CLIENTS = frozenset({"auth_flow", "sync_auth_flow", "async_auth_flow"})
"""Methods that a client calls."""
ONCE = frozenset({"lifespan", "on_startup", "on_shutdown", "on_event", "startup", "shutdown", "before_serving",
                  "after_serving", "cleanup_ctx"})  # fmt: skip
"""Options and decorators of web frameworks for functions that run when an application starts or ends."""
CACHES = frozenset({"cache", "lru_cache", "cached_property", "fixture", "singleton", "alru_cache", "cached"})


@dataclass(eq=False, slots=True)
class Site:
    """A call that makes a client; `options` has its keyword arguments, `opaque` is set if some are not known."""

    call: Call
    name: str
    options: dict[str, list[tuple[ast.AST, Scope]]] = field(default_factory=dict)
    opaque: bool = False


class Facts:
    """The program, its requests, its clients and its handlers."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.relevant = Relevant(program)
        self.resolver = Resolver(program, self.relevant.kept)
        self.exact = Resolver(program, most=MOST_FOR_OPTIONS)
        self.requests = Requests(self.resolver, self.relevant)
        self._lasting: dict[Call, bool | None] = {}

    # -- clients ----------------------------------------------------------------------------------------------------

    @cached_property
    def sites(self) -> list[Site]:
        """The calls that make a client, a transport, or an object that holds a client."""
        found = [site for call in self.program.calls for site in self._sites(call)]
        made = {each for site in found for each in self.requests.callees[site.call] if isinstance(each, Scope)}
        return [site for site in found if site.call.name != "__init__" or site.call.scope.owner not in made]

    def _sites(self, call: Call) -> Iterator[Site]:
        for callee in self.requests.callees[call]:
            name = self._made(callee, call)
            if name:
                inner = self._super_call(callee) if isinstance(callee, Scope) else None
                yield self._configured(Site(call, name), inner or call)
                return
        name = self._by_super(call)
        if name:
            yield self._configured(Site(call, name), call)

    def _super_call(self, cls: Scope) -> Call | None:
        """Return the call of the inherited `__init__` in a class: it has the settings."""
        inits = [each for each in self.resolver.method(cls, "__init__") if isinstance(each, Scope)]
        return next((call for init in inits for call in init.calls if self._by_super(call)), None)

    def _made(self, callee: Value, call: Call) -> str:
        """Return the name of the client that a call makes, if it makes one."""
        match callee:
            case External() if makes_request(callee):
                return callee.name
            case External() if is_mock(call):
                return ""
            case External() if maker(callee.name) or is_transport(callee.name):
                return callee.name
            case External() if callee.last == "partial" and call.node.args:
                inner = self.resolver.values(call.node.args[0], call.scope)
                return next((self._made(each, call) for each in inner if not is_partial(each)), "")
            case External() if callee.last in {"field", "Field", "Factory"}:
                made = self.resolver.values(call.node, call.scope)
                return next((each.name for each in made if isinstance(each, Object) and maker(each.name)), "")
            case External() if callee.last.endswith("Transport") and callee.top in {"httpx_socks", "httpx_curl_cffi"}:
                return callee.name
            case Scope() if callee.kind == "class":
                return next(iter(self.resolver.client_bases(callee)), "")
        return ""

    def _by_super(self, call: Call) -> str:
        """Return the client whose `__init__` a subclass calls."""
        func = call.node.func
        cls = call.scope.owner
        if (
            cls is None
            or call.name != "__init__"
            or not isinstance(func, ast.Attribute)
            or call.scope.name != "__init__"
        ):
            return ""
        return next(iter(self.resolver.client_bases(cls)), "")

    def _configured(self, site: Site, call: Call) -> Site:
        """Add the options of a call, which for a subclass is that of the inherited `__init__`."""
        for keyword in call.node.keywords:
            if keyword.arg is not None:
                site.options.setdefault(keyword.arg, []).append((keyword.value, call.scope))
            elif call is not site.call and _is_rest(keyword.value, call.scope):
                self._configured(site, site.call)
            else:
                self._spread(site, keyword.value, call.scope)
        site.opaque = site.opaque or any(isinstance(each, ast.Starred) for each in call.node.args)
        return site

    def _spread(self, site: Site, node: ast.expr, scope: Scope) -> None:
        """Add the options of `**NAME`: from the dictionaries that it is bound to."""
        if _is_rest(node, scope):
            self._from_callers(site, scope)
            return
        literals = list(self._dictionaries(node, scope, 0))
        if not literals:
            site.opaque = True
        for literal, place in literals:
            for key, value in zip(literal.keys, literal.values, strict=True):
                if isinstance(key, ast.Constant):
                    site.options.setdefault(str(key.value), []).append((value, place))
                elif key is None:
                    self._spread(site, value, place)
                else:
                    site.opaque = True
            for name, stored in self.program.keys.items():
                if name.startswith("'"):
                    site.options.setdefault(name.strip("'"), []).extend(stored)

    def _from_callers(self, site: Site, function: Scope) -> None:
        """Add the options that callers of a function pass on by `**kwargs`."""
        callers = [call for call in self.requests.callers[function] if function in self.requests.callees[call]]
        callers = callers or self.program.calls_named.get(function.name, [])
        site.opaque = site.opaque or not callers
        for call in callers:
            for keyword in call.node.keywords:
                if keyword.arg is None:
                    site.opaque = True
                elif keyword.arg not in function.names:
                    site.options.setdefault(keyword.arg, []).append((keyword.value, call.scope))

    def _dictionaries(self, node: ast.AST, scope: Scope, depth: int) -> Iterator[tuple[ast.Dict, Scope]]:
        match node:
            case ast.Dict():
                yield node, scope
            case ast.Call(func=ast.Name(id="dict"), args=[]):
                keys: list[ast.expr | None] = [ast.Constant(each.arg) if each.arg else None for each in node.keywords]
                yield ast.Dict(keys, [each.value for each in node.keywords]), scope
            case ast.Name() if depth < 4:
                yield from self._bound_dictionaries(node.id, scope, depth)
            case ast.Attribute() if depth < 4:
                for _, value, place in self.program.fields.get(node.attr, []):
                    yield from self._dictionaries(value, place, depth + 1)

    def _bound_dictionaries(self, name: str, scope: Scope, depth: int) -> Iterator[tuple[ast.Dict, Scope]]:
        home: Scope | None = scope
        while home is not None and name not in home.names:
            home = home.parent
        for binding in home.names[name] if home is not None else ():
            if binding.how == "value" and binding.node is not None:
                yield from self._dictionaries(binding.node, binding.scope or scope, depth + 1)
            elif binding.how == "param" and home is not None:
                for node, place in self.resolver.arguments(home, name):
                    yield from self._dictionaries(node, place, depth + 1)

    def option(self, site: Site, name: str) -> Values:
        """Return what an option of a client may be."""
        found: Values = frozenset()
        return found.union(*(self.exact.values(node, scope) for node, scope in site.options.get(name, [])))

    @cached_property
    def site_of(self) -> dict[Call, Site]:
        """The client that each call makes."""
        return {site.call: site for site in self.sites}

    @cached_property
    def uses_clients(self) -> bool:
        """Whether the code makes a client, uses one, or imports a package that has one."""
        return bool(self.sites) or any(has_client(name) for name in self.program.imports)

    @cached_property
    def other_packages(self) -> list[str]:
        """The packages that the code imports, without the standard library and the code itself."""
        own = {name.partition(".")[0] for name in self.program.modules} | {*self.program.above[-1:]}
        return sorted(self.program.tops - own - sys.stdlib_module_names)

    def shared(self, client: Value, seen: set[Scope]) -> bool:
        """Return whether a client outlives one run of these functions, so that several runs share it."""
        call = client.call if isinstance(client, Object | Instance) else None
        if call is None:
            return True
        if call not in self._lasting:
            self._lasting[call] = self._is_lasting(call)
        known = self._lasting[call]
        return call.scope not in seen if known is None else known

    def _is_lasting(self, call: Call) -> bool | None:
        """Return whether what a call makes outlives its function; None if it lives as long as what uses it."""
        if call.held in {"global", "item"} or any(_cached(name) for name in call.scope.decorator_names()):
            return True
        if call.held == "attribute" and self._in_thread_local(call):
            return False
        if call.held == "attribute" and call.scope.name not in {"__init__", "__aenter__", "__enter__"}:
            return True
        return None

    @cached_property
    def _stored(self) -> dict[ast.expr, list[tuple[ast.expr, ast.expr, Scope]]]:
        """What is assigned to attributes, by the assigned expression."""
        found: dict[ast.expr, list[tuple[ast.expr, ast.expr, Scope]]] = {}
        for entries in self.program.fields.values():
            for entry in entries:
                found.setdefault(entry[1], []).append(entry)
        return found

    @cached_property
    def withs_of(self) -> dict[Scope, list[With]]:
        """The `with` statements of each function."""
        found: dict[Scope, list[With]] = defaultdict(list)
        for each in self.program.withs:
            found[each.scope].append(each)
        return found

    def _in_thread_local(self, call: Call) -> bool:
        """Return whether a client is stored in an attribute of `threading.local`, so that each thread has its own."""
        stored = self._stored.get(call.node, [])
        receivers = (self.resolver.values(receiver, scope) for receiver, _, scope in stored)
        return any(isinstance(each, Object) and each.name == "threading.local" for found in receivers for each in found)

    def shared_clients(self, requests: list[Call], seen: set[Scope]) -> list[Value | None]:
        """Return the clients of some requests that outlive one run; None stands for a client that is not known."""
        found: dict[Value | None, None] = {}
        for request in requests:
            found |= dict.fromkeys(self.requests.clients(request) or [None])
        return [each for each in found if each is None or self.shared(each, seen)]

    # -- callers ----------------------------------------------------------------------------------------------------

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


def _is_rest(node: ast.expr, scope: Scope) -> bool:
    """Return whether an expression is the `**kwargs` of the function."""
    return isinstance(node, ast.Name) and any(each.how == "rest" for each in scope.names.get(node.id, []))


def _cached(name: str) -> bool:
    return name.rpartition(".")[2] in CACHES


def is_partial(value: Value) -> bool:
    """Return whether a value is `functools.partial` itself."""
    return isinstance(value, External) and value.last == "partial"
