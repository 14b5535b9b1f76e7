"""The text of a file that a person reads, by line: prose, comments, docstrings, messages and the names it defines."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Text(NamedTuple):
    """A piece of text of one kind, and its first line."""

    line: int
    kind: str
    text: str


_QUOTED = re.compile(r"`[^`]*`|\"[^\"\n]*\"|“[^”]*”")
"""Code and quotations within prose: their words are not the author's."""
_SHOWN = ("console", "toml", "text", "")
"""Languages of code blocks in which comments are prose; the others hold quoted output."""


def texts_of(path: Path) -> Iterator[Text]:
    """Yield the texts of a file."""
    text = path.read_text()
    if path.suffix == ".py":
        yield from _of_python(text)
    elif path.suffix == ".md":
        yield from _of_markdown(text)
    else:
        yield from (Text(number, "prose", line) for number, line in enumerate(text.splitlines(), 1))


def prose(text: str) -> str:
    """Return a text without its code and quotations."""
    return _QUOTED.sub(" ", text)


def _of_markdown(text: str) -> Iterator[Text]:
    block: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            block = line.strip("`").strip() if block is None else None
        elif (block is None or block in _SHOWN) and not line.startswith(">"):
            yield Text(number, "prose", prose(line))


def _of_python(source: str) -> Iterator[Text]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], "comment", prose(token.string))
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    json_names = {id(name) for node in ast.walk(tree) for name in _json_names_in(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in json_names:
            shown = prose(node.value) if id(node) in docstrings else node.value
            yield Text(node.lineno, "docstring" if id(node) in docstrings else "string", shown)
        for name in _defined_by(node):
            yield Text(getattr(node, "lineno", 1), "name", _words_of(name))


def _defined_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node defines; a use of another module's name is not one."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case ast.alias(asname=str(name)):
            yield name


def _json_names_in(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the name of a JSON field, as in `msgspec.field(name="x")`: such a name is published and does not change."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="msgspec"), attr="field"), keywords=keywords):
            yield from (keyword.value for keyword in keywords if keyword.arg == "name")


def _words_of(name: str) -> str:
    """Return the words of `a_name` or `AName`, separated by spaces."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ")
