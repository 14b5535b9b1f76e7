"""The identifiers of a program that the exact resolution follows, and the functions that may make a request."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property

from .. import libraries
from ..source.program import Program
from ..source.scopes import Call, Scope
from ..values import sdk_of
from .flows import Identifiers
from .names_in import ANY, Name, idents, last

CONTAINERS = frozenset(name for kind in (str, bytes, list, dict, set) for name in dir(kind))
"""The methods of built-in containers and texts."""


def has_client(name: str) -> bool:
    """Return whether an imported name belongs to a package with a client."""
    return name.partition(".")[0] in libraries.HTTP or sdk_of(name) is not None


def is_data(name: str) -> bool:
    """Return whether an imported name is a value or an exception of a client's package, which holds no client."""
    top, _, rest = name.partition(".")
    return top in libraries.HTTP and (rest in libraries.DATA or rest.endswith(("Error", "Timeout", "Exception")))


def is_web(name: str) -> bool:
    """Return whether an imported name belongs to a web framework."""
    return name.partition(".")[0] in libraries.WEB


class Relevant:
    """The names that matter: `kept` for the resolution, `names` of the functions and classes with a request."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.identifiers = Identifiers(program)
        self.roots = {name[1]: top for name, top in _imported(program)}
        makers = {*_makers(program), *_bound_to(program, has_client)}
        self.clients = self.identifiers.reached(makers)
        self.functions = self._closure({call.scope for call in program.calls if self._may_request(call)})
        self.names = {name for scope in self.functions for name in self._called(scope)}
        seeds = {*makers, *self._functions(), *self._objects()}
        self.kept = self.identifiers.reached(seeds)

    def _functions(self) -> Iterator[Name]:
        """Yield the functions with a request, and the instances of classes that have one."""
        for scope in self.functions:
            for name in self._called(scope):
                yield (scope.parent, name)
                yield (None, name)
        for scope in self.program.scopes:
            if scope.kind == "class" and scope.parent is not None and self._has_request(scope):
                yield scope.parent, f"{scope.name}()"

    def _objects(self) -> Iterator[Name]:
        """Yield what the calls return that make tasks, deadlines, semaphores, threads, queues and applications."""
        yield from _bound_to(self.program, is_web)
        yield from ((None, f"{name}()") for name in libraries.OBJECTS)
        for name, _ in _imported(self.program):
            if name[1] in libraries.OBJECTS:
                yield name[0], f"{name[1]}()"
        for call in self.program.calls:
            if is_web(self.roots.get(root(call.node.func), "")):
                yield None, f"{call.name}()"

    def _may_request(self, call: Call) -> bool:
        func = call.node.func
        if has_client(self.roots.get(root(func), "")):
            return True
        found = idents(func.value if isinstance(func, ast.Attribute) else func, call.scope)
        if found.isdisjoint(self.clients):
            return False
        names = {name for _, name in found}
        is_sdk = any(sdk_of(name) for name in self.program.imports)
        return not isinstance(func, ast.Attribute) or is_sdk or call.name in libraries.VERBS or ANY in names

    def _closure(self, scopes: set[Scope]) -> set[Scope]:
        """Return the functions that call one of these, through any number of others."""
        exact, named = self._users()
        found = set(scopes)
        work = list(scopes)
        while work:
            scope = work.pop()
            users = exact[scope].union(*(named[name] for name in self._called(scope)))
            work += users - found
            found |= users
        return found

    def _users(self) -> tuple[dict[Scope, set[Scope]], dict[str, set[Scope]]]:
        """Return the functions that call a function, and those that call or pass on something of its name."""
        exact: dict[Scope, set[Scope]] = defaultdict(set)
        named: dict[str, set[Scope]] = defaultdict(set)
        for call in self.program.calls:
            known = self.identifiers.functions.exact(call)
            for callee in known:
                exact[callee].add(call.scope)
            if not known and self._may_be_own(call):
                named[call.name].add(call.scope)
        for name, references in self.program.references.items():
            named[name].update(call.scope for call, _ in references)
        return exact, named

    def _may_be_own(self, call: Call) -> bool:
        """Return whether a call may be of a method of the program, where containers have a method of its name."""
        func = call.node.func
        if call.name not in CONTAINERS or not isinstance(func, ast.Attribute) or root(func) in {"self", "cls"}:
            return True
        found = idents(func.value, call.scope)
        return not found or not found.isdisjoint(self._like_containers)

    @cached_property
    def _like_containers(self) -> set[Name]:
        """The names of instances whose classes have methods with the names of those of containers."""
        named = (scope.method_of for name in CONTAINERS for scope in self.program.functions.get(name, []))
        homes = {cls for cls in named if cls is not None and cls.parent is not None}
        below = {each for cls in homes for each in self.identifiers.functions.below[cls.name]}
        made = {(cls.parent, f"{cls.name}()") for cls in homes | below}
        return self.identifiers.reached({*made, *self.clients})

    def _called(self, scope: Scope) -> Iterator[str]:
        """Yield the names under which a function is called: a method of construction by its class."""
        if scope.parent is None:
            return
        if not scope.name:
            yield from self._called(scope.parent)
            return
        yield scope.name
        if scope.name.startswith("__") and scope.method_of is not None:
            yield scope.method_of.name
        for _, each in self.identifiers.flows.get((scope.parent, scope.name), ()):
            if each.isidentifier():
                yield each

    def _has_request(self, cls: Scope) -> bool:
        return any(inner in self.functions for inner in cls.scopes)


def _bound_to(program: Program, wanted: Callable[[str], bool]) -> Iterator[Name]:
    """Yield the names that imports bind to a package or to a part of it, and calls of them."""
    for (scope, name), top in _imported(program):
        if wanted(top) and not is_data(top):
            yield scope, name
            yield scope, f"{name}()"


def _imported(program: Program) -> Iterator[tuple[Name, str]]:
    """Yield the names that imports bind, with the dotted name of what is imported."""
    for scope in program.scopes:
        for name, bindings in scope.names.items():
            for each in bindings:
                text = each.text.replace(":", ".")
                if each.how in {"import", "from"} and not text.startswith(".") and not program.is_own(text):
                    yield (scope, name), text


def _makers(program: Program) -> Iterator[Name]:
    """Yield what the calls that make a client or a transport return, as far as their packages are imported."""
    names: set[str] = set()
    if program.tops & set(libraries.HTTP):
        names |= {*libraries.SYNC, *libraries.ASYNC, *libraries.TRANSPORTS}
    for package, made in libraries.SDKS.items():
        names |= set(made.split()) if any(sdk_of(name) == package for name in program.imports) else set()
    yield from ((None, f"{name}()") for name in names)


def root(node: ast.AST) -> str:
    """Return the first name of a chain of attributes and calls."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return last(node)
