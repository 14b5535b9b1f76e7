"""What a scenario is: a declaration that anybody can read, and a short body that the worker runs."""

from typing import Any, Callable, Coroutine, Dict, List, NamedTuple, Optional, Tuple

Variant = Dict[str, str]


class Request(NamedTuple):
    """One request of a load. All times are in units."""

    id: str
    hold: float
    """How long the server holds it."""
    pool_timeout: float
    """How long it may wait for a slot."""
    at: float = 0.0
    """When it starts, after the start of the load (with `after`: after the end of that request)."""
    after: Optional[str] = None
    """The request whose end it waits for."""
    ending: str = "read"
    """How its lease ends: the response is `read`, or `close`d without being read."""
    cancelled: Optional[float] = None
    """When it is cancelled from outside, after the start of the load, whether it was served by then or not."""


class Load(NamedTuple):
    """What a scenario puts on one pool: enough for a model to say what a correct pool would have done."""

    limit: int
    """Slots of the pool: `max_connections`."""
    max_keepalive: int
    """Idle connections that the pool may keep."""
    keepalive_expiry: float
    """Units after which an idle connection expires."""
    deadline: float
    """Units after the start of the load at which whatever has not ended counts as hanging."""
    requests: List[Request]
    style: str = "native"
    """How requests are cancelled: `native`, one `task.cancel()` each, or `level`, by a scope of anyio."""


class Scenario(NamedTuple):
    """A declaration. `variants` names each parameter with its values, the default first."""

    id: str
    requirement: str
    """What must hold, in prose."""
    references: Tuple[str, ...]
    """The upstream threads and changelog lines it stands on."""
    variants: Dict[str, Tuple[str, ...]]
    load: Callable[[Variant], Load]
    body: Callable[[Any, Load], Coroutine[Any, Any, None]]
    """Runs the load on a driver; a request that fails is recorded by the driver and raises nothing."""
    endpoints: Tuple[str, ...] = ("sleep", "barrier")
    """What it wants of the server."""
    extras: Tuple[str, ...] = ()
    """Packages it needs beside the client, such as anyio or trio."""
    threads: bool = False
    """Whether it is about the synchronous client, a thread for each request."""
    repeats: int = 1
    """How often a cell of it is run before its first verdict is believed."""


def complete(scenario: Scenario, asked: Variant) -> Variant:
    """The asked variant with every default filled in; raises KeyError or ValueError with the word that is not known."""
    for name, value in asked.items():
        if value not in scenario.variants[name]:
            raise ValueError(value)
    return {name: asked.get(name, values[0]) for name, values in sorted(scenario.variants.items())}


def load_to_plain(load: Load) -> Dict[str, Any]:
    """A load as JSON can carry it."""
    plain = dict(load._asdict())
    plain["requests"] = [dict(request._asdict()) for request in load.requests]
    return plain


def load_from_plain(plain: Dict[str, Any]) -> Load:
    """The load that `load_to_plain` wrote."""
    requests = [Request(**request) for request in plain["requests"]]
    return Load(**dict(plain, requests=requests))
