"""Which names may stand for something that matters: a first pass over the program, without types.

A client, a task, a deadline or a function with a request flows from name to name: by assignments, arguments, returns,
fields and keys. The pass follows these names forward from what makes such objects. What it does not find can't matter,
so that the exact resolution leaves it out: this decides how long a program takes.

A name belongs to a scope; the name of a field, a key or a method belongs to none. A name followed by `()` stands for
what a call of it returns.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeAlias

from .libraries import GETTERS, PARTS_OF_CLIENTS, PASSES
from .program import Program
from .scopes import Binding, Call, Scope
from .walk import key_of

Name: TypeAlias = tuple[Scope | None, str]
ANY = "*"
"""What `getattr` returns for a name that only the running program knows."""
DEEPEST = 8
"""How many classes above one without a constructor are looked at."""
_CONSTRUCTS = frozenset({"__init__", "__new__"})
BUILT_IN = frozenset(dir(builtins))
_SPREADS = frozenset({"value", "with", "iter", "part", "add"})
_FUNCTIONS = frozenset({"target", "function", "func", "fn", "callback"})


class Identifiers:
    """The flow of values between names."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.flows: dict[Name, set[Name]] = defaultdict(set)
        self._known: dict[str, list[Scope]] = {}
        for scope in program.scopes:
            self._scope(scope)
        for name, stored in program.fields.items():
            for _, value, scope in stored:
                self._add(idents(value, scope), (None, name))
        for key, entries in program.keys.items():
            for value, scope in entries:
                self._add(idents(value, scope), (None, key))
        for call in program.calls:
            self._call(call)

    @cached_property
    def below(self) -> dict[str, list[Scope]]:
        """The classes that inherit from one of a name."""
        found: dict[str, list[Scope]] = defaultdict(list)
        for scope in self.program.scopes:
            for base in scope.bases:
                found[last(base.value if isinstance(base, ast.Subscript) else base)].append(scope)
        return found

    @cached_property
    def _with_parameter(self) -> dict[str, list[Scope]]:
        """The functions that have a parameter of a name."""
        found: dict[str, list[Scope]] = defaultdict(list)
        for scope in self.program.scopes:
            for name in scope.params:
                found[name].append(scope)
        return found

    def _add(self, sources: Iterable[Name], target: Name) -> None:
        for source in sources:
            if source != target:
                self.flows[source].add(target)

    # -- flows ------------------------------------------------------------------------------------------------------

    def _scope(self, scope: Scope) -> None:
        for name, bindings in scope.names.items():
            for binding in bindings:
                self._binding((scope, name), binding, scope)
            if scope.kind in {"class", "module"}:
                self._add([(scope, name)], (None, name))
        if scope.parent is None or scope.kind == "module" or not scope.name:
            return
        result = (scope.parent, f"{scope.name}()")
        for node in (*scope.returns, *scope.yields):
            self._add(idents(node, scope), result)
        self._add(types(getattr(scope.node, "returns", None), scope.parent), result)
        self._add([result], (None, f"{scope.name}()"))
        self._decorated(scope, scope.parent)
        for base in scope.bases:
            self._add(called(idents(base, scope.parent)), result)

    def _binding(self, name: Name, binding: Binding, home: Scope) -> None:
        node, scope = binding.node, binding.scope or home
        if binding.how in _SPREADS and node is not None:
            self._add(idents(node, scope), name)
            self._add(types(node, scope) if isinstance(node, ast.Subscript | ast.BinOp) else (), name)
        elif binding.how == "from":
            self._imported(name, binding.text, home.module)
        elif binding.how == "annotation":
            self._add(types(node, scope), name)
        elif binding.how == "param" and isinstance(node, ast.arg) and scope.parent is not None:
            self._add(types(node.annotation, scope.parent), name)
            for default in defaults_of(scope, name[1]):
                self._add(idents(default, scope.parent), name)

    def _imported(self, name: Name, text: str, module: Scope) -> None:
        source, _, member = text.partition(":")
        for home in self.program.module(source, module):
            self._add([(home, member)], name)
            for star in home.stars:
                self._add(((other, member) for other in self.program.module(star, home)), name)

    def _decorated(self, scope: Scope, parent: Scope) -> None:
        names = [name.rpartition(".")[2] for name in scope.decorator_names()]
        if any("property" in name for name in names):
            self._add([(parent, f"{scope.name}()")], (None, scope.name))
        if any("fixture" in name for name in names):
            for other in self._with_parameter[scope.name]:
                self._add([(parent, f"{scope.name}()")], (other, scope.name))
        for name in names:
            for decorator in self.program.functions.get(name, []):
                for function in (decorator, *decorator.scopes):
                    if function.params:
                        self._add([(parent, scope.name)], (function, function.params[0]))

    def _call(self, call: Call) -> None:
        """Add the flow from the arguments of a call to parameters of all functions of its name."""
        node, name = call.node, call.name
        functions = self._callees(call)
        holds = name[:1].isupper() and name not in self.program.functions
        for place, given in enumerate(node.args if functions or holds else ()):
            found = idents(given, call.scope)
            if found:
                self._passed(functions, place, found)
                self._held(name, found)
        for keyword in node.keywords:
            found = idents(keyword.value, call.scope)
            if found:
                self._named(functions, keyword.arg, found)
                self._held(name, found)
        self._behind(call)

    def _callees(self, call: Call) -> list[Scope]:
        """Return the functions that a call may run: exact for names and for `self`, else all methods of the name."""
        func = call.node.func
        if isinstance(func, ast.Name):
            return self._named_functions(func.id, call.scope)
        owner = call.scope.owner
        if owner is not None and isinstance(func, ast.Attribute):
            if func.attr == "__init__":
                return self._inherited(owner) if isinstance(func.value, ast.Call) else self._bases_of(func.value, owner)
            if isinstance(func.value, ast.Name) and func.value.id in {"self", "cls"}:
                own = [each for each in owner.scopes if each.name == func.attr]
                if own:
                    return own
        return self._functions(call.name)

    def _inherited(self, cls: Scope) -> list[Scope]:
        """Return the constructors that a class inherits."""
        return [each for base in cls.bases for each in self._bases_of(base, cls.parent or cls)]

    def _bases_of(self, base: ast.expr, scope: Scope) -> list[Scope]:
        """Return the constructors of a class that an expression names; nothing for one of another package."""
        base = base.value if isinstance(base, ast.Subscript) else base
        home = home_of(base.id, scope) if isinstance(base, ast.Name) else None
        imported = [each.text.rpartition(":")[2] for each in home.names[last(base)]] if home is not None else []
        named = {last(base), *imported}
        return self._constructors(each for name in named for each in self.program.functions.get(name, []))

    def _constructors(self, scopes: Iterable[Scope], depth: int = 0) -> list[Scope]:
        """Return functions; in place of a class, its `__init__` or those that it inherits."""
        found: list[Scope] = []
        for each in scopes:
            if each.kind != "class":
                found.append(each)
            elif own := [inner for inner in each.scopes if inner.name in _CONSTRUCTS]:
                found += own
            elif each.bases and depth < DEEPEST:
                names = {last(base.value if isinstance(base, ast.Subscript) else base) for base in each.bases}
                bases = (base for name in names for base in self.program.functions.get(name, []) if base is not each)
                found += self._constructors((base for base in bases if base.kind == "class"), depth + 1)
        return found

    def exact(self, call: Call) -> list[Scope]:
        """Return the functions that a call runs if its name says so: it is bound to functions and classes only."""
        func = call.node.func
        home = home_of(func.id, call.scope) if isinstance(func, ast.Name) else None
        bindings = home.names[call.name] if home is not None else []
        scopes = [each.scope for each in bindings if each.how == "scope" and each.scope is not None]
        return self._constructors(scopes) if len(scopes) == len(bindings) else []

    def _named_functions(self, name: str, scope: Scope) -> list[Scope]:
        """Return the functions that a name in a scope may be; of any module where it is bound to something else."""
        home = home_of(name, scope)
        bindings = home.names[name] if home is not None else []
        exact = [each.scope for each in bindings if each.how == "scope" and each.scope is not None]
        if home is not None and bindings and len(exact) == len(bindings):
            return self._constructors(exact)
        if name == "cls" and scope.owner is not None:
            return self._constructors([scope.owner, *self.below[scope.owner.name]])
        if any(each.how == "from" for each in bindings):
            members = {each.text.rpartition(":")[2] for each in bindings if each.how == "from"}
            return [found for member in members for found in self._functions(member)]
        return self._functions(name)

    def _functions(self, name: str) -> list[Scope]:
        """Return the functions that a call of a name may run; those that construct for a class."""
        known = self._known.get(name)
        if known is None:
            known = self._constructors(self.program.functions.get(name, []))
            self._known[name] = known
        return known

    def _passed(self, functions: Iterable[Scope], place: int, found: set[Name]) -> None:
        for function in functions:
            index = place + (function.method_of is not None and not function.is_static)
            if index < len(function.params):
                self._add(found, (function, function.params[index]))

    def _named(self, functions: Iterable[Scope], name: str | None, found: set[Name]) -> None:
        if name is None:
            return
        self._add(found, (None, name))
        for function in functions:
            if name in function.names:
                self._add(found, (function, name))

    def _held(self, name: str, found: set[Name]) -> None:
        """Add that an object of another library holds what it was made with."""
        if name[:1].isupper() and name not in self.program.functions:
            self._add(found, (None, f"{name}()"))

    def _behind(self, call: Call) -> None:
        """Add the flow from what is passed behind a function to the parameters of this function."""
        node = call.node
        for index, each in enumerate(node.args[:-1]):
            named = isinstance(each, ast.Name | ast.Attribute) and last(each) in self.program.functions
            for function in self._functions(last(each)) if named else ():
                for place, given in enumerate(node.args[index + 1 :]):
                    self._passed([function], place, idents(given, call.scope))
                for keyword in node.keywords:
                    self._named([function], keyword.arg, idents(keyword.value, call.scope))
        lists = [each.value.elts for each in node.keywords if isinstance(each.value, ast.Tuple | ast.List)]
        for target in (each.value for each in node.keywords if each.arg in _FUNCTIONS):
            for given_all in (*lists, node.args):
                for place, given in enumerate(given_all):
                    self._passed(self._functions(last(target)), place, idents(given, call.scope))

    # -- reach ------------------------------------------------------------------------------------------------------

    def reached(self, seeds: Iterable[Name]) -> set[Name]:
        """Return all names to which something flows from these."""
        found = set(seeds)
        work = list(found)
        while work:
            name = work.pop()
            for target in self._next(name):
                if target not in found:
                    found.add(target)
                    work.append(target)
        return found

    def _next(self, name: Name) -> Iterator[Name]:
        scope, text = name
        yield from self.flows.get(name, ())
        yield from self.flows.get((scope, f"{text}."), ())
        if text.endswith("()"):
            before = self.flows.get((scope, text[:-2]), ())
            yield from ((home, f"{target}()") for home, target in before if not target.endswith("()"))


def idents(node: ast.AST | None, scope: Scope) -> set[Name]:
    """Return the names whose value an expression may have."""
    match node:
        case ast.Name():
            return {(home_of(node.id, scope), node.id)}
        case ast.Attribute():
            members: set[Name] = {(None, node.attr)}
            if node.attr in GETTERS or node.attr in PARTS_OF_CLIENTS:
                members |= methods_of(idents(node.value, scope))
            return members
        case ast.Call():
            return _of_call(node, scope)
        case ast.Await() | ast.Starred() | ast.NamedExpr():
            return idents(node.value, scope)
        case ast.IfExp():
            return idents(node.body, scope) | idents(node.orelse, scope)
        case ast.BinOp():
            return idents(node.left, scope) | idents(node.right, scope)
        case ast.BoolOp() | ast.Dict():
            return _all(node.values, scope)
        case ast.List() | ast.Tuple() | ast.Set():
            return _all(node.elts, scope)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return idents(node.elt, scope)
        case ast.DictComp():
            return idents(node.value, scope)
        case ast.Subscript():
            if isinstance(node.value, ast.Name) and node.value.id == "__annotated__":
                return types(node.slice, scope)
            key = key_of(node)
            return idents(node.value, scope) | ({(None, key)} if key else set())
        case ast.Lambda():
            return idents(node.body, next((each for each in scope.scopes if each.node is node), scope))
    return set()


def _all(nodes: Iterable[ast.AST], scope: Scope) -> set[Name]:
    found: set[Name] = set()
    return found.union(*(idents(each, scope) for each in nodes))


def home_of(name: str, scope: Scope) -> Scope | None:
    """Return the scope that binds a name; None for a built-in one."""
    start: Scope | None = scope.module if name in scope.outer else scope
    while start is not None:
        if name in start.names and (start.kind != "class" or start is scope):
            return start
        start = start.parent
    return None


def methods_of(names: Iterable[Name]) -> set[Name]:
    """Return what stands for a method of names: it holds what they hold, and a call of it returns something else."""
    return {(scope, f"{name}." if name.isidentifier() else name) for scope, name in names}


def called(names: Iterable[Name]) -> set[Name]:
    """Return what calls of names return."""
    return {(scope, f"{name}()") for scope, name in names if not name.endswith("()")}


def _of_call(node: ast.Call, scope: Scope) -> set[Name]:
    name = last(node.func)
    found: set[Name] = {(None, f"{name}()")}
    if isinstance(node.func, ast.Name):
        found = called(idents(node.func, scope))
    if isinstance(node.func, ast.Call | ast.Subscript):
        inner = idents(node.func, scope)
        found |= inner | called(inner)
    if name == "partial" and node.args:
        return idents(node.args[0], scope)
    if name == "getattr" and len(node.args) > 1:
        text = node.args[1].value if isinstance(node.args[1], ast.Constant) else ANY
        return {(None, str(text)), (None, ANY), (None, f"{ANY}()"), *idents(node.args[0], scope)}
    for keyword in node.keywords:
        if keyword.arg == "default_factory":
            found |= called(idents(keyword.value, scope))
    if name == "Depends":
        return called(_all(node.args, scope))
    if name in PASSES:
        given = _all(node.args, scope)
        found |= given | called(given)
    if isinstance(node.func, ast.Attribute) and (name in GETTERS or name in _RETURNS_ITSELF):
        found |= idents(node.func.value, scope)
    return found


_RETURNS_ITSELF = frozenset({"__aenter__", "__enter__", "with_options", "copy"})


def last(node: ast.AST) -> str:
    """Return the last identifier of a name with attributes."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def types(node: ast.AST | None, scope: Scope) -> set[Name]:
    """Return the results of the classes in an annotation, also of those in quotes."""
    found: set[Name] = set()
    if node is None or (isinstance(node, ast.Name) and node.id in BUILT_IN):
        return found
    for each in _typed(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            for word in _words(each.value):
                found |= {(home_of(word, scope), f"{word}()"), (None, f"{word}()")}
        elif isinstance(each, ast.Name) and each.id not in BUILT_IN:
            found |= {(home_of(each.id, scope), f"{each.id}()"), (home_of(each.id, scope), each.id)}
        elif isinstance(each, ast.Attribute):
            found.add((None, f"{each.attr}()"))
    return found


def _typed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of an annotation; of `module.Class` the whole, without the module."""
    work = [node]
    while work:
        each = work.pop()
        yield each
        work += () if isinstance(each, ast.Attribute) else ast.iter_child_nodes(each)


def _words(text: str) -> list[str]:
    for mark in "[],|.":
        text = text.replace(mark, " ")
    return text.split()


def defaults_of(function: Scope, name: str) -> list[ast.expr]:
    """Return the default of a parameter, if it has one."""
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return []
    places = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(places[::-1], arguments.defaults[::-1], strict=False)]
    pairs += [(arg, value) for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
    return [value for arg, value in pairs if arg.arg == name]
