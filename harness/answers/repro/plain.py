"""The source of a part as a script has it: without annotations, with docstrings as comments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .layout import WIDTH

Function = ast.FunctionDef | ast.AsyncFunctionDef


def plain(source: str) -> str:
    """Return a module without annotations and empty lines.

    A docstring of one line becomes a comment at the head of its function or class if it fits there; all others go.
    """
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            _write_head(node, lines)
        if isinstance(node, Function | ast.ClassDef | ast.Module):
            _move_texts(node, lines)
        for assigned in _annotated(node):
            _strip(assigned, lines)
    return "".join(f"{line}\n" for line in lines if line.strip())


def _write_head(node: Function, lines: list[str]) -> None:
    """Write the head of a function in one line, without annotations."""
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    head = ast.fix_missing_locations(type(node)(name=node.name, args=node.args, body=[], decorator_list=[]))
    _clear(lines, node.lineno, getattr(node.returns, "end_lineno", node.lineno))
    lines[node.lineno - 1] = " " * node.col_offset + ast.unparse(head).strip().replace("'", '"')


def _move_texts(node: Function | ast.ClassDef | ast.Module, lines: list[str]) -> None:
    """Remove the strings that are statements; the docstring of a function or class goes to its head."""
    for text in [each for each in node.body if _is_text(each)]:
        said = lines[text.lineno - 1].strip().strip('"')
        _clear(lines, text.lineno, text.end_lineno)
        if isinstance(node, ast.Module) or text is not node.body[0] or text.lineno != text.end_lineno:
            continue
        if len(commented := f"{lines[node.lineno - 1]}  # {said}") <= WIDTH:
            lines[node.lineno - 1] = commented


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _annotated(node: ast.AST) -> Iterator[ast.AnnAssign]:
    """Yield the assignments of a body whose annotations do nothing: those of a named tuple are its fields."""
    bases = [base.id for base in getattr(node, "bases", []) if isinstance(base, ast.Name)]
    if "NamedTuple" not in bases:
        yield from (each for each in ast.iter_child_nodes(node) if isinstance(each, ast.AnnAssign))


def _strip(node: ast.AnnAssign, lines: list[str]) -> None:
    """Remove an annotation, with its line if it assigns nothing; it is on one line."""
    line = lines[node.lineno - 1]
    if node.value is None:
        _clear(lines, node.lineno, node.end_lineno)
    else:
        lines[node.lineno - 1] = line[: node.target.end_col_offset] + line[node.annotation.end_col_offset :]


def _clear(lines: list[str], first: int, last: int | None) -> None:
    lines[first - 1 : last] = [""] * ((last or first) - first + 1)
