"""Which packages matter to a pool: the clients, their pools, and what these bring to speak and to wait.

Certificates, character sets and host names are not among them: they change often, and no lease hangs on them.
"""

from __future__ import annotations

CLIENTS = ("httpx", "httpx2", "httpxyz")
"""The packages that are used as clients, each imported by its own name."""

POOLS = ("httpcore", "httpcore2", "httpcorexyz")
"""The packages that hold the pools, each at the place of its client."""

EVERYWHERE = ("h11", "anyio", "sniffio")
"""What every scenario goes through: the framing of HTTP/1.1, and the backend that is chosen when it runs."""

BROUGHT: dict[str, tuple[str, ...]] = {
    "h2": ("h2", "hpack", "hyperframe"),
    "trio": ("trio", "outcome"),
    "socksio": ("socksio",),
}
"""What only those scenarios go through that ask for it."""

RELEVANT = (*CLIENTS, *POOLS, *EVERYWHERE, *(name for names in BROUGHT.values() for name in names))
"""All of them. urllib3, the pool of the threaded client of httpx 0.11 and 0.12 alone, is in every lock: left out."""

INDIFFERENT = frozenset(
    ("certifi", "chardet", "charset-normalizer", "hstspreload", "idna", "rfc3986", "typing-extensions")
)
"""Certificates, character sets, names and types: a registry may bring another version of them at any time.

A verdict holds whatever they are. What is neither here nor relevant, such as urllib3, may matter."""

COMPANIONS = tuple(name for name in RELEVANT if name not in (*CLIENTS, *POOLS))
"""Those that are no client and no pool, and so are in no catalogue of ours."""

PACKAGES = tuple(name for family in zip(CLIENTS, POOLS, strict=True) for name in family)
"""The clients and their pools, family by family: the packages that the catalogue lists."""

CLIENT_OF = dict(zip(POOLS, CLIENTS, strict=True))
"""The client that drives each pool."""

LINES = ("httpx", "httpcore", "httpx2", "httpxyz", "httpcorexyz")
"""What can be searched; httpcore2 is released in lockstep with httpx2 and is no line of its own."""


def matters(extras: tuple[str, ...]) -> frozenset[str]:
    """The packages that a scenario goes through which needs these extras beside its client."""
    asked = (name for extra in extras for name in BROUGHT.get(extra, (extra,)))
    return frozenset((*CLIENTS, *POOLS, *EVERYWHERE, *asked))


def mattering(packages: dict[str, str]) -> dict[str, str]:
    """A package set without what a verdict does not depend on."""
    return {name: version for name, version in packages.items() if name not in INDIFFERENT}


def differing(base: dict[str, str], head: dict[str, str]) -> dict[str, list[str | None]]:
    """The packages that matter whose versions differ, each with both; None where a side has none."""
    return {name: [base.get(name), head.get(name)] for name in RELEVANT if base.get(name) != head.get(name)}
