"""What a script records of its requests, and what it keeps referenced until its end."""

from __future__ import annotations

from typing import Any

seen: dict[str, tuple[str, float]] = {}
costs: dict[int, float] = {}
kept: list[Any] = []
former: list[Any] = []
