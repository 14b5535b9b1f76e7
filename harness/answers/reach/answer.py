"""The answer about a program's source: its clients, and for each trigger group whether the code reaches it."""

from __future__ import annotations

import enum

import msgspec

from ...cells.groups import Group


class Reach(enum.StrEnum):
    """Whether the code reaches a group.

    `DEPENDS` is decided outside of the code, by environment variables or by the server; `UNKNOWN` is a name, a caller
    or a setting in the code that reading it does not decide.
    """

    REACHED = "reached"
    NOT_SEEN = "not seen"
    DEPENDS = "depends"
    UNKNOWN = "unknown"


class GroupReach(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a group is reached; `places` has `FILE:LINE`, the clearest first, and `why` one reason in words."""

    state: Reach
    places: list[str] = []
    why: str = ""


class ClientUse(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a client is made; `traits` has its settings in words, such as `http2=True` or `one per call`."""

    place: str
    name: str
    traits: list[str] = []


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder that was not read, with the reason."""

    path: str
    why: str


class CodeReach(msgspec.Struct, frozen=True, kw_only=True):
    """What the source of a program reaches.

    `files` counts the Python files that were looked at, `parsed` those whose syntax was read: the others have no word
    about clients, tasks or threads. `unread` could not be read, and `skipped` are installed packages and caches.
    """

    path: str
    files: int
    parsed: int
    clients: list[ClientUse]
    groups: dict[Group, GroupReach]
    unread: list[Unread] = []
    skipped: list[Unread] = []
