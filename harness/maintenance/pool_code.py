"""Make the digests of the code that a pool depends on: `python -m poolgate.maintenance.pool_code [-o PATH]`.

It needs `poolgate[catalogue]` and the registry; the same catalogue gives the same bytes. Code is compared by its
syntax tree, without docstrings, comments, annotations and names of local variables.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from ..answers.inference.pool_code import PACKAGED, PoolCode
from ..catalogue.making.archive import without_version
from ..catalogue.making.sources import Modules, sources_of
from ..catalogue.packages import CLIENTS, POOLS
from ..catalogue.releases import Catalogue, load
from ..cells.uses import Use
from ..ledger.meaning import LENGTH, digest_of
from .pool_names import absent_names
from .written import write_file

ALWAYS = (
    "KEEPALIVE_EXPIRY",
    "DEFAULT_LIMITS",
    "DEFAULT_POOL_LIMITS",
    "DEFAULT_TIMEOUT_CONFIG",
    "Limits.__init__",
    "PoolLimits.__init__",
    "Timeout.__init__",
    "Timeout.as_dict",
    "BaseClient._set_timeout",
    "BaseClient.stream",
    "StreamContextManager.__init__",
    "map_exceptions",
    "map_httpcore_exceptions",
)
"""The functions and constants of a client that each use of its pool depends on."""

SYNC = (
    "Client.__init__",
    "Client.__enter__",
    "Client.__exit__",
    "Client.__del__",
    "Client._init_transport",
    "Client.init_dispatch",
    "Client.init_transport",
    "Client._transport_for_url",
    "Client.close",
    "Client.dispatcher_for_url",
    "Client.request",
    "Client.send",
    "Client.stream",
    "Client.transport_for_url",
    "Client._send_*",
    "Client.send_*",
    "Response.read",
    "Response.iter_*",
    "Response.close",
    "BoundSyncStream.*",
    "BaseTransport.*",
    "HTTPTransport.*",
    "IteratorStream.*",
    "ResponseStream.*",
    "StreamContextManager.__enter__",
    "StreamContextManager.__exit__",
    "SyncByteStream.*",
    "URLLib3Dispatcher.*",
    "URLLib3Transport.*",
)
"""Those of a synchronous client."""

ASYNC = (
    "AsyncClient.__init__",
    "AsyncClient.__aenter__",
    "AsyncClient.__aexit__",
    "AsyncClient.__del__",
    "AsyncClient._init_transport",
    "AsyncClient.init_dispatch",
    "AsyncClient.init_transport",
    "AsyncClient._transport_for_url",
    "AsyncClient.aclose",
    "AsyncClient.dispatcher_for_url",
    "AsyncClient.request",
    "AsyncClient.send",
    "AsyncClient.stream",
    "AsyncClient.transport_for_url",
    "AsyncClient._send_*",
    "AsyncClient.send_*",
    "Response.aread",
    "Response.aiter_*",
    "Response.aclose",
    "AsyncBaseTransport.*",
    "AsyncByteStream.*",
    "AsyncHTTPTransport.*",
    "AsyncIteratorStream.*",
    "AsyncResponseStream.*",
    "BoundAsyncStream.*",
    "StreamContextManager.__aenter__",
    "StreamContextManager.__aexit__",
)
"""Those of an asynchronous client."""

PROXY = ("BaseClient._get_proxy_map", "BaseClient.get_proxy_map", "Proxy.*")
"""Those of a client with a proxy."""

FUNCTIONS: dict[Use, tuple[str, ...]] = {
    Use.SYNC: (*ALWAYS, *SYNC),
    Use.ASYNC: (*ALWAYS, *ASYNC),
    Use.SYNC_PROXY: (*ALWAYS, *SYNC, *PROXY, "Client._init_proxy_transport", "Client.init_proxy_*"),
    Use.ASYNC_PROXY: (*ALWAYS, *ASYNC, *PROXY, "AsyncClient._init_proxy_transport", "AsyncClient.init_proxy_*"),
}
"""The pool-related code of a client that has its pool from another package: qualified names, as patterns.

A client with a pool of its own is compared whole.
"""


@functools.cache
def definitions(text: str) -> dict[str, str]:
    """Return the digest of each function and constant of a module by its qualified name."""
    return {name: digest_of(ast.unparse(node)) for name, node in _definitions(ast.parse(text), "")}


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _definitions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
            yield f"{prefix}{child.targets[0].id}", child
        elif isinstance(child, ast.stmt):
            yield from _definitions(child, prefix)


def of_client(modules: Modules, own_pool: bool) -> dict[Use, str]:
    """Return the digests of a client's pool-related code; none for a release without a client."""
    code = [found for _, text in sorted(modules.items()) for found in definitions(text).items()]
    if not any(name.startswith(("AsyncClient.", "Client.")) for name, _ in code):
        return {}
    if own_pool:
        return dict.fromkeys(Use, of_pool(modules))
    return {use: _digest(f"{n} {d}" for n, d in code if _listed(n, patterns)) for use, patterns in FUNCTIONS.items()}


def of_pool(modules: Modules) -> str:
    """Return the digest of a whole package, without its version."""
    return _digest(f"{name} {_meaning(without_version(name, text.encode()))}" for name, text in modules.items())


@functools.cache
def _meaning(module: bytes) -> str:
    return digest_of(module.decode())


def _listed(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:LENGTH]


def made(catalogue: Catalogue, endpoint: str = PYPI_SIMPLE_ENDPOINT) -> bytes:
    """Return the digests of all releases of a catalogue as JSON; raises CatalogueError."""
    sources = {package: dict(sources_of(catalogue, package, endpoint)) for package in (*CLIENTS, *POOLS)}
    code = PoolCode(
        cutoff=catalogue.cutoff,
        clients={
            name: {
                release.version: of_client(sources[name][release.version], release.requirement is None)
                for release in catalogue.packages[name]
            }
            for name in CLIENTS
        },
        pools={name: {version: of_pool(modules) for version, modules in sources[name].items()} for name in POOLS},
        absent=absent_names(catalogue, sources),
    )
    return msgspec.json.format(msgspec.json.encode(code), indent=1) + b"\n"


def main(arguments: Sequence[str] | None = None, endpoint: str = PYPI_SIMPLE_ENDPOINT) -> int:
    """Write the digests and return the exit code; on failure print one line and keep the old file."""
    return write_file(
        "pool_code", "Make the digests of the pool-related code.", PACKAGED, lambda: made(load(), endpoint), arguments
    )


if __name__ == "__main__":
    raise SystemExit(main())
