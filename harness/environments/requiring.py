"""The installed packages that require a client, read from their metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

_NAME = re.compile(r"^Name:[ \t]*(?P<name>\S+)", re.MULTILINE | re.IGNORECASE)
_REQUIRES = re.compile(r"^Requires-Dist:[ \t]*(?P<name>[A-Za-z0-9][\w.-]*)(?P<rest>.*)$", re.MULTILINE | re.IGNORECASE)
_EXTRA = re.compile(r";.*\bextra\s*==")


def requiring(folders: Iterable[str], clients: Iterable[str]) -> dict[str, list[str]]:
    """Return the sorted names of the packages that require each client, without those that do so with an extra only.

    A client that no package requires is left out, and so is metadata that can't be read.
    """
    found: dict[str, set[str]] = {client: set() for client in clients}
    for path in (path for folder in folders for path in Path(folder).glob("*.dist-info/METADATA")):
        try:
            # The description follows the first empty line; it may quote anything.
            header = path.read_text(errors="replace").partition("\n\n")[0]
        except OSError:
            continue
        name = _NAME.search(header)
        for required in _REQUIRES.finditer(header):
            client = str(canonicalize_name(required["name"]))
            if name and client in found and not _EXTRA.search(required["rest"]):
                found[client].add(str(canonicalize_name(name["name"])))
    return {client: sorted(names) for client, names in found.items() if names}
