"""What a traceback or log that a stranger wrote says beside its failures: versions, and how the client was used.

Untrusted throughout: bounded, decoded whatever it holds, and nothing of it is run. The one thing that it can make us
read is the metadata of packages in a folder that it names.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import BinaryIO

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ...catalogue.packages import PACKAGES

MOST = 8_000_000
"""Bytes that are read; of a longer log the end counts."""
LINE = 2000
"""Characters of a line that count."""
FRAMES, FOLDERS = 200, 4
"""The last lines with a path that are looked at, and the environments that are looked for."""

_PACKAGES = "|".join(sorted(PACKAGES, key=len, reverse=True))
_NAMED = re.compile(
    rf"(?<![\w.-])(?:python-)?({_PACKAGES})(?:==|/|-|[ \t]{{1,20}}v?|\" ?: ?\")(\d{{1,4}}(?:\.\w{{1,8}}){{1,4}})"
)
_FOLDER = re.compile(rf"\"?((?:/|[A-Za-z]:\\)[^\"\n:*?<>|]{{0,400}}?site-packages)[/\\](?:{_PACKAGES})[/\\]")
_USES: dict[str, re.Pattern[str]] = {
    "cancelled": re.compile(r"\bCancelledError\b|\b[Cc]ancelled by cancel scope\b|\btrio\.Cancelled\b"),
    "async": re.compile(r"[/\\]_async[/\\]|\bAsyncClient\b|\basyncio\b|\banyio\b|\btrio\b"),
    "threads": re.compile(r"[/\\]_sync[/\\]|[/\\]threading\.py\"|\bThreadPoolExecutor\b"),
    "http2": re.compile(r"\bhttp2\b|\bh2[/\\.]|\bHTTP/2\b"),
}
_TIMED_OUT = re.compile(r"\bCancelledError\b[^\n]{0,400}\n\s{0,20}\n(?:During handling|The above exception)")
"""How a timeout of the client itself begins: cancelled from within, which is nobody's cancellation."""
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)


class Versions(msgspec.Struct, frozen=True):
    """Versions of our packages, and where they are known from."""

    packages: dict[str, str]
    source: str


def read(stream: BinaryIO) -> tuple[str, bool]:
    """The text of a stream, cleaned of all that is no text; and whether its beginning was left out."""
    kept = b""
    cut = False
    while chunk := stream.read(1_000_000):
        kept += chunk
        if len(kept) > 2 * MOST:
            kept, cut = kept[-MOST:], True
    cut, kept = cut or len(kept) > MOST, kept[-MOST:]
    lines = _CONTROL.sub("", kept.decode("utf-8", "replace").replace("\r\n", "\n")).split("\n")
    return "\n".join(line[:LINE] for line in lines), cut


def uses_of(text: str) -> list[str]:
    """How the client was used, as far as it shows."""
    text = _TIMED_OUT.sub("", text)
    return [name for name, pattern in _USES.items() if pattern.search(text)]


def versions_named(text: str) -> Versions | None:
    """The versions that the text names; where it names more than one of a package, the last."""
    found = {name: version for name, version in _NAMED.findall(text) if _valid(version)}
    return Versions(dict(sorted(found.items())), "named there") if found else None


def versions_beside(text: str) -> Versions | None:
    """The versions in the environment whose files the traceback names, if it is on this machine."""
    lines = [line for line in text.splitlines() if "site-packages" in line][-FRAMES:]
    folders = (match[1] for line in lines if (match := _FOLDER.search(line)))
    for folder in list(dict.fromkeys(folders))[:FOLDERS]:
        if packages := versions_in([folder]):
            return Versions(packages, f"in {folder}")
    return None


def versions_here() -> Versions | None:
    """The versions in the virtual environment that is active; else in the one that poolgate runs in."""
    active = os.environ.get("VIRTUAL_ENV")
    folders = [str(path) for path in sorted(Path(active).glob("lib/python3*/site-packages"))] if active else []
    packages = versions_in(folders or sys.path)
    return Versions(packages, f"installed in {active or sys.prefix}") if packages else None


def versions_in(folders: list[str]) -> dict[str, str]:
    """Our packages in folders of packages, by their metadata."""
    there = [folder for folder in folders if Path(folder).is_dir()]
    named = ((str(one.metadata["Name"] or ""), one.version) for one in distributions(path=there))
    found = {str(canonicalize_name(name)): version for name, version in named if version}
    return {name: found[name] for name in PACKAGES if name in found}


def _valid(version: str) -> bool:
    try:
        return bool(Version(version))
    except InvalidVersion:
        return False
