"""The expressions that a call passes for a parameter."""

from __future__ import annotations

import ast

from ..source.scopes import Call, unwrapped


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
