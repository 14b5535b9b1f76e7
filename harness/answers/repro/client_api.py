"""The names that a script needs of a release, read from the release itself: they changed between releases."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ...environments.build import Environment
from ...environments.probe import ProbeError, run_in
from ...errors import UsageError

_ASK = """
import importlib, inspect, json, sys
client = importlib.import_module(sys.argv[1])
takes = lambda function: list(inspect.signature(function).parameters)
many = getattr(client, "AsyncClient", client.Client)
limits = getattr(client, "Limits", None) or client.PoolLimits
timeout = getattr(client, "TimeoutConfig", None) or client.Timeout
response = getattr(client, "AsyncResponse", None) or client.Response
print(json.dumps({
    "tasks": many.__name__,
    "threads": None if inspect.iscoroutinefunction(client.Client.get) else client.Client.__name__,
    "limits": limits.__name__,
    "limits_take": takes(limits),
    "limits_are": next(name for name in ("limits", "pool_limits") if name in takes(many)),
    "timeout": timeout.__name__,
    "timeout_takes": takes(timeout),
    "streams": hasattr(many, "stream"),
    "closes": "aclose" if hasattr(many, "aclose") else "close",
    "pieces": "aiter_raw" if hasattr(response, "aiter_raw") else "raw",
    "response_reads": "aread" if hasattr(response, "aread") else "read",
    "response_closes": "aclose" if hasattr(response, "aclose") else "close",
    "client_takes": takes(many),
    "request_takes": takes(many.request),
    "build_takes": takes(many.build_request),
}))
"""


class ClientApi(msgspec.Struct, frozen=True, kw_only=True):
    """The public names of a release; `threads` is None where it has no synchronous client."""

    tasks: str
    threads: str | None
    limits: str
    limits_take: list[str]
    limits_are: str
    timeout: str
    timeout_takes: list[str]
    streams: bool
    closes: str
    pieces: str
    response_reads: str
    response_closes: str
    client_takes: list[str]
    request_takes: list[str]
    build_takes: list[str]

    def limits_for(self, module: str, limit: str, max_keepalive: str, expiry: str | None) -> str:
        """Return the expression that makes the limits; the arguments are expressions, `expiry` in units of `UNIT`.

        Without `expiry`, and where a release has none in its limits, its default holds.
        """
        wanted = [(("max_connections", "hard_limit"), limit), (_KEPT, max_keepalive)]
        if expiry is not None and "keepalive_expiry" in self.limits_take:
            wanted += [(("keepalive_expiry",), f"{expiry} * UNIT")]
        said = [f"{_first(names, self.limits_take)}={value}" for names, value in wanted]
        return f"{module}.{self.limits}({', '.join(said)})"

    def timeout_for(self, module: str, patience: float, wait: str, bounds: Mapping[str, str]) -> str:
        """Return the expression that bounds the wait for a slot by `wait` units, and other waits by `patience` units.

        `bounds` are expressions of units for other timeouts, with `read` or `connect` as key.
        """
        named = {_first((name, f"{name}_timeout"), self.timeout_takes): value for name, value in bounds.items()}
        named.update((name, wait) for name in _POOL if name in self.timeout_takes)
        said = "".join(f", {name}={value} * UNIT" for name, value in named.items())
        return f"{module}.{self.timeout}({patience} * UNIT{said})"

    def unread(self, url: str, timeout: str) -> str:
        """Return the expression of a response with its body unread; it is awaited where the client is asynchronous."""
        if "timeout" in self.build_takes:
            return f'client.send(client.build_request("GET", {url}, timeout={timeout}), stream=True)'
        return f'client.send(client.build_request("GET", {url}), stream=True, timeout={timeout})'

    @property
    def proxy(self) -> str | None:
        """Return the name of the client's proxy option; None where it has none."""
        return next((name for name in ("proxy", "proxies") if name in self.client_takes), None)

    @property
    def limits_bound_the_wait(self) -> bool:
        """Return whether the limits bound the wait for a slot, as up to httpx 0.8."""
        return not set(_POOL) & set(self.timeout_takes)


_KEPT = ("max_keepalive_connections", "max_keepalive", "soft_limit")
_POOL = ("pool", "pool_timeout")


def _first(names: tuple[str, ...], known: list[str]) -> str:
    return next(name for name in names if name in known)


def read_client_api(environment: Environment) -> ClientApi:
    """Read the names from the release in an environment; raises UsageError where it lacks one that a script needs."""
    client = environment.client
    try:
        return run_in(environment.interpreter, _ASK, client, into=ClientApi)
    except ProbeError as error:
        version = environment.packages[client]
        raise UsageError(f"no script can be written for {client} {version}: {str(error)[:200]}") from None
