"""The imports of a script: of the names that it mentions, those that are imported."""

from __future__ import annotations

import ast
from collections import defaultdict

from .bundle import names_in

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
    # Side by side: what is pasted into an issue is better short.
    return "\n".join([f"import {', '.join(modules)}", *lines]), f"import {', '.join(sorted(theirs))}"


def _imported(source: str) -> dict[str, str]:
    """The names that a source imports from modules that are not beside it."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom) and not node.level]
    return {alias.name: str(node.module) for node in nodes for alias in node.names}


def _modules(source: str) -> list[str]:
    return [alias.name for node in ast.parse(source).body if isinstance(node, ast.Import) for alias in node.names]
