"""What a name or an expression of the program may stand for: all bindings of a name count, in any order.

Fields are those of a class where it is known, else all of that name. Parameters take their
annotation, their default, and the arguments of all calls of the function.
"""

from __future__ import annotations

import ast
import builtins
from functools import cache
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from . import libraries
from .identifiers import Name
from .libraries import GETTERS, PASSES
from .program import Program
from .scopes import Binding, Call, Scope, dotted, unwrapped
from .values import (
    NONE,
    Attribute,
    Beginning,
    Box,
    Constant,
    External,
    Instance,
    Object,
    Partial,
    Value,
    Values,
    constant,
    maker,
    sdk_of,
)

Key: TypeAlias = tuple[object, str]
Computation: TypeAlias = "Callable[[], Values]"
DEEPEST = 90
"""How far one value is followed through others; farther, it is unknown."""
WIDEST = 24
"""How many callers of a function are looked at for the values of its parameters."""
ROUNDS = 3
"""How often values that depend on each other in a circle are computed at most."""
MOST_VALUES = 40
"""A name that may stand for more than these is taken as unknown, apart from clients."""
MOST_STEPS = 60_000
"""How many values are computed for a program; a larger program is not followed in full, and its answer admits that."""
LONGEST = 5
"""The longest chain of attributes of an external object that is kept."""


class Resolver:
    """Answers what an expression may stand for, and remembers it."""

    def __init__(self, program: Program, kept: set[Name] | None = None, most: int = MOST_STEPS) -> None:
        """Resolve names of a program; with `kept`, only these identifiers are followed."""
        self.most = most
        self.program = program
        self.kept = kept
        self._memo: dict[Key, Values] = {}
        self._round: dict[Key, Values] = {}
        self._before: dict[Key, Values] = {}
        self._active: set[Key] = set()
        self._changed = False
        self._circles = False
        self.steps = 0
        self._bases: dict[Scope, list[Value]] = {}
        self._arguments: dict[tuple[Scope, str], list[tuple[ast.AST, Scope]]] = {}
        self._subclasses: dict[Scope, list[Scope]] = {}

    @property
    def is_exhausted(self) -> bool:
        """Whether the program is too large to be followed in full."""
        return self.steps > self.most

    # -- remembered -------------------------------------------------------------------------------------------------

    def values(self, node: ast.AST, scope: Scope) -> Values:
        """Return what an expression may stand for; nothing if the source does not decide it."""
        if isinstance(node, ast.Name):
            return self.named(node.id, scope)
        if isinstance(node, ast.Constant):
            return constant(node)
        return self._remembered((node, ""), lambda: self._values(node, scope))

    def _remembered(self, key: Key, compute: Computation) -> Values:
        known = self._memo.get(key)
        if known is None:
            known = self._round.get(key)
        if known is not None:
            return known
        if key in self._active or len(self._active) > DEEPEST or self.steps > self.most:
            self._circles = True
            return self._before.get(key, NONE)
        return self._inner(key, compute) if self._active else self._settled(key, compute)

    def _inner(self, key: Key, compute: Computation) -> Values:
        """Compute a value once in a round."""
        self.steps += 1
        self._active.add(key)
        try:
            found = compute()
        finally:
            self._active.discard(key)
        if len(found) > MOST_VALUES:
            found = frozenset(each for each in found if self.is_client(each))
        if found != self._before.get(key, NONE):
            self._changed = True
            self._before[key] = found
        self._round[key] = found
        return found

    def _settled(self, key: Key, compute: Computation) -> Values:
        """Compute a value and all that it depends on, in rounds until the circles among them no longer change."""
        for _ in range(ROUNDS):
            self._round.clear()
            self._changed = self._circles = False
            found = self._inner(key, compute)
            if not (self._changed and self._circles):
                break
        self._memo.update(self._round)
        self._round.clear()
        self._before.clear()
        return found

    # -- expressions ------------------------------------------------------------------------------------------------

    def _values(self, node: ast.AST, scope: Scope) -> Values:
        match node:
            case ast.Attribute():
                return self.attribute(self.values(node.value, scope), node.attr)
            case ast.Call():
                return self.result(self.values(node.func, scope), node, scope)
            case ast.Await() | ast.Starred() | ast.NamedExpr() | ast.FormattedValue():
                return self.values(node.value, scope)
            case ast.IfExp():
                return self.values(node.body, scope) | self.values(node.orelse, scope)
            case ast.BoolOp():
                return self._any(node.values, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.List() | ast.Tuple() | ast.Set():
                return boxed(self._any(node.elts, scope))
            case ast.Dict():
                return boxed(self._any(node.values, scope))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return boxed(self.values(node.elt, scope))
            case ast.DictComp():
                return boxed(self.values(node.value, scope))
            case ast.JoinedStr():
                return self._text(node)
            case ast.BinOp():
                return self.values(node.left, scope) | self.values(node.right, scope)
            case ast.Lambda():
                return frozenset(each for each in scope.scopes if each.node is node)
        return NONE

    def _any(self, nodes: Iterable[ast.AST | None], scope: Scope) -> Values:
        return NONE.union(*(self.values(node, scope) for node in nodes if node is not None))

    @staticmethod
    def _text(node: ast.JoinedStr) -> Values:
        """Return the beginning of a formatted string: it decides the scheme of a proxy."""
        first = node.values[0] if node.values else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return frozenset({Beginning(first.value)})
        return NONE

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        if isinstance(node.value, ast.Name) and node.value.id == "__annotated__":
            return self.annotated(node.slice, scope)
        found = self.elements(self.values(node.value, scope))
        if found:
            return found
        from .walk import key_of

        stored = self.program.keys.get(key_of(node), [])
        return NONE.union(*(self.values(value, place) for value, place in stored))

    def elements(self, values: Values) -> Values:
        """Return what containers hold; an instance of a library, such as a client, is its own element."""
        return NONE.union(*(each.held for each in values if isinstance(each, Box)))

    # -- names ------------------------------------------------------------------------------------------------------

    def named(self, name: str, scope: Scope) -> Values:
        """Return what a name stands for in a scope."""
        start: Scope | None = scope.module if name in scope.outer else scope
        while start is not None:
            if name in start.names and (start.kind != "class" or start is scope):
                return self.bound(start, name) if self._is_kept(start, name) else NONE
            start = start.parent
        return self._star(name, scope.module) or builtin(name)

    def _is_kept(self, scope: Scope, name: str) -> bool:
        """Return whether a name is followed: imports, functions, classes and `self` always are."""
        if self.kept is None or (scope, name) in self.kept or (scope, f"{name}()") in self.kept:
            return True
        if scope.params[:1] == [name] and scope.method_of is not None:
            return True
        return any(each.how in {"import", "from", "scope"} for each in scope.names[name])

    def bound(self, scope: Scope, name: str) -> Values:
        """Return what the bindings of a name in its scope stand for."""
        return self._remembered(
            (scope, name), lambda: NONE.union(*(self._binding(each, scope) for each in scope.names[name]))
        )

    def _star(self, name: str, module: Scope) -> Values:
        found = (self.member(each, name) for star in module.stars for each in self.program.module(star, module))
        return NONE.union(*found)

    def _binding(self, binding: Binding, home: Scope) -> Values:
        node, scope = binding.node, binding.scope or home
        match binding.how:
            case "import":
                return frozenset(self.program.module(binding.text, home.module)) or frozenset({External(binding.text)})
            case "from":
                return self._imported(binding.text, home.module)
            case "scope":
                return self._decorated(scope)
            case "param":
                return self.parameter(scope, binding.text)
            case "annotation" if node is not None:
                return self.annotated(node, scope)
            case "value" if node is not None:
                return self.values(node, scope)
            case "with" if node is not None:
                return self.entered(self.values(node, scope))
            case "iter" if node is not None:
                return self.iterated(self.values(node, scope))
            case "add" if node is not None:
                return boxed(self.values(node, scope))
            case "part" if node is not None:
                return self._part(binding, node, scope)
        return NONE

    def _part(self, binding: Binding, node: ast.AST, scope: Scope) -> Values:
        """Return one element of what a tuple of names is bound to."""
        if isinstance(node, ast.Tuple | ast.List) and binding.index < len(node.elts):
            return self.values(node.elts[binding.index], scope)
        found = self.values(node, scope)
        found = self.iterated(found) if binding.text == "iter" else self.entered(found)
        return self.elements(found) | frozenset(each for each in found if not isinstance(each, Box))

    def _imported(self, text: str, module: Scope) -> Values:
        name, _, member = text.partition(":")
        homes = self.program.module(name, module) if name.strip(".") else self._package(name, module)
        found = NONE.union(*(self.member(home, member) for home in homes))
        dots = "" if name.endswith(".") or not name else "."
        found = found or frozenset(self.program.module(f"{name}{dots}{member}", module))
        is_external = not name.startswith(".") and name not in self.program.plain
        return found or (frozenset({External(f"{name}.{member}")}) if is_external else NONE)

    def _package(self, dots: str, module: Scope) -> list[Scope]:
        return self.program.module(dots, module)

    def member(self, module: Scope, name: str) -> Values:
        """Return what a name of a module stands for."""
        if name in module.names:
            return self.bound(module, name)
        return self._star(name, module)

    def _decorated(self, scope: Scope) -> Values:
        """Return a function or class; decorators are taken to keep what it does."""
        return frozenset({scope})

    # -- classes ----------------------------------------------------------------------------------------------------

    def bases(self, cls: Scope) -> list[Value]:
        """Return a class and all that it inherits from, nearest first."""
        if cls in self._bases:
            return self._bases[cls]
        found: list[Value] = [cls]
        for each in found:
            if isinstance(each, Scope) and len(found) < 40:
                found += [
                    base
                    for node in each.bases
                    for base in self.values(
                        node.value if isinstance(node, ast.Subscript) else node, each.parent or each
                    )
                    if base not in found
                ]
        if not self._active or not self._circles:
            self._bases[cls] = found
        return found

    def subclasses(self, cls: Scope) -> list[Scope]:
        """Return the classes of the program that inherit from a class."""
        if not self._subclasses:
            self._subclasses[cls] = []
            for scope in self.program.scopes:
                if scope.kind == "class" and scope.bases:
                    for base in self.bases(scope)[1:]:
                        if isinstance(base, Scope):
                            self._subclasses.setdefault(base, []).append(scope)
        return self._subclasses.get(cls, [])

    def client_bases(self, cls: Scope) -> Iterator[str]:
        """Yield the external clients that a class inherits from."""
        yield from (each.name for each in self.bases(cls) if isinstance(each, External) and maker(each.name))

    def method(self, cls: Scope, name: str) -> Values:
        """Return the methods and class attributes of a name: the class, what it inherits, and what overrides it."""
        family = [each for each in self.bases(cls) if isinstance(each, Scope)]
        first = next((each for each in family if name in each.names), None)
        found = self.bound(first, name) if first is not None else NONE
        for below in self.subclasses(cls):
            if name in below.names:
                found |= self.bound(below, name)
        return found

    def field(self, cls: Scope, name: str) -> Values:
        """Return what `self.NAME` may be: what is assigned in the class, its bases and its subclasses."""
        if self.kept is not None and (None, name) not in self.kept:
            return NONE
        family = [*(each for each in self.bases(cls) if isinstance(each, Scope)), *self.subclasses(cls)]
        stored = [entry for each in family for entry in each.fields.get(name, [])]
        return self._remembered(
            (cls, f".{name}"), lambda: NONE.union(*(self.values(value, scope) for value, scope in stored))
        )

    # -- attributes -------------------------------------------------------------------------------------------------

    def attribute(self, owners: Values, name: str) -> Values:
        """Return what an attribute may be; by the name of the field alone where its owner is unknown."""
        if not owners:
            return self._loose(name)
        return NONE.union(*(self._attribute(owner, name) for owner in owners))

    def _attribute(self, owner: Value, name: str) -> Values:
        match owner:
            case External():
                return frozenset({External(f"{owner.name}.{name}")})
            case Scope() if owner.kind == "module":
                return self.member(owner, name) or self._submodule(owner, name)
            case Scope() if owner.kind == "class":
                return self.method(owner, name) | self.field(owner, name)
            case Instance():
                return self._of_instance(owner, name)
            case Object():
                return self._of_object(owner, name)
            case Box() if name in GETTERS:
                return frozenset({Attribute(owner, name)})
            case Attribute():
                return self._below(owner, name)
        return NONE

    def _submodule(self, module: Scope, name: str) -> Values:
        parts = self.program.parts[module]
        if parts[-1] != "__init__":
            return NONE
        return frozenset(self.program.module(f".{name}", module))

    def _of_instance(self, owner: Instance, name: str) -> Values:
        found = self.field(owner.cls, name)
        for each in self.method(owner.cls, name):
            is_property = isinstance(each, Scope) and any("property" in deco for deco in each.decorator_names())
            found |= self.returned(each) if is_property and isinstance(each, Scope) else frozenset({each})
        if found:
            return found
        if any(True for _ in self.client_bases(owner.cls)):
            return frozenset({Attribute(owner, name)})
        return NONE if any(isinstance(each, External) for each in self.bases(owner.cls)) else self._loose(name)

    def _of_object(self, owner: Object, name: str) -> Values:
        if owner.name in {"super"}:
            return NONE
        if maker(owner.name) is None or name not in libraries.VERBS:
            stored = self._loose(name)
            if stored:
                return stored
        return frozenset({Attribute(owner, name)})

    def _below(self, owner: Attribute, name: str) -> Values:
        """Return `client.chat.completions`, a part of a library's object, or what `app.state.client` was set to."""
        held = owner.owner
        if isinstance(held, Object) and sdk_of(held.name):
            return frozenset({Attribute(held, name)})
        return self._loose(name) or frozenset({Attribute(Object(name_of(owner)), name)})

    def _loose(self, name: str) -> Values:
        """Return what is assigned to any attribute of this name in the program."""
        stored = self.program.fields.get(name)
        if not stored or (self.kept is not None and (None, name) not in self.kept):
            return NONE
        return self._remembered(
            (self.program, name), lambda: NONE.union(*(self.values(value, scope) for _, value, scope in stored))
        )

    # -- calls ------------------------------------------------------------------------------------------------------

    def result(self, callees: Values, node: ast.Call, scope: Scope) -> Values:
        """Return what a call may return."""
        if not callees and isinstance(node.func, ast.Attribute) and node.func.attr in PASSES:
            return self._passed(node, scope)
        return NONE.union(*(self._result(callee, node, scope) for callee in callees))

    def _result(self, callee: Value, node: ast.Call, scope: Scope) -> Values:
        call = self.program.call_of.get(node)
        match callee:
            case External():
                return self._of_external(callee, node, scope)
            case Scope() if callee.kind == "class":
                return frozenset({Instance(callee, call)})
            case Scope() if callee.kind == "function":
                return self.returned(callee)
            case Attribute():
                return self._of_attribute(callee, node, scope)
            case Partial():
                return self.result(self.values(callee.call.node.args[0], callee.call.scope), callee.call.node, scope)
            case Instance():
                return self.result(self.method(callee.cls, "__call__"), node, scope)
        return NONE

    def _of_external(self, callee: External, node: ast.Call, scope: Scope) -> Values:
        first = self.values(node.args[0], scope) if node.args else NONE
        call = self.program.call_of.get(node)
        match callee.last:
            case "partial" if node.args and call:
                return frozenset({Partial(call)})
            case "getattr" if len(node.args) > 1:
                return self._getattr(first, node, scope)
            case "import_module" | "__import__":
                return frozenset(External(str(each.value)) for each in first if isinstance(each, Constant))
            case "field" | "Field" | "Factory":
                named = (each.value for each in node.keywords if each.arg in {"default_factory", "factory", "default"})
                return self.made_by(self._any(named, scope), call) or frozenset({Object(callee.name, call)})
            case "super":
                return frozenset({Object("super", call)})
            case "Depends" | "Security" | "Provide":
                return NONE.union(*(self._result(each, node, scope) for each in first))
            case "dict" if node.keywords:
                return boxed(self._any((each.value for each in node.keywords), scope))
            case last if last in PASSES and (maker(callee.name) is None):
                return self._passed(node, scope) | frozenset({Object(callee.name, call)})
        return frozenset({Object(callee.name, call)})

    def made_by(self, factories: Values, call: Call | None) -> Values:
        """Return what factories make when something else calls them."""
        return NONE.union(*(self._made_by(each, call) for each in factories))

    def _made_by(self, factory: Value, call: Call | None) -> Values:
        match factory:
            case External():
                return frozenset({Object(factory.name, call)})
            case Scope() if factory.kind == "class":
                return frozenset({Instance(factory, call)})
            case Scope() if factory.kind == "function":
                return self.returned(factory)
        return NONE

    def _passed(self, node: ast.Call, scope: Scope) -> Values:
        """Return what the arguments hold, and what functions among them return."""
        found = self._any(node.args, scope)
        returned = (self.returned(each) for each in found if isinstance(each, Scope) and each.kind == "function")
        return found.union(*returned)

    def _getattr(self, owners: Values, node: ast.Call, scope: Scope) -> Values:
        """Return what `getattr` may return: the attribute, or all that its name may be."""
        keys = self.values(node.args[1], scope)
        names = [each.value for each in keys if isinstance(each, Constant) and isinstance(each.value, str)]
        if names:
            return NONE.union(*(self.attribute(owners, name) for name in names))
        beginnings = tuple(each.text for each in keys if isinstance(each, Beginning)) or ("",)
        return NONE.union(*(self._unnamed(owner, beginnings) for owner in owners))

    def _unnamed(self, owner: Value, beginnings: tuple[str, ...]) -> Values:
        """Return what an attribute may be whose name only the running program knows."""
        match owner:
            case External() if owner.top in libraries.HTTP:
                return frozenset({External(f"{owner.name}.Client"), External(f"{owner.name}.AsyncClient")})
            case Object() | Instance() if self.is_client(owner):
                return frozenset({Attribute(owner, "request")})
            case Instance():
                family = (each for each in self.bases(owner.cls) if isinstance(each, Scope))
                return frozenset(each for cls in family for each in cls.scopes if each.name.startswith(beginnings))
            case Scope():
                return frozenset(each for each in owner.scopes if each.name.startswith(beginnings))
        return NONE

    def _of_attribute(self, callee: Attribute, node: ast.Call, scope: Scope) -> Values:
        owner = callee.owner
        if isinstance(owner, Box):
            return owner.held | self._any(node.args[1:], scope)
        if callee.name in {"__aenter__", "__enter__", "with_options", "copy"} and isinstance(owner, Object | Instance):
            return frozenset({owner})
        if isinstance(owner, Object) and owner.name.endswith("ContextVar") and callee.name == "get":
            return self._context(node, scope)
        if callee.name in PASSES and not self.is_client(owner):
            return self._passed(node, scope) | frozenset({Object(name_of(callee), self.program.call_of.get(node))})
        return frozenset({Object(name_of(callee), self.program.call_of.get(node))})

    def _context(self, node: ast.Call, scope: Scope) -> Values:
        """Return what is set in a context variable: what was added to its name."""
        assert isinstance(node.func, ast.Attribute)
        return self.elements(self.values(node.func.value, scope))

    def returned(self, function: Scope) -> Values:
        """Return what a function returns or yields; by its annotation where it has neither."""
        if self.kept is not None and function.name and (function.parent, f"{function.name}()") not in self.kept:
            return NONE
        return self._remembered((function, "()"), lambda: self._returned(function))

    def _returned(self, function: Scope) -> Values:
        found = self._any((*function.returns, *function.yields), function)
        noted = getattr(function.node, "returns", None)
        return found or (self.annotated(noted, function) if noted is not None else NONE)

    def entered(self, values: Values) -> Values:
        """Return what `with ... as` binds: the result of `__enter__` where the program defines it."""
        found: set[Value] = set()
        for each in values:
            enters = NONE
            if isinstance(each, Instance):
                enters = self.method(each.cls, "__aenter__") | self.method(each.cls, "__enter__")
            results = NONE.union(*(self.returned(enter) for enter in enters if isinstance(enter, Scope)))
            found |= results or {each}
        return frozenset(found)

    def iterated(self, values: Values) -> Values:
        """Return the elements of containers, and what generators yield."""
        return frozenset(value for each in values for value in (each.held if isinstance(each, Box) else (each,)))

    # -- parameters and annotations ---------------------------------------------------------------------------------

    def parameter(self, function: Scope, name: str) -> Values:
        """Return what a parameter may be."""
        cls = function.method_of
        if cls is not None and not function.is_static and function.params[:1] == [name]:
            return frozenset({Instance(cls), *([cls] if "classmethod" in function.decorator_names() else [])})
        found = self._decorates(function, name)
        for node, scope in self.arguments(function, name):
            found |= self.values(node, scope)
        found |= self._declared(function, name, noted=not any(self.is_client(each) for each in found))
        for fixture in self.program.functions.get(name, []):
            if any("fixture" in deco for deco in fixture.decorator_names()):
                found |= self.returned(fixture)
        return found

    def _decorates(self, function: Scope, name: str) -> Values:
        """Return the functions that a decorator, or the inner function of one with arguments, gets."""
        if function.params[:1] != [name]:
            return NONE
        outer = function.parent.name if function.parent is not None and function.parent.kind == "function" else ""
        names = [function.name, *([outer] if outer else [])]
        return frozenset(each for known in names for each in self.program.decorated.get(known, []))

    def _declared(self, function: Scope, name: str, noted: bool) -> Values:
        """Return what the default of a parameter says, and its annotation where no call passes a client."""
        arguments = function.node.args  # type: ignore[attr-defined]
        places = [*arguments.posonlyargs, *arguments.args]
        defaults = dict(zip([each.arg for each in places[::-1]], arguments.defaults[::-1], strict=False))
        defaults |= dict(zip([each.arg for each in arguments.kwonlyargs], arguments.kw_defaults, strict=True))
        note = next((each.annotation for each in (*places, *arguments.kwonlyargs) if each.arg == name), None)
        outside = function.parent or function
        found = self.annotated(note, outside) if noted and note is not None else NONE
        default = defaults.get(name)
        return found | self.values(default, outside) if default is not None else found

    def arguments(self, function: Scope, name: str) -> list[tuple[ast.AST, Scope]]:
        """Return the expressions that calls of a function pass for a parameter, with their scopes."""
        known = self._arguments.get((function, name))
        if known is None:
            before, self._circles = self._circles, False
            known = list(self._find_arguments(function, name))
            if not self._circles:
                self._arguments[function, name] = known
            self._circles = self._circles or before
        return known

    def _find_arguments(self, function: Scope, name: str) -> Iterator[tuple[ast.AST, Scope]]:
        place = function.params.index(name) if name in function.params else -1
        bound = function.method_of is not None and not function.is_static
        called = self._constructed(function) if function.name == "__init__" else [function.name]
        for callee in called:
            for call in self.program.calls_named.get(callee, [])[:WIDEST]:
                found = argument(call, place - bound, name)
                if found is not None and self._may_call(call, function):
                    yield found, call.scope
            for call, position in self.program.references.get(callee, [])[:WIDEST]:
                found = passed_argument(call, position, place - bound, name)
                if found is not None:
                    yield found, call.scope

    def _constructed(self, function: Scope) -> list[str]:
        """Return the names under which an `__init__` is called."""
        cls = function.method_of
        if cls is None:
            return []
        return ["__init__", cls.name, "cls", *(each.name for each in self.subclasses(cls))]

    def _may_call(self, call: Call, function: Scope) -> bool:
        """Return whether a call may be of this function, where several have its name."""
        callees = self.values(call.node.func, call.scope)
        return not callees or any(
            each in {function, function.method_of} or isinstance(each, Partial) for each in callees
        )

    def annotated(self, node: ast.AST, scope: Scope) -> Values:
        """Return an instance of an annotated type; of each part of a union, and within containers."""
        match node:
            case ast.Constant() if isinstance(node.value, str):
                return self._quoted(node.value, scope)
            case ast.BinOp():
                return self.annotated(node.left, scope) | self.annotated(node.right, scope)
            case ast.Subscript():
                return self._generic(node, scope)
            case ast.Tuple():
                return NONE.union(*(self.annotated(each, scope) for each in node.elts))
            case ast.Name() | ast.Attribute():
                found = NONE.union(*(self._typed(each) for each in self.values(node, scope)))
                return found or (self._alias(node.id, scope) if isinstance(node, ast.Name) else NONE)
            case ast.Call():
                return self.values(node, scope)
        return NONE

    def _alias(self, name: str, scope: Scope) -> Values:
        """Return an instance of what an alias of a type stands for: `Client = Annotated[...]`."""
        home: Scope | None = scope
        while home is not None and name not in home.names:
            home = home.parent
        nodes = [(each.node, each.scope or scope) for each in home.names[name] if each.how == "value"] if home else []
        return self._remembered(
            (home, f"{name}[]"),
            lambda: NONE.union(*(self.annotated(node, place) for node, place in nodes if node is not None)),
        )

    def _quoted(self, text: str, scope: Scope) -> Values:
        try:
            return self.annotated(ast.parse(text, mode="eval").body, scope)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return NONE

    def _generic(self, node: ast.Subscript, scope: Scope) -> Values:
        inside = self.annotated(node.slice, scope)
        name = dotted(node.value).rpartition(".")[2].lower()
        if name in {"callable", "type"}:
            return NONE
        boxes = {"list", "dict", "set", "tuple", "sequence", "mapping", "deque", "iterable", "frozenset"}
        return boxed(inside) if name in boxes and inside else inside

    def _typed(self, value: Value) -> Values:
        match value:
            case Scope() if value.kind == "class":
                return frozenset({Instance(value)})
            case External() if maker(value.name) or value.top not in {"typing", "builtins", "collections"}:
                return frozenset({Object(value.name)})
            case Box() | Object():
                return frozenset({value})
        return NONE

    # -- clients ----------------------------------------------------------------------------------------------------

    def is_client(self, value: Value) -> bool:
        """Return whether a value is a client, or an object of a library that holds one."""
        return self.kind(value) is not None

    def kind(self, value: Value) -> str | None:
        """Return sync, async or either for a client, None for anything else."""
        match value:
            case Object():
                return None if is_mock(value.call) else maker(value.name) or self._chained(value)
            case Instance():
                return next((maker(name) for name in self.client_bases(value.cls)), None)
        return None

    @staticmethod
    def _chained(value: Object) -> str | None:
        """Return the kind of what an object that holds a client made itself, by a builder for example."""
        owner = value.name.partition("().")[0] if "()" in value.name else value.name.rpartition(".")[0]
        return maker(owner) if sdk_of(owner) and maker(owner) else None


def is_mock(call: Call | None) -> bool:
    """Return whether a client is made with a transport that has no pool: it calls an application itself."""
    given = {each.arg: each.value for each in call.node.keywords} if call is not None else {}
    transport = given.get("transport")
    inner = dotted(transport.func) if isinstance(transport, ast.Call) else ""
    return "app" in given or inner.rpartition(".")[2] in libraries.MOCKS


def name_of(attribute: Attribute) -> str:
    """Return the dotted name of an attribute of an external object."""
    owner = attribute.owner
    held = owner.name if isinstance(owner, Object) else owner.cls.name if isinstance(owner, Instance) else "box"
    return f"{held}.{attribute.name}" if held.count(".") < LONGEST else held


def boxed(values: Values) -> Values:
    """Return a container that holds values; containers within containers are flat, so that circles end."""
    flat = (value for each in values for value in (each.held if isinstance(each, Box) else (each,)))
    return frozenset({Box(frozenset(flat))})


@cache
def builtin(name: str) -> Values:
    """Return a built-in function or class; nothing for an unknown name."""
    return frozenset({External(f"builtins.{name}")}) if hasattr(builtins, name) else NONE


def argument(call: Call, place: int, name: str) -> ast.expr | None:
    """Return the argument of a call at a place or with a name."""
    named = next((each.value for each in call.node.keywords if each.arg == name), None)
    if named is not None:
        return named
    if 0 <= place < len(call.node.args) and not any(isinstance(each, ast.Starred) for each in call.node.args[:place]):
        return unwrapped(call.node.args[place])
    return None


def passed_argument(call: Call, position: int, place: int, name: str) -> ast.expr | None:
    """Return the argument for a function that a call gets by its name: those after it, or those in `args`."""
    given = next((each.value for each in call.node.keywords if each.arg in {"args"}), None)
    if isinstance(given, ast.Tuple | ast.List):
        return given.elts[place] if 0 <= place < len(given.elts) else None
    named = next((each.value for each in call.node.keywords if each.arg == name), None)
    if named is not None:
        return named
    after = call.node.args[position + 1 :]
    if position < 0 or not 0 <= place < len(after):
        return None
    return elements_of(after[place]) if call.name in {"map", "imap", "starmap"} else after[place]


def elements_of(node: ast.expr) -> ast.expr:
    """Return an expression for one element of an iterable."""
    return ast.copy_location(ast.Subscript(node, ast.Constant(0), ast.Load()), node)
