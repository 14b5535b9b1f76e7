"""The source of a part as a script has it: without annotations, with docstrings as comments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

WIDTH = 118
"""Columns of a script."""
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
    arguments = node.args
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    head = ast.fix_missing_locations(type(node)(name=node.name, args=arguments, body=[], decorator_list=[]))
    end = node.returns.end_lineno if node.returns else None
    lines[node.lineno - 1 : end or node.lineno] = ["" for _ in range(node.lineno, (end or node.lineno) + 1)]
    lines[node.lineno - 1] = " " * node.col_offset + ast.unparse(head).strip().replace("'", '"')


def _move_texts(node: Function | ast.ClassDef | ast.Module, lines: list[str]) -> None:
    """Remove the strings that are statements; the docstring of a function or class goes to its head."""
    for text in [each for each in node.body if _is_text(each)]:
        said = lines[text.lineno - 1].strip().strip('"')
        _clear(text, lines)
        if isinstance(node, ast.Module) or text is not node.body[0] or text.lineno != text.end_lineno:
            continue
        commented = f"{lines[node.lineno - 1]}  # {said}"
        lines[node.lineno - 1] = commented if len(commented) <= WIDTH else lines[node.lineno - 1]


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
        _clear(node, lines)
    else:
        lines[node.lineno - 1] = line[: node.target.end_col_offset] + line[node.annotation.end_col_offset :]


def _clear(node: ast.stmt, lines: list[str]) -> None:
    for row in range(node.lineno - 1, node.end_lineno or node.lineno):
        lines[row] = ""
