"""The text of a SPEC: its flags, its pins, and how a package set is written as one again. Nothing is looked up."""

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
    """What follows the `?` of packages; the other kinds of spec have none."""
    if spec.startswith((PYTHON, LOCK, GIT)):
        return []
    return [flag for flag in spec.partition("?")[2].split("&") if flag]


def pins_in(text: str) -> list[tuple[str, str]]:
    """The pins (name, version) of a text such as `httpx==0.24.1,httpcore==0.17.2`; none where it can't be read."""
    matches = [_PIN.match(part.strip()) for part in text.split(",")]
    return [(match[1].lower(), match[2]) for match in matches if match] if all(matches) else []


def text_of(pins: Mapping[str, str], python: str | None = None, *, bare: bool = False) -> str:
    """Return the spec of pins, in their order: `httpx==0.24.1,httpcore==0.17.2@3.8`, with `?bare` for a bare pool."""
    text = ",".join(f"{name}=={version}" for name, version in pins.items())
    return text + (f"@{python}" if python else "") + (BARE if bare else "")


def in_era(spec: str) -> str:
    """The spec with what `--deps era` adds to it, once."""
    if ERA[1:] in flags_of(spec):
        return spec
    return f"{spec}&{ERA[1:]}" if flags_of(spec) else spec.removesuffix(ERA) + ERA


def spec_of(packages: dict[str, str], python: str = "") -> str:
    """The spec of a package set, as it can be asked for again: a pool without a client is a bare one.

    A commit is asked for in a clone: where it lies is no part of a package set.
    """
    if commit := commit_in(packages):
        return f"{GIT}.?rev={commit}"
    bare = imported(packages) in POOLS
    known = [imported(packages)] if bare else [name for name in PACKAGES if name in packages]
    return text_of({name: packages[name] for name in known if name}, python, bare=bare)


def commit_in(packages: dict[str, str]) -> str | None:
    """The commit, shortened, that one of our packages comes from by its local version; None where all are releases."""
    found = (_COMMIT.search(packages[name]) for name in PACKAGES if name in packages)
    return next((match[1] for match in found if match), None)


def imported(packages: Iterable[str]) -> str | None:
    """Which of these packages a worker imports: a client, else a pool, else none."""
    found = set(packages)
    return next((name for name in (*CLIENTS, *POOLS) if name in found), None)
