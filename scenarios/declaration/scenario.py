"""A scenario: a declaration that every part of poolgate can read, and a short body that the worker runs."""

from typing import Any, Callable, Coroutine, Dict, List, NamedTuple, Optional, Tuple

Variant = Dict[str, str]

SECURE = {"tls", "h2", "untrusted", "misnamed", "wire-tls", "wire-h2", "silent-tls"}
"""The listeners (doors) that speak TLS, or would if the server sent anything."""
HAND = "wire"
"""The door at which a sweep makes the server continue: the cheapest one."""
STREAMS = 100
"""Requests that one HTTP/2 connection carries concurrently, unless the door sets another number by `?streams=N`."""
LENT = {"keep", "drop", "abandon", "cycle", "finaliser"}
"""The endings after which the caller never returns its slot."""
_TOLD = "?streams="

REMEDY = "remedy"
"""The parameter that every scenario takes in addition to its own."""
TRIES = 3
"""The number of tries of a caller that retries."""
FOR_EVER = 10000.0
"""Units: longer than anything else."""
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
"""Common workarounds for an exhausted pool: `SCENARIO[remedy=NAME]` is any scenario with one of them."""
BY_CALLER = {"semaphore", "retry", "shield", "recreate", "client-per-task"}
"""The remedies that the caller applies around each request, so that they do not show in a load."""
OWN_CODE = {"hook", "auth"}
"""The endings by the caller's own code: nothing else can read or close the response that this code holds."""


class Request(NamedTuple):
    """One request of a load. All times are in units."""

    id: str
    hold: float
    """How long the server holds the request."""
    pool_timeout: float
    """How long the request may wait for a slot."""
    at: float = 0.0
    """When the request starts, after the start of the load (with `after`: after the end of that request)."""
    after: Optional[str] = None
    """The request whose end this one waits for."""
    ending: str = "read"
    """How the lease ends: the response is `read`, or `close`d without being read, or closed after a `break` in reading.
    With `lines` it is closed after a break in reading its lines.

    With `keep` it is never closed; with `drop` it is not closed but forgotten, with `abandon` forgotten after a break
    in reading, and with `cycle` forgotten so that only the garbage collector finds it. With `finaliser` the collector
    also finds the caller's own code, which then closes the response. With `hook` the caller's hook raises once the
    response is there, with `auth` its authentication raises; with `redirect` redirects are followed, and the client
    raises by itself where one leads nowhere.
    """
    cancelled: Optional[float] = None
    """When the request is cancelled from outside, after the start of the load, whether it was served by then or not."""
    door: str = "plain"
    """The door of the server that the request goes to; `NAME#k` is another origin with the same behaviour."""
    fault: Optional[str] = None
    """The fault that the door commits once it has held the request; None serves it."""
    expected: str = "ok"
    """What a correct client reports at the end of `hold`: `ok`, or `error` for an error other than PoolTimeout."""
    read_timeout: Optional[float] = None
    """The read timeout; a request whose timeout is below `hold` ends by it, in an error. None is the client's
    patience.
    """
    connect_timeout: Optional[float] = None
    """The connect timeout; a request that is meant to exceed it declares that by `hold` and `expected`."""
    body: int = 0
    """Bytes to upload; the server holds the request once all have arrived, or at once where it has a fault."""
    endless: bool = False
    """Whether the response body never ends, so that only the caller ends it; the head arrives at once."""
    raced: bool = False
    """Whether the request races its own deadlines: success, timeout and cancellation are all correct then."""

    @property
    def lent(self) -> bool:
        """Return True if the caller never returns the slot: by contract that is the caller's fault, not the pool's."""
        return self.ending in LENT

    @property
    def ends_in_error(self) -> bool:
        """Return True if a correct client reports an error."""
        return self.expected == "error" or self.runs_out

    @property
    def stalls(self) -> bool:
        """Return True if the server goes silent as soon as the request arrives; `hold` then means for ever."""
        return self.fault is not None and self.fault.startswith("stall-")

    @property
    def runs_out(self) -> bool:
        """Return True if the request stops reading before the answer."""
        return self.lease < self.hold

    @property
    def lease(self) -> float:
        """How long a correct client holds the slot."""
        return self.hold if self.read_timeout is None else min(self.hold, self.read_timeout)


class Load(NamedTuple):
    """The load that a scenario puts on one pool: enough for a model to compute what a correct pool would have done."""

    limit: int
    """Slots of the pool: `max_connections`."""
    max_keepalive: int
    """Idle connections that the pool may keep."""
    keepalive_expiry: float
    """Units after which an idle connection expires."""
    deadline: float
    """Units after the start of the load at which every request that has not ended counts as hanging."""
    requests: List[Request]
    style: str = "native"
    """How requests are cancelled: `native`, one `task.cancel()` each, or `level`, by a cancel scope of anyio."""
    http2: bool = False
    """Whether the client may use HTTP/2 where the server can."""
    proxy: Optional[str] = None
    """The door of the proxy that the client sends everything through."""
    backend: str = "asyncio"
    """The backend of the client: `asyncio` or `trio`."""
    door: str = "plain"
    """The door of requests that the load does not list: those of a sweep."""
    connections: Optional[int] = None
    """The most connections that a correct pool opens for the load; None where the number does not matter."""
    kept: Optional[int] = None
    """The most connections that may be open once the body has ended; None where the number does not matter.

    They are counted from outside the worker, which takes a moment: such a body ends with `driver.settle()`.
    """
    expiry_by: str = "any"
    """What sets the expiry: `any` mechanism of the release, the `limits` of its client, or its `default`, 5 seconds."""
    ladder: List[int] = []
    """Sizes of the bursts of tasks before the requests, which measure what waiting costs the client; smallest first."""
    remedy: Optional[str] = None
    """The caller's remedy for an exhausted pool, a key of `REMEDIES`."""

    @property
    def usable(self) -> int:
        """Slots that a correct pool has after the load: all but the unreturned ones."""
        return self.limit - self.lent

    @property
    def lent(self) -> int:
        """Slots that callers never return."""
        return sum(request.lent for request in self.requests)

    @property
    def doors(self) -> List[str]:
        """Every door that the load needs open, sorted and without `plain`, which is always open."""
        used = {request.door for request in self.requests} | set(self.counted_at) | {self.door}
        if self.door != "plain":
            used |= {HAND, self.counted_door}
        # A client that speaks TLS warms up with TLS.
        warm = {"tls"} if any(map(secure, used)) else set()
        return sorted((used | warm | ({self.proxy} if self.proxy else set())) - {"plain"})

    @property
    def counted_at(self) -> List[str]:
        """The doors of the requests that count the slots: the door of the first request that is served.

        With HTTP/2 one connection carries many requests, so each slot is counted at an origin of its own; where the
        door declares its streams, that many requests go to each origin.
        """
        served = [r.door for r in self.requests if r.fault is None and not r.ends_in_error]
        door = served[0] if served else "plain"
        if not self.shares(door):
            return [door] * self.limit
        return [origin(door, n) for n in range(self.limit) for _ in range(streams(door) if _tells(door) else 1)]

    @property
    def capacity(self) -> int:
        """Requests that an intact pool holds concurrently where it is counted: its slots, or all their streams."""
        return len(self.counted_at)

    @property
    def counted_door(self) -> str:
        """The door where slots are counted after the requests of a sweep: a shared connection shows little about its
        slot.
        """
        return origin(self.door, 1) if self.shares(self.door) else self.door

    def shares(self, door: str) -> bool:
        """Return True if requests to this door share a connection."""
        return self.http2 and secure(door)


class Scenario(NamedTuple):
    """A declaration. `variants` names each parameter with its values, the default first."""

    id: str
    requirement: str
    """What must hold, in prose."""
    references: Tuple[str, ...]
    """The upstream threads and changelog lines behind the scenario."""
    variants: Dict[str, Tuple[str, ...]]
    load: Callable[[Variant], Load]
    body: Callable[[Any, Load], Coroutine[Any, Any, None]]
    """Runs the load on a driver; the driver records a request that fails, and nothing is raised."""
    extras: Tuple[str, ...] = ()
    """Packages that each variant needs in addition to the client; the fields of a load add to them."""
    threads: bool = False
    """Whether the scenario tests the synchronous client, one thread for each request."""
    run: Optional[Callable[[Any], None]] = None
    """The scenario's own runner, called with a `Job`, where a load that is followed by counts does not fit."""
    repeats: int = 1
    """How many runs a cell takes before its first verdict is trusted."""
    core: bool = False
    """Whether the scenario is one of the few that a matrix runs by default: what every pool has to do."""


class Job(NamedTuple):
    """The arguments of a scenario with its own runner. `unit` in seconds."""

    fresh: Callable[[], Any]
    """Makes a client with a pool of its own, as the load declares."""
    record: Callable[..., None]
    variant: Variant
    load: Load
    unit: float
    server: Tuple[str, int]
    """The host and port of the server's cheapest door, for requests that are not the client's."""
    cell: str
    base: str
    """The URL of the cell's endpoints at the load's door."""
    counted: str
    """The same URL at the door where slots are counted."""


def complete(scenario: Scenario, asked: Variant) -> Variant:
    """Return the requested variant with every default filled in; raises KeyError or ValueError with the unknown word.

    A remedy has no default: it is present only where it is requested.
    """
    known = dict(scenario.variants, **{REMEDY: tuple(REMEDIES)})
    for name, value in asked.items():
        if value not in known[name]:
            raise ValueError(value)
    asked_for = {name: values for name, values in known.items() if name in scenario.variants or name in asked}
    return {name: asked.get(name, values[0]) for name, values in sorted(asked_for.items())}


def load_of(scenario: Scenario, variant: Variant) -> Load:
    """Return the load of a variant whose defaults are filled in, with the remedy that it names."""
    own = {name: value for name, value in variant.items() if name != REMEDY}
    return remedied(scenario.load(own), variant)


def remedied(load: Load, variant: Variant) -> Load:
    """Return the load with the remedy that the variant names, if any.

    A remedy that a load can express changes the load; the driver applies one that a caller does around each request.
    The ideal pool gets the same load, so that a remedy is judged by its expected effect.
    """
    remedy = variant.get(REMEDY)
    changed = load._replace(remedy=remedy)
    if remedy in {"retry", "recreate"}:
        longest = max([request.pool_timeout for request in load.requests], default=0.0)
        return changed._replace(deadline=load.deadline + (TRIES - 1) * longest)
    if remedy == "wait-for-ever":
        return changed._replace(requests=[r._replace(pool_timeout=FOR_EVER) for r in load.requests])
    if remedy in {"more-connections", "client-per-task"}:
        # Clients for single requests have together as many requests in flight as one pool of this size.
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
    """Return the packages that a variant needs in addition to the client, sorted."""
    load = load_of(scenario, complete(scenario, variant))
    socks = load.proxy is not None and load.proxy.startswith("socks")
    asked = {"h2": load.http2, "socksio": socks, "trio": load.backend == "trio"}
    return tuple(sorted({*scenario.extras, *(name for name, wanted in asked.items() if wanted)}))


def secure(door: str) -> bool:
    """Return True if this door speaks TLS."""
    return _name(door) in SECURE


def origin(door: str, number: int) -> str:
    """Return the door with this number and the same behaviour; 0 is the first."""
    _, question, query = door.partition("?")
    return _name(door) + ("#%d" % number if number else "") + question + query


def streams(door: str) -> int:
    """Return how many requests one connection to this door carries concurrently, where they share one."""
    return int(door.partition(_TOLD)[2]) if _tells(door) else STREAMS


def _tells(door: str) -> bool:
    return _TOLD in door


def _name(door: str) -> str:
    return door.partition("?")[0].partition("#")[0]


def load_to_plain(load: Load) -> Dict[str, Any]:
    """Return a load as JSON can carry it."""
    plain = dict(load._asdict())
    plain["requests"] = [dict(request._asdict()) for request in load.requests]
    return plain


def load_from_plain(plain: Dict[str, Any]) -> Load:
    """Return the load that `load_to_plain` wrote."""
    requests = [Request(**request) for request in plain["requests"]]
    return Load(**dict(plain, requests=requests))
