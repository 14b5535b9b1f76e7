"""Whether a request is made."""

from __future__ import annotations

import enum


class Level(enum.IntEnum):
    """Whether a request is made."""

    NO = 0
    MAYBE = 1
    YES = 2
