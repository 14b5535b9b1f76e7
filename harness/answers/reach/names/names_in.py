"""The names whose value an expression or an annotation may have."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ..libraries import GETTERS, PARTS_OF_CLIENTS, PASSES
from ..source.bindings import key_of
from ..source.scopes import Scope

Name: TypeAlias = tuple[Scope | None, str]
"""A name and the scope that it belongs to; none for a field, a key or a method. `NAME()` is what a call returns."""
ANY = "*"
"""What `getattr` returns for a name that only the running program knows."""
BUILT_IN = frozenset(dir(builtins))
_RETURNS_ITSELF = frozenset({"__aenter__", "__enter__", "with_options", "copy"})


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
