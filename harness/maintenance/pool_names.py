"""The names that a client uses and a pool does not have, although the client's requirement admits it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping

from ..catalogue.making.sources import Modules
from ..catalogue.releases import Catalogue
from ..catalogue.requirements import installable_pairs


def absent_names(
    catalogue: Catalogue, sources: Mapping[str, Mapping[str, Modules]]
) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return the absent names by client, its release and the release of the pool; only pairs with any.

    `sources` has the modules by package and release. Proxies are left out: a client without one does not use them.
    """
    found: dict[str, dict[str, dict[str, list[str]]]] = {}

    @functools.cache
    def used_by(client: str, version: str, pool: str) -> set[str]:
        return used(sources[client][version], pool)

    for pair in installable_pairs(catalogue):
        (client, version), *others = pair.items()
        for pool, other in others:
            absent = used_by(client, version, pool) - offered(sources[pool][other])
            if named := sorted(name for name in absent if not name.endswith("Proxy")):
                found.setdefault(client, {}).setdefault(version, {})[other] = named
    return found


def used(modules: Modules, package: str) -> set[str]:
    """Return the attributes of a package that modules use."""
    nodes = (node for text in modules.values() for node in ast.walk(ast.parse(text)))
    attributes = (node for node in nodes if isinstance(node, ast.Attribute))
    return {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == package}


def offered(modules: Modules) -> set[str]:
    """Return the names that a package may have: its modules, and all that its `__init__.py` binds or lists."""
    names = {module.partition("/")[0].removesuffix(".py") for module in modules}
    for node in ast.walk(ast.parse(modules["__init__.py"])):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)
    return names
