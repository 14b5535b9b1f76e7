"""What a scenario is: a declaration that anybody can read, and a short body that the worker runs."""

from typing import Any, Callable, Coroutine, Dict, List, NamedTuple, Optional, Tuple

Variant = Dict[str, str]

SECURE = {"tls", "h2", "untrusted", "misnamed", "wire-tls", "wire-h2", "silent-tls"}
"""The doors at which TLS is spoken, or would be if the server said a word."""
HAND = "wire"
"""The door at which a sweep lets the server go on: the one that costs least."""
STREAMS = 100
"""Requests that a connection carries at once over HTTP/2, where a door says nothing else by `?streams=N`."""
LENT = {"keep", "drop", "abandon", "cycle", "finaliser"}
"""The endings by which a caller never gives its slot back."""
_TOLD = "?streams="

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
    "recreate": "a new client after a PoolTimeout, the old one left to its requests, and up to three tries",
    "client-per-task": "a client for each request, closed behind it",
    "read": "every response read to its end",
    "close": "every response closed, its body not read",
}
"""What people do about an exhausted pool: `SCENARIO[remedy=NAME]` is any scenario with it."""
BY_CALLER = {"semaphore", "retry", "shield", "recreate", "client-per-task"}
"""Those that a caller does around each request, so that a load does not show them."""
OWN_CODE = {"hook", "auth"}
"""The endings by the caller's own code: nobody can read or close what that has in its hands."""


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
    """How its lease ends: the response is `read`, or `close`d without being read, or closed after a `break` in reading.
    With `lines` it is too, after a break in reading its lines.

    With `keep` it is never closed; with `drop` it isn't either and forgotten, with `abandon` after a break in reading,
    and with `cycle` so that only the collector sees it. With `finaliser` the collector finds the caller's own code
    beside it, which closes it then.
    With `hook` the caller's hook raises once the response is there, with `auth` its authentication does; with
    `redirect` redirects are followed, and the client raises on its own where one leads nowhere.
    """
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
    body: int = 0
    """Bytes that it uploads; the server holds it once all have come, with a fault at once."""
    endless: bool = False
    """Whether its body never ends, so that only its caller ends it; the head comes at once."""
    raced: bool = False
    """Whether it runs against its own deadlines: being served, timing out and being cancelled are all right then."""

    @property
    def lent(self) -> bool:
        """Whether its caller never gives the slot back: by contract that is the caller's fault, and not the pool's."""
        return self.ending in LENT

    @property
    def ends_in_error(self) -> bool:
        """Whether a correct client reports an error."""
        return self.expected == "error" or self.runs_out

    @property
    def stalls(self) -> bool:
        """Whether the server goes silent, as soon as it was asked; `hold` is then for ever."""
        return self.fault is not None and self.fault.startswith("stall-")

    @property
    def runs_out(self) -> bool:
        """Whether it stops reading before it is answered."""
        return self.lease < self.hold

    @property
    def lease(self) -> float:
        """How long a correct client has its slot."""
        return self.hold if self.read_timeout is None else min(self.hold, self.read_timeout)


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
    door: str = "plain"
    """The door of the requests that the load does not name: those of a sweep."""
    connections: Optional[int] = None
    """The most connections that a correct pool opens to carry it; None where it does not matter."""
    kept: Optional[int] = None
    """The most connections that may be open once the body has ended; None where it does not matter.

    They are counted from outside the worker, which takes a moment: such a body ends in `driver.settle()`.
    """
    expiry_by: str = "any"
    """What sets the expiry: `any` way that a release has, the `limits` of its client, or its `default`, 5 seconds."""
    ladder: List[int] = []
    """Tasks of each crowd that comes before the requests, to see what waiting costs the client; smallest first."""
    remedy: Optional[str] = None
    """What the caller does about an exhausted pool, by its name in `REMEDIES`."""

    @property
    def usable(self) -> int:
        """Slots that a correct pool has after the load: all but those that callers never gave back."""
        return self.limit - self.lent

    @property
    def lent(self) -> int:
        """Slots that callers never give back."""
        return sum(request.lent for request in self.requests)

    @property
    def doors(self) -> List[str]:
        """Every door that it needs open, sorted; `plain` always is."""
        used = {request.door for request in self.requests} | set(self.counted_at) | {self.door}
        if self.door != "plain":
            used |= {HAND, self.counted_door}
        # Whoever speaks TLS warms up on it.
        warm = {"tls"} if any(map(secure, used)) else set()
        return sorted((used | warm | ({self.proxy} if self.proxy else set())) - {"plain"})

    @property
    def counted_at(self) -> List[str]:
        """The doors of the requests that count its slots: where its first request that is served goes.

        With HTTP/2 one connection carries many requests, so each slot has an origin of its own; where the door tells
        its streams, so many requests go to each of them.
        """
        served = [r.door for r in self.requests if r.fault is None and not r.ends_in_error]
        door = served[0] if served else "plain"
        if not self.shares(door):
            return [door] * self.limit
        return [origin(door, n) for n in range(self.limit) for _ in range(streams(door) if _tells(door) else 1)]

    @property
    def capacity(self) -> int:
        """Requests that a pool which is whole holds at once, where it is counted: its slots, or all their streams."""
        return len(self.counted_at)

    @property
    def counted_door(self) -> str:
        """Where the slots behind a sweep's requests are counted: a shared connection says little of its slot."""
        return origin(self.door, 1) if self.shares(self.door) else self.door

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
    run: Optional[Callable[[Any], None]] = None
    """Its own way of running, called with a `Job`, where a load with counts after it does not fit."""
    repeats: int = 1
    """How often a cell of it is run before its first verdict is believed."""
    core: bool = False
    """Whether it is one of the few that a matrix runs where nobody says more: what every pool has to do."""


class Job(NamedTuple):
    """What a scenario with its own way of running gets. `unit` in seconds."""

    fresh: Callable[[], Any]
    """Makes a client with a pool of its own, as the load says."""
    record: Callable[..., None]
    variant: Variant
    load: Load
    unit: float
    server: Tuple[str, int]
    """Where the server takes what is not the client's: host and port of its cheapest door."""
    cell: str
    base: str
    """The URL of the cell's endpoints at the load's door."""
    counted: str
    """The same at the door where slots are counted."""


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
    if remedy in {"retry", "recreate"}:
        longest = max([request.pool_timeout for request in load.requests], default=0.0)
        return changed._replace(deadline=load.deadline + (TRIES - 1) * longest)
    if remedy == "wait-for-ever":
        return changed._replace(requests=[r._replace(pool_timeout=FOR_EVER) for r in load.requests])
    if remedy in {"more-connections", "client-per-task"}:
        # What a client for each request may have in flight in all is what one pool for all of them may.
        size = max(load.limit, len(load.requests))
        return changed._replace(limit=size, max_keepalive=max(size, load.max_keepalive))
    if remedy == "no-keepalive":
        return changed._replace(max_keepalive=0)
    if remedy in {"read", "close"}:
        return changed._replace(requests=[_ending(request, remedy) for request in load.requests])
    return changed


def _ending(request: Request, ending: str) -> Request:
    # An endless body can't be read to its end.
    possible = request.ending not in OWN_CODE and not (request.endless and ending == "read")
    return request._replace(ending=ending) if possible else request


def needs(scenario: Scenario, variant: Variant) -> Tuple[str, ...]:
    """The packages that a variant needs beside the client, sorted."""
    load = load_of(scenario, complete(scenario, variant))
    socks = load.proxy is not None and load.proxy.startswith("socks")
    asked = {"h2": load.http2, "socksio": socks, "trio": load.backend == "trio"}
    return tuple(sorted({*scenario.extras, *(name for name, wanted in asked.items() if wanted)}))


def secure(door: str) -> bool:
    """Whether TLS is spoken at this door."""
    return _name(door) in SECURE


def origin(door: str, number: int) -> str:
    """The door of this number that behaves in the same way; 0 is the first."""
    _, question, query = door.partition("?")
    return _name(door) + ("#%d" % number if number else "") + question + query


def streams(door: str) -> int:
    """How many requests a connection to this door carries at once, where they share one."""
    return int(door.partition(_TOLD)[2]) if _tells(door) else STREAMS


def _tells(door: str) -> bool:
    return _TOLD in door


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
