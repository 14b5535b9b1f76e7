"""The text of a SPEC: its flags, its pins, and the SPEC of a package set. Nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..catalogue.packages import CLIENTS, PACKAGES, POOLS

ERA = "?deps=era"
BARE = "?bare"
FLAGS = frozenset({ERA[1:], BARE[1:]})
EXAMPLE = "httpcore==1.0.9?bare"
PYTHON = "python:"
LOCK = "lock:"
GIT = "git:"

_COMMIT = re.compile(r"\+g([0-9a-f]{7,40})$")
_PIN = re.compile(r"^([A-Za-z0-9_-]+)==([A-Za-z0-9.]+)$")


def flags_of(spec: str) -> list[str]:
    """Return the flags after the `?` of a spec of releases; other kinds of spec have none."""
    if spec.startswith((PYTHON, LOCK, GIT)):
        return []
    return [flag for flag in spec.partition("?")[2].split("&") if flag]


def pins_in(text: str) -> list[tuple[str, str]]:
    """Return the pins (name, version) of a text such as `httpx==0.24.1,httpcore==0.17.2`; empty if it is not valid."""
    matches = [_PIN.match(part.strip()) for part in text.split(",")]
    return [(match[1].lower(), match[2]) for match in matches if match] if all(matches) else []


def text_of(pins: Mapping[str, str], python: str | None = None, *, bare: bool = False) -> str:
    """Return the spec of pins, in their order: `httpx==0.24.1,httpcore==0.17.2@3.8`, with `?bare` for a bare pool."""
    text = ",".join(f"{name}=={version}" for name, version in pins.items())
    return text + (f"@{python}" if python else "") + (BARE if bare else "")


def in_era(spec: str) -> str:
    """Return the spec with the flag of `--deps era`, once."""
    if ERA[1:] in flags_of(spec):
        return spec
    return f"{spec}&{ERA[1:]}" if flags_of(spec) else spec.removesuffix(ERA) + ERA


def spec_of(packages: dict[str, str], python: str = "") -> str:
    """Return the spec that a user can pass for a package set; a pool without a client is a bare one.

    The spec of a commit names the current folder as the clone, because a package set has no folder.
    """
    if commit := commit_in(packages):
        return f"{GIT}.?rev={commit}"
    bare = imported(packages) in POOLS
    known = [imported(packages)] if bare else [name for name in PACKAGES if name in packages]
    return text_of({name: packages[name] for name in known if name}, python, bare=bare)


def commit_in(packages: dict[str, str]) -> str | None:
    """Return the short commit id in the local version of one of the packages; None if all are releases."""
    found = (_COMMIT.search(packages[name]) for name in PACKAGES if name in packages)
    return next((match[1] for match in found if match), None)


def imported(packages: Iterable[str]) -> str | None:
    """Return the package that a worker imports: the client, else the pool, else None."""
    found = set(packages)
    return next((name for name in (*CLIENTS, *POOLS) if name in found), None)
