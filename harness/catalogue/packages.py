"""The packages that matter to a pool: the clients, their pools, and the protocol and backend packages that they use.

Packages for certificates, character sets and host names are left out: they change often, and no lease depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

CLIENTS = ("httpx", "httpx2", "httpxyz")
"""The clients, each imported by its own name."""

POOLS = ("httpcore", "httpcore2", "httpcorexyz")
"""The packages of the pools, in the order of their clients."""

EVERYWHERE = ("h11", "anyio", "sniffio")
"""The packages that every scenario uses: the framing of HTTP/1.1, and the choice of the backend."""

BROUGHT: dict[str, tuple[str, ...]] = {
    "h2": ("h2", "hpack", "hyperframe"),
    "trio": ("trio", "outcome"),
    "socksio": ("socksio",),
}
"""The packages that a scenario uses only with an extra, by the extra."""

RELEVANT = (*CLIENTS, *POOLS, *EVERYWHERE, *(name for names in BROUGHT.values() for name in names))
"""All packages that matter. urllib3 is left out: only the threaded client of httpx 0.11 and 0.12 uses it as a pool, and
most lock files have it."""

INDIFFERENT = frozenset(
    ("certifi", "chardet", "charset-normalizer", "hstspreload", "idna", "rfc3986", "typing-extensions")
)
"""Packages that no verdict depends on: certificates, character sets, names and types.

A package that is neither in this set nor relevant, such as urllib3, may matter."""

COMPANIONS = tuple(name for name in RELEVANT if name not in (*CLIENTS, *POOLS))
"""The relevant packages that are neither a client nor a pool; the catalogue does not list them."""

PACKAGES = tuple(name for family in zip(CLIENTS, POOLS, strict=True) for name in family)
"""The clients and their pools, family by family: the packages that the catalogue lists."""

CLIENT_OF = dict(zip(POOLS, CLIENTS, strict=True))
"""The client that drives each pool."""

LINES = ("httpx", "httpcore", "httpx2", "httpxyz", "httpcorexyz")
"""The release lines that can be searched; httpcore2 is not one, because it is released in lockstep with httpx2."""


def matters(extras: tuple[str, ...]) -> frozenset[str]:
    """Return the packages that a scenario with these extras uses."""
    extra_names = (name for extra in extras for name in BROUGHT.get(extra, (extra,)))
    return frozenset((*CLIENTS, *POOLS, *EVERYWHERE, *extra_names))


def mattering(packages: dict[str, str]) -> dict[str, str]:
    """Return a package set without the packages that no verdict depends on."""
    return {name: version for name, version in packages.items() if name not in INDIFFERENT}


def differing(base: dict[str, str], head: dict[str, str], further: Iterable[str] = ()) -> dict[str, list[str | None]]:
    """Return the relevant and `further` packages whose versions differ, each with both; None for an absent package."""
    names = dict.fromkeys((*RELEVANT, *further))
    return {name: [base.get(name), head.get(name)] for name in names if base.get(name) != head.get(name)}


def clients_of(packages: Mapping[str, str]) -> list[str]:
    """Return the clients of a package set in their order; a pool that is used directly counts as one."""
    return [name for name in CLIENTS if name in packages] or [name for name in POOLS if name in packages][:1]


def pool_of(packages: Mapping[str, str], client: str) -> dict[str, str]:
    """Return a client and its pool with their versions; early forks use the pool of the original."""
    if client not in CLIENTS:
        return {client: packages[client]}
    own = POOLS[CLIENTS.index(client)]
    pool = own if own in packages or client == CLIENTS[0] else POOLS[0]
    return {name: packages[name] for name in (client, pool) if name in packages}
