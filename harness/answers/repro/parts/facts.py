"""Names that the generator writes into a script, with values that show their form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ....scenarios.declaration.scenario import Load, Request, Variant

Client = Any
"""A client of any release."""

STACK = "httpx 0.28.1, httpcore 1.0.9"
UNIT = 0.25
TRY = 1
VARIANT: Variant = {}
DUE: dict[str, tuple[str, float | None]] = {}
REPEATS, IN_THREADS = 1, False
CHECKS: list[Any] = []
OPEN_DOORS: dict[str, Any] = {}
WHAT: dict[str, Any] = {}
WHAT2: dict[str, Any] = {}
PROXY, WHOLE = "proxy", 1
COUNTED_AT: list[str] = []

plan = Load(limit=1, max_keepalive=1, keepalive_expiry=1.0, deadline=1.0, requests=[])
DOOR, COUNTED = "plain", "plain"
PIECES, READS, CLOSES = "aiter_raw", "aread", "aclose"
STYLES: list[Any] = []
EDGE: list[Any] = []
SITUATIONS: list[Any] = []
GROUPS: list[Any] = []
SECONDS: dict[Any, list[int]] = {}

threads = ThreadPoolExecutor(1)
LIMIT, DEADLINE, EXPIRY = 1, 1.0, 1.0
PLAN: dict[str, tuple[float, float, float, str, float]] = {}
AFTER: dict[str, str] = {}
GROUP: list[str] = []
CANCELLED_AT = 0.0


def make_client(*plan: Load) -> Client:
    """Return a new client with the limits of the plan."""
    raise NotImplementedError


async def close_client(client: Client) -> None:
    """Close a client."""
    raise NotImplementedError


async def get(client: Client, *asked: Any) -> None:
    """Send one request and end its lease."""
    raise NotImplementedError


async def unread(client: Client, url: str, request: Request) -> Any:
    """Return a response with its body unread."""
    raise NotImplementedError


def load(variant: Variant) -> Load:
    """Return the scenario's load."""
    raise NotImplementedError


async def body(driver: Any, plan: Load) -> None:
    """Run the scenario's body."""
    raise NotImplementedError


async def run_one(driver: Any, request: Request) -> None:
    """Run one request of a load, as `run_whole` or `run_cancelled` of the part `driver`."""
    raise NotImplementedError


class Stepped:
    """The class of `scenarios/sweep/cancel_at_step.py`, which a script carries."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], suspended: Callable[[Any], None]) -> None:
        raise NotImplementedError

    def __await__(self) -> Generator[Any, Any, None]:
        raise NotImplementedError
