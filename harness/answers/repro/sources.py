"""The sources of scripts: the modules of `parts/`, a module of the worker, and their import lines."""

from __future__ import annotations

import ast
import functools
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ... import scenarios
from ...scenarios.declaration.scenario import Load
from .bundle import bundle, names_in
from .plain import plain

_PARTS = {file.stem: file for file in sorted(Path(__file__).resolve().with_name("parts").glob("*.py"))}
_COUNTER = Path(str(scenarios.__file__)).resolve().parent / "sweep" / "cancel_at_step.py"
"""The module of the worker that counts the steps of a request."""
_WRITTEN = "from collections import namedtuple\nfrom types import SimpleNamespace\n"
"""The imports of what the generator writes, in addition to those of the parts."""
_SERVER = ("pace", "tls", "server", "faults", "proxy", "http2")


@functools.cache
def part(name: str) -> str:
    """Return the source of a part as a script has it."""
    return plain(_PARTS[name].read_text())


@functools.cache
def step_counter() -> str:
    """Return the source of the worker's `Stepped`."""
    return bundle([plain(_COUNTER.read_text())], ["Stepped"])


def sides(load: Load, client: Iterable[str]) -> list[str]:
    """Return the sources of a script of this load: those of its server, of its backend, and these of the client."""
    return [part(name) for name in (*_SERVER, f"backend_{load.backend}", "record", *client)]


def imports_for(text: str, own: str, client: str) -> tuple[str, str]:
    """Return the import lines of the standard library, and that of other packages, for a script with this text.

    `own` is the source of its scenario, `client` a module.
    """
    used = names_in(ast.parse(text))
    known = [imported for source in (*_sources(), own) for imported in _imported(source)]
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
    return (*(file.read_text() for file in _PARTS.values()), _WRITTEN)


@functools.cache
def _imported(source: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return the module, the name in it if any, and the name that is bound, of each absolute import."""
    return tuple(_imports(ast.parse(source)))


def _imports(tree: ast.Module) -> Iterator[tuple[str, str | None, str]]:
    """Yield the module, the name in it if any, and the name that is bound, of each absolute import."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
            yield from ((str(node.module), alias.name, alias.name) for alias in node.names)
