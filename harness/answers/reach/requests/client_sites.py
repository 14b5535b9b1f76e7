"""The calls that make a client, with their options."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..names.relevant import Relevant
from ..resolving.classes import is_mock
from ..resolving.resolver import Resolver
from ..source.program import Program
from ..source.scopes import Call, Scope
from ..values import External, Object, Value, Values, maker
from .call_graph import Requests
from .library_calls import is_transport, makes_request

MOST_FOR_OPTIONS = 20_000
"""How many values are computed for the options of clients."""
MOST_FOR_LITERALS = 8_000
"""How many values are computed for numbers, lengths and `stream=`; what takes more is unknown."""


@dataclass(eq=False, slots=True)
class Site:
    """A call that makes a client; `options` has its keyword arguments, `opaque` is set if some are not known."""

    call: Call
    name: str
    options: dict[str, list[tuple[ast.AST, Scope]]] = field(default_factory=dict)
    opaque: bool = False


class ClientSites:
    """The program, its requests, and the calls that make its clients."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.relevant = Relevant(program)
        self.resolver = Resolver(program, self.relevant.kept)
        self.exact = Resolver(program, most=MOST_FOR_OPTIONS)
        self.literals = Resolver(program, most=MOST_FOR_LITERALS)
        self.requests = Requests(self.resolver, self.relevant)

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

    def literal(self, node: ast.AST, scope: Scope) -> Values:
        """Return which numbers or flags an expression may be; nothing if it takes too many values to know them all."""
        before = self.literals.open_reads
        found = self.literals.values(node, scope)
        return frozenset() if self.literals.is_spent and self.literals.open_reads != before else found

    def option(self, site: Site, name: str) -> Values:
        """Return what an option of a client may be."""
        found: Values = frozenset()
        return found.union(*(self.exact.values(node, scope) for node, scope in site.options.get(name, [])))


def _is_rest(node: ast.expr, scope: Scope) -> bool:
    """Return whether an expression is the `**kwargs` of the function."""
    return isinstance(node, ast.Name) and any(each.how == "rest" for each in scope.names.get(node.id, []))


def is_partial(value: Value) -> bool:
    """Return whether a value is `functools.partial` itself."""
    return isinstance(value, External) and value.last == "partial"
