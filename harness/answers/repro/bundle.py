"""Bundles a script from parts: of all their functions, those that it needs.

The parts are Python source that is not imported here. A function, class, method or name is taken where what is taken
already mentions it; a line that ends in `#? word` only where that is a feature of the script, one that ends in
`#? not word` only where it is not.
"""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...scenarios.declaration.scenario import Load

_PARTS = Path(__file__).resolve().with_name("parts")
_THINGS = {"self", "driver", "connection", "fuse", "loop", "task", "running"}
"""Names of objects with methods, in scenarios and in the parts."""
WIDTH = 118
"""Columns of a script."""
_MARK = re.compile(r"  #\? (not )?([a-z0-9-]+)$")

_MODULES = (
    *("anyio", "asyncio", "gc", "itertools", "os", "random", "re", "resource", "selectors", "socket", "ssl", "struct"),
    *("sys", "tempfile", "textwrap", "threading", "time"),
)
_FROM = {
    "Counter": "collections",
    "ThreadPoolExecutor": "concurrent.futures",
    "accumulate": "itertools",
    "namedtuple": "collections",
    "partial": "functools",
    **dict.fromkeys(("Any", "Dict", "Iterator", "List", "NamedTuple", "Optional", "Tuple"), "typing"),
    "SimpleNamespace": "types",
    "suppress": "contextlib",
}
_H2 = ("config", "connection", "errors", "events", "exceptions", "settings")

_SERVER = ("pace", "tls", "server", "faults", "proxy", "http2")
_ON_TRIO = {
    "asyncio.sleep(": "trio.sleep(",
    "asyncio.gather(*": "gather(",
    "asyncio.ensure_future(": "Task(",
    "asyncio.wait(": "all_ended(",
    "anyio.CancelScope(": "trio.CancelScope(",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement of a part, or a method: it is taken for any of its `names`; `within` is the class of a method."""

    names: frozenset[str]
    uses: frozenset[str]
    text: str
    within: str | None = None
    long: bool = False


def part(name: str, features: Iterable[str]) -> str:
    """Return the source of a part for a script with these features."""
    kept = set(features)
    lines = (_PARTS / f"{name}.template").read_text().splitlines()
    return "\n".join(line for marked in lines if (line := _featured(marked, kept)) is not None)


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


def _featured(line: str, features: set[str]) -> str | None:
    if (mark := _MARK.search(line)) is None:
        return line
    unwanted, feature = mark.groups()
    return line[: mark.start()] if (feature in features) != bool(unwanted) else None


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

    `own` is source that has imports of its own, `client` a module.
    """
    used = names_in(ast.parse(text))
    wanted = {name: module for name, module in {**_FROM, **_imported(own)}.items() if name in used}
    theirs = [client] + [name for name in ("anyio", "trio") if name in used]
    if "h2" in used:
        theirs += [f"h2.{name}" for name in _H2]
    if "hyperframe" in used:
        theirs += ["hyperframe.frame"]
    modules = sorted({name for name in (*_MODULES, *_modules(own)) if name in used and name not in theirs})
    named = defaultdict(list)
    for name, module in wanted.items():
        named[module].append(name)
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(named.items())]
    # Many in a line: a short script is easier to paste into an issue.
    return "\n".join([f"import {', '.join(modules)}", *lines]), f"import {', '.join(sorted(theirs))}"


def _imported(source: str) -> dict[str, str]:
    """Return the names that a source imports from other packages, with their modules."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom) and not node.level]
    return {alias.name: str(node.module) for node in nodes for alias in node.names}


def _modules(source: str) -> list[str]:
    return [alias.name for node in ast.parse(source).body if isinstance(node, ast.Import) for alias in node.names]


def sides(load: Load, client: Iterable[str], features: set[str]) -> list[str]:
    """Return the sources of a script of this load: the server's parts, and these of the client."""
    known = {*features, load.backend}
    server = [part(name, known) for name in _SERVER]
    mine = [part(name, known) for name in client]
    return [*server, *([part("trio", known), *map(_on_trio, mine)] if load.backend == "trio" else mine)]


def _on_trio(source: str) -> str:
    for word, theirs in _ON_TRIO.items():
        source = source.replace(word, theirs)
    return source
