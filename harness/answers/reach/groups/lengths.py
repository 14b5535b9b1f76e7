"""How many elements an expression has, and which number it is at most."""

from __future__ import annotations

import ast
import math

from ..requests.facts import Facts
from ..source.scopes import Scope
from ..values import Constant


def length(facts: Facts, node: ast.AST, scope: Scope, depth: int) -> float:
    """Return how many elements an expression has at most; infinite if the source does not decide it."""
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return sum(length(facts, e.value, scope, depth) if isinstance(e, ast.Starred) else 1 for e in node.elts)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return math.prod(length(facts, each.iter, scope, depth) for each in node.generators)
        case ast.Call(func=ast.Name(id="range")):
            return _range(facts, node, scope)
        case ast.Dict():
            return len(node.keys)
        case ast.Name() if depth < 3:
            return bound_length(facts, node.id, scope, depth)
    return math.inf


def _range(facts: Facts, node: ast.Call, scope: Scope) -> float:
    numbers = [number(facts, each, scope) for each in node.args]
    known = [each for each in numbers if each is not None]
    if len(known) != len(numbers) or not known:
        return math.inf
    return known[0] if len(known) == 1 else max(known[1] - known[0], 0)


def number(facts: Facts, node: ast.AST, scope: Scope) -> int | None:
    """Return the largest number that an expression may be, if all that it may be is known."""
    values = facts.literal(node, scope)
    numbers = [each.value for each in values if isinstance(each, Constant) and type(each.value) is int]
    return max(numbers) if numbers and len(numbers) == len(values) and not isinstance(node, ast.BinOp) else None


def bound_length(facts: Facts, name: str, scope: Scope, depth: int) -> float:
    home: Scope | None = scope
    while home is not None and name not in home.names:
        home = home.parent
    bindings = home.names[name] if home is not None else []
    nodes = [(each.node, each.scope or scope) for each in bindings if each.how == "value" and each.node is not None]
    if home is not None and len(bindings) == 1 and bindings[0].how == "param":
        nodes = list(facts.resolver.arguments(home, name))
    elif len(nodes) < len(bindings):
        return math.inf
    return max((length(facts, node, place, depth + 1) for node, place in nodes), default=math.inf)
