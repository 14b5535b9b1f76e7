"""Bundles a script from sources: of all their functions, those that it needs.

The sources are modules of `parts/`, two modules of the worker, a scenario's own code and what the generator writes. A
function, class, method or name is taken where what is taken already mentions it; the import lines of the sources are
those of the script.
"""

from __future__ import annotations

import ast
import functools
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ... import scenarios
from ...scenarios.declaration.scenario import Load
from .plain import WIDTH, plain

_SWEEP = Path(str(scenarios.__file__)).resolve().with_name("sweep")
_SHARED = [_SWEEP / "cancel_at_step.py"]
"""Modules of the worker of which scripts carry something."""
_FILES = {file.stem: file for file in [*sorted(Path(__file__).resolve().with_name("parts").glob("*.py")), *_SHARED]}
"""The sources of scripts by name."""
_THINGS = {"self", "driver", "connection", "fuse", "trigger", "task", "running"}
"""Names of objects with methods, in scenarios and in the parts."""
_WRITTEN = "from collections import namedtuple\nfrom types import SimpleNamespace\n"
"""The imports of what the generator writes, in addition to those of the parts."""
_SERVER = ("pace", "tls", "server", "faults", "proxy", "http2")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement of a part, or a method: it is taken for any of its `names`; `within` is the class of a method."""

    names: frozenset[str]
    uses: frozenset[str]
    text: str
    within: str | None = None
    long: bool = False


@functools.cache
def part(name: str) -> str:
    """Return the source of a part for a script."""
    return plain(_FILES[name].read_text())


def sides(load: Load, client: Iterable[str]) -> list[str]:
    """Return the sources of a script of this load: those of its server, of its backend, and these of the client."""
    cancelling = "cancel_trio" if load.backend == "trio" else f"cancel_{load.style}"
    return [part(name) for name in (*_SERVER, f"backend_{load.backend}", "record", cancelling, *client)]


def bundle(sources: Iterable[str], roots: Iterable[str]) -> str:
    """Return what the roots need of the sources, in their order; each root and source is Python."""
    pieces = [piece for source in sources for piece in _pieces(source)]
    needed = frozenset().union(*(_uses(ast.parse(root)) for root in roots))
    taken: set[int] = set()
    while more := {n for n, piece in enumerate(pieces) if n not in taken and _wanted(piece, needed)}:
        taken |= more
        needed = needed.union(*(pieces[n].uses for n in more))
    return _laid_out([pieces[n] for n in sorted(taken)])


def _laid_out(pieces: list[_Piece]) -> str:
    """Join pieces, with an empty line around those with a body."""
    text = ""
    for piece in pieces:
        apart = piece.long and piece.within is None and text and not text.endswith("\n\n")
        text += ("\n" if apart else "") + piece.text.rstrip("\n") + "\n" + ("\n" if piece.long else "")
    return text


def laid_out(texts: Iterable[str]) -> str:
    """Join texts with an empty line between them, and a line end after the last."""
    return "\n\n".join(text.strip("\n") for text in texts) + "\n"


def packed(items: Iterable[str], indent: str) -> str:
    """Return lines with as many items as they take; an item is not broken."""
    # An item has no space while it is wrapped, so it is not broken.
    glued = " ".join(item.replace(" ", "\0") for item in items)
    wrapped = textwrap.wrap(
        glued, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(wrapped).replace("\0", " ")


def names_in(tree: ast.AST) -> frozenset[str]:
    """Return all names in a tree."""
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _uses(tree: ast.AST) -> frozenset[str]:
    """Return the names in a tree, and with a dot before them the methods that it takes of objects."""
    reached = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    methods = {f".{node.attr}" for node in reached if isinstance(node.value, ast.Name) and node.value.id in _THINGS}
    return names_in(tree) | methods


def _wanted(piece: _Piece, needed: frozenset[str]) -> bool:
    if piece.within is not None and piece.within not in needed:
        return False
    return bool(piece.names & needed) or (piece.within is not None and next(iter(piece.names)).startswith(".__"))


@functools.cache
def _pieces(source: str) -> tuple[_Piece, ...]:
    """Return the pieces of a source; many scripts share them."""
    return tuple(_split(source))


def _split(source: str) -> Iterator[_Piece]:
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        # A method that overrides another is called from outside the script.
        if (
            isinstance(node, ast.ClassDef)
            and not node.bases
            and any(isinstance(inner, _FUNCTIONS) for inner in node.body)
        ):
            yield from _of_class(node, lines)
        else:
            yield _Piece(_names(node), _uses(node), _text(node, lines), long=isinstance(node, _LONG))


def _of_class(node: ast.ClassDef, lines: list[str]) -> Iterator[_Piece]:
    """Yield the head of a class with all but its methods, then its methods."""
    methods = [inner for inner in node.body if isinstance(inner, _FUNCTIONS)]
    first = _start(methods[0])
    head = "\n".join(lines[node.lineno - 1 : first - 1]).rstrip()
    outside = [inner for inner in node.body if inner not in methods]
    uses = frozenset[str]().union(*(_uses(inner) for inner in outside))
    yield _Piece(frozenset({node.name}), uses, head)  # Its first method follows without an empty line.
    for method in methods:
        yield _Piece(frozenset({f".{method.name}"}), _uses(method), _text(method, lines), node.name, long=True)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LONG = (*_FUNCTIONS, ast.ClassDef)


def _start(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _text(node: ast.stmt, lines: list[str]) -> str:
    """Return the lines of a statement, with the comments right above it."""
    start = _start(node) - 1
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return "\n".join(lines[start : node.end_lineno])


def _names(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement defines."""
    if isinstance(node, _LONG):
        return frozenset({node.name})
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    return frozenset(found)


def imports_for(text: str, own: str, client: str) -> tuple[str, str]:
    """Return the import lines of the standard library, and that of other packages, for a script with this text.

    `own` is the source of its scenario, `client` a module.
    """
    used = names_in(ast.parse(text))
    known = [imported for source in (*_sources(), _WRITTEN, own) for imported in _imported(source)]
    needed = {(module, name) for module, name, bound in known if bound in used}
    modules = {module for module, name in needed if name is None}
    theirs = {client, *(module for module in modules if module.partition(".")[0] not in sys.stdlib_module_names)}
    named = defaultdict(set)
    for module, name in needed:
        if name is not None:
            named[module].add(name)
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(named.items())]
    # Many in a line: a short script is easier to paste into an issue.
    return "\n".join([f"import {', '.join(sorted(modules - theirs))}", *lines]), f"import {', '.join(sorted(theirs))}"


@functools.cache
def _sources() -> tuple[str, ...]:
    return tuple(file.read_text() for file in _FILES.values())


def _imported(source: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield the module, the name in it if any, and the name that is bound, of each absolute import."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
            yield from ((str(node.module), alias.name, alias.name) for alias in node.names)
