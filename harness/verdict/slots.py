"""Counted slots, apart from the judge: what only reads verdicts need not load what makes them."""

from __future__ import annotations

import msgspec


class Slots(msgspec.Struct, frozen=True):
    """Counted slots, or their streams where a connection's are few.

    `usable_first` half a unit after the load, `usable_final` after keep-alive expiry.
    """

    limit: int
    usable_first: int
    usable_final: int
