"""Read query parameters strictly: a missing, unknown or out-of-bounds parameter is refused with one clear line.

A parameter that is silently ignored would make a scenario measure something other than it declares.
"""

from __future__ import annotations

from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_NAME = 200
"""Characters that the name of a cell, a request or a phase may have, so that records stay small."""


class Label(NamedTuple):
    """Which request of the plan this is, and which phase of the scenario it belongs to."""

    request: str
    phase: str


def refused(why: str) -> HTTPException:
    """Return the error for a request that can't be read; `why` is one line for its author."""
    return HTTPException(400, why)


class Query:
    """The parameters of one request, each to be taken once; all methods raise the 400 that names the problem."""

    def __init__(self, request: Request) -> None:
        items = request.query_params.multi_items()
        self._left = dict(items)
        if len(self._left) != len(items):
            raise refused("a query parameter is given twice")

    def label(self) -> Label:
        """Return the names that every accounted request carries."""
        return Label(self.text("request"), self.text("phase"))

    def text(self, name: str) -> str:
        """Return a name."""
        value = self._take(name, None)
        if not 0 < len(value) <= MAX_NAME:
            raise refused(f"{name} must have 1 to {MAX_NAME} characters")
        return value

    def number(self, name: str, low: float, high: float) -> float:
        """Return a number from `low` to `high`."""
        value = self._take(name, None)
        try:
            number = float(value)
        except ValueError:
            raise refused(f"{name} must be a number, not {value!r}") from None
        if not low <= number <= high:
            raise refused(f"{name} must be from {low:g} to {high:g}, not {value}")
        return number

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from `low` to `high`; required where there is no default."""
        value = self._take(name, None if default is None else str(default))
        try:
            number = int(value)
        except ValueError:
            raise refused(f"{name} must be a whole number, not {value!r}") from None
        if not low <= number <= high:
            raise refused(f"{name} must be from {low} to {high}, not {value}")
        return number

    def choice(self, name: str, *choices: str) -> str:
        """Return one of these words."""
        value = self._take(name, None)
        if value not in choices:
            raise refused(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def nothing_else(self) -> None:
        """Refuse parameters that no method took."""
        if self._left:
            raise refused(f"unknown query parameter {min(self._left)!r}")

    def _take(self, name: str, default: str | None) -> str:
        value = self._left.pop(name, default)
        if value is None:
            raise refused(f"query parameter {name!r} is missing")
        return value
