"""What a scenario is: a declaration that anybody can read, and a short body that the worker runs."""

from typing import Any, Callable, Coroutine, Dict, List, NamedTuple, Optional, Tuple

Variant = Dict[str, str]

SECURE = {"tls", "h2", "untrusted", "misnamed", "wire-tls", "wire-h2"}
"""The doors at which TLS is spoken."""
STREAMS = 100
"""Requests that a connection carries at once over HTTP/2, where a door says nothing else by `?streams=N`."""

REMEDY = "remedy"
"""The parameter that every scenario takes beside its own."""
TRIES = 3
"""How often a caller tries that tries again."""
FOR_EVER = 10000.0
"""Units: longer than anything."""
REMEDIES: Dict[str, str] = {
    "semaphore": "a semaphore of `max_connections` around each request",
    "wait-for-ever": "no pool timeout: `Timeout(pool=None)`",
    "more-connections": "a pool that is larger than the load",
    "no-keepalive": "no idle connections: `max_keepalive_connections=0`",
    "retry": "up to three tries, each after a PoolTimeout",
    "shield": "each request shielded from the cancellation of its caller",
}
"""What people do about an exhausted pool: `SCENARIO[remedy=NAME]` is any scenario with it."""


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
    door: str = "plain"
    """The door of the server that it goes to; `NAME#k` is another origin that behaves in the same way."""
    fault: Optional[str] = None
    """What the door does to it once it was held; None serves it."""
    expected: str = "ok"
    """What a correct client reports at the end of `hold`: `ok`, or `error` for one that is not PoolTimeout."""
    read_timeout: Optional[float] = None
    """How long it waits for anything to read; below `hold` it ends so, in an error. None is a client's patience."""
    connect_timeout: Optional[float] = None
    """How long it may take to connect; a request that is to run out of it says so by `hold` and `expected`."""

    @property
    def ends_in_error(self) -> bool:
        """Whether a correct client reports an error."""
        return self.expected == "error" or self.runs_out

    @property
    def runs_out(self) -> bool:
        """Whether it stops reading before it is answered."""
        return self.read_timeout is not None and self.read_timeout < self.hold


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
    http2: bool = False
    """Whether the client may speak HTTP/2 where the server can."""
    proxy: Optional[str] = None
    """The door of the proxy that the client sends everything through."""
    backend: str = "asyncio"
    """What the client runs on: `asyncio` or `trio`."""
    ladder: List[int] = []
    """Tasks of each crowd that comes before the requests, to see what waiting costs the client; smallest first."""
    remedy: Optional[str] = None
    """What the caller does about an exhausted pool, by its name in `REMEDIES`."""

    @property
    def doors(self) -> List[str]:
        """Every door that it needs open, sorted; `plain` always is."""
        used = {request.door for request in self.requests} | set(self.counted_at)
        # Whoever speaks TLS warms up on it.
        warm = {"tls"} if any(map(secure, used)) else set()
        return sorted((used | warm | ({self.proxy} if self.proxy else set())) - {"plain"})

    @property
    def counted_at(self) -> List[str]:
        """The doors of the requests that count its slots: where its first request that is served goes.

        With HTTP/2 one connection carries many requests, so each goes to an origin of its own.
        """
        served = [r.door for r in self.requests if r.fault is None and not r.ends_in_error]
        door = served[0] if served else "plain"
        return [origin(door, n) for n in range(self.limit)] if self.shares(door) else [door] * self.limit

    def shares(self, door: str) -> bool:
        """Whether requests to this door share a connection."""
        return self.http2 and secure(door)


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
    extras: Tuple[str, ...] = ()
    """Packages that each of its variants needs beside the client; what a load needs by its fields adds to them."""
    threads: bool = False
    """Whether it is about the synchronous client, a thread for each request."""
    repeats: int = 1
    """How often a cell of it is run before its first verdict is believed."""


def complete(scenario: Scenario, asked: Variant) -> Variant:
    """The asked variant with every default filled in; raises KeyError or ValueError with the word that is not known.

    A remedy has no default: it is there where it is asked for.
    """
    known = dict(scenario.variants, **{REMEDY: tuple(REMEDIES)})
    for name, value in asked.items():
        if value not in known[name]:
            raise ValueError(value)
    asked_for = {name: values for name, values in known.items() if name in scenario.variants or name in asked}
    return {name: asked.get(name, values[0]) for name, values in sorted(asked_for.items())}


def load_of(scenario: Scenario, variant: Variant) -> Load:
    """The load of a variant whose defaults are filled in, with the remedy that it names."""
    own = {name: value for name, value in variant.items() if name != REMEDY}
    return remedied(scenario.load(own), variant)


def remedied(load: Load, variant: Variant) -> Load:
    """The load with the remedy that the variant names, if any.

    What can be said in a load is said there; what a caller does around each request is the driver's. The ideal pool is
    given the same load, so that a remedy is judged by what it should come to.
    """
    remedy = variant.get(REMEDY)
    changed = load._replace(remedy=remedy)
    if remedy == "wait-for-ever":
        return changed._replace(requests=[r._replace(pool_timeout=FOR_EVER) for r in load.requests])
    if remedy == "more-connections":
        size = max(load.limit, len(load.requests))
        return changed._replace(limit=size, max_keepalive=max(size, load.max_keepalive))
    if remedy == "no-keepalive":
        return changed._replace(max_keepalive=0)
    return changed


def needs(scenario: Scenario, variant: Variant) -> Tuple[str, ...]:
    """The packages that a variant needs beside the client, sorted."""
    load = load_of(scenario, complete(scenario, variant))
    socks = load.proxy is not None and load.proxy.startswith("socks")
    asked = {"h2": load.http2, "socksio": socks, "trio": load.backend == "trio"}
    return tuple(sorted({*scenario.extras, *(name for name, wanted in asked.items() if wanted)}))


def all_needs(scenario: Scenario) -> Tuple[str, ...]:
    """What any variant of a scenario needs beside the client, sorted."""
    variants = [{name: value} for name, values in scenario.variants.items() for value in values]
    return tuple(sorted({name for variant in [{}, *variants] for name in needs(scenario, variant)}))


def secure(door: str) -> bool:
    """Whether TLS is spoken at this door."""
    return _name(door) in SECURE


def origin(door: str, number: int) -> str:
    """The door of this number that behaves in the same way; 0 is the first."""
    _, question, query = door.partition("?")
    return _name(door) + ("#%d" % number if number else "") + question + query


def streams(door: str) -> int:
    """How many requests a connection to this door carries at once, where they share one."""
    _, told, count = door.partition("?streams=")
    return int(count) if told else STREAMS


def _name(door: str) -> str:
    return door.partition("?")[0].partition("#")[0]


def load_to_plain(load: Load) -> Dict[str, Any]:
    """A load as JSON can carry it."""
    plain = dict(load._asdict())
    plain["requests"] = [dict(request._asdict()) for request in load.requests]
    return plain


def load_from_plain(plain: Dict[str, Any]) -> Load:
    """The load that `load_to_plain` wrote."""
    requests = [Request(**request) for request in plain["requests"]]
    return Load(**dict(plain, requests=requests))
