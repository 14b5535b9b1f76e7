"""The text of a traceback or log: versions that it names, and uses of the client that it shows.

The text is untrusted: its size is bounded, any bytes are decoded, and none of it is executed. The only files that it
can cause to be read are the metadata of packages in a folder that it names.
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
"""Bytes of a log that are used; of a longer log, the end."""
LINE = 2000
"""Characters of a line that are used."""
FRAMES, FOLDERS = 200, 4
"""The number of lines with a path that are examined, from the end, and of environments that are looked up."""

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
"""The start of a timeout of the client itself, which cancels from within: not a cancellation by the program."""
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[^\S\n\t ]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)


class Versions(msgspec.Struct, frozen=True):
    """Versions of clients and pools, and their source."""

    packages: dict[str, str]
    source: str


def read(stream: BinaryIO) -> tuple[str, bool]:
    """Return the text of a stream without control characters, and whether its beginning was left out."""
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
    """Return the uses of the client that the text shows."""
    text = _TIMED_OUT.sub("", text)
    return [name for name, pattern in _USES.items() if pattern.search(text)]


def versions_named(text: str) -> Versions | None:
    """Return the versions that the text names; if it names several of a package, the last."""
    found = {name: version for name, version in _NAMED.findall(text) if _valid(version)}
    return Versions(dict(sorted(found.items())), "named in the log") if found else None


def versions_at_paths(text: str) -> Versions | None:
    """Return the versions in the environment whose files the traceback names, if it is on this machine."""
    lines = [line for line in text.splitlines() if "site-packages" in line][-FRAMES:]
    folders = (match[1] for line in lines if (match := _FOLDER.search(line)))
    for folder in list(dict.fromkeys(folders))[:FOLDERS]:
        if packages := versions_in([folder]):
            return Versions(packages, f"in {folder}")
    return None


def versions_here() -> Versions | None:
    """Return the versions in the active virtual environment; without one, in the environment of poolgate."""
    active = os.environ.get("VIRTUAL_ENV")
    folders = [str(path) for path in sorted(Path(active).glob("lib/python3*/site-packages"))] if active else []
    packages = versions_in(folders or sys.path)
    return Versions(packages, f"installed in {active or sys.prefix}") if packages else None


def versions_in(folders: list[str]) -> dict[str, str]:
    """Return the versions of clients and pools in folders of packages, from their metadata."""
    existing = [folder for folder in folders if Path(folder).is_dir()]
    named = ((str(one.metadata["Name"] or ""), one.version) for one in distributions(path=existing))
    found = {str(canonicalize_name(name)): version for name, version in named if version}
    return {name: found[name] for name in PACKAGES if name in found}


def _valid(version: str) -> bool:
    try:
        return bool(Version(version))
    except InvalidVersion:
        return False
