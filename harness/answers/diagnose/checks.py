"""Checks to make in the program that failed, by what failed in it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .met import Seen
from .signatures import Side


class Check(msgspec.Struct, frozen=True):
    """A check or a step; for a pool's failure also what each of its two outcomes means, else empty."""

    do: str
    leak: str = ""
    back_pressure: str = ""


_COUNT = Check(
    "count your requests (+1 before each send, -1 in a finally), log the count",
    "fewer than max_connections are in flight",
    "as many or more",
)
_REST = Check(
    "stop the load, wait keepalive_expiry + 1 s, send max_connections at once",
    "some wait until PoolTimeout",
    "all are served at once",
)
_CANCELLED = Check(
    "compare the first cancellation (timeout, disconnect) with the first failure",
    "no failure before it",
    "failures without any cancellation",
)
CLOSE = Check(
    "find each stream(...), send(stream=True) that is not closed on every path",
    "one stays open, which is the program's leak",
    "each is closed",
)
_WHEN = Check(
    "look at when the failures occur",
    "from one moment until a restart",
    "they follow the load",
)
_TELEGRAM = Check(
    "python-telegram-bot: HTTPXRequest has 1 connection by default up to 22.0; pass\n"
    "connection_pool_size=8 or more, also to get_updates",
)
_PRINT = Check(
    "print client._transport._pool.connections on failure (a private attribute)",
    "one is active without a request of yours",
    "each has its request",
)
_UPGRADE = Check("move to a release without what fails below; a new client frees all slots")
_WIDEN = Check("raise max_connections or the pool timeout, or send fewer requests at once")
_MOST = {None: 4, "leak": 2, "held": 2, "back-pressure": 2}
"""Checks that are listed, by what the trace has decided; the rest of the screen belongs to the candidates."""

_STEPS: dict[str, tuple[str, ...]] = {
    "too-many-files": (
        "count them: ls /proc/PID/fd | wc -l; raise `ulimit -n` if they don't grow",
        "make one client for the whole program, not one for each request",
    ),
    "no-buffers": ("make one client for the whole program: each connection takes a port",),
    "h2-closed": (
        "retry the request once: the next request opens another connection",
        "upgrade the pool, or switch HTTP/2 off (http2=False) until then",
    ),
    "max-streams": ("limit the concurrent requests to one host below its stream limit", "or http2=False"),
    "closing-active": ("close the client when no request is in flight",),
    "closed-client": (
        "find the `with` block or close() that ends before this request",
        "look for a client in a global, a cache or a default argument",
    ),
    "other-loop": (
        "make one client for each loop or asyncio.run(), inside the running loop",
        "close it (aclose) before its loop ends",
    ),
    "pool-state": ("use one client for each thread and each event loop", "upgrade the pool"),
    "foreign-timeout": (
        "pass seconds, or the Timeout of the client itself: httpx.Timeout to httpx",
        "see which family the SDK uses: pip show openai anthropic | grep Requires",
    ),
    "connect-tls": ("check certificate and host name: openssl s_client -connect HOST:443",),
    "connect-dns": ("resolve the name where the program runs: getent hosts NAME",),
    "connect-refused": ("from where the program runs: curl -v URL; is the port right, the server up?",),
    "proxy-error": ("check the proxy's address, its log and HTTP_PROXY, HTTPS_PROXY, NO_PROXY",),
    "connect-error": (
        "connect from where the program runs: curl -v URL",
        "check base_url, HTTP_PROXY and HTTPS_PROXY",
    ),
    "connect-timeout": ("from where the program runs: curl -v URL; look at firewalls",),
    "read-timeout": (
        "measure the server; raise timeout=Timeout(read=...) if it needs longer",
        "if PoolTimeout follows later, pass the log up to there",
    ),
    "write-timeout": ("measure the upload; raise timeout=Timeout(write=...) if it needs longer",),
    "bad-header": ("print repr() of each header: no newline, no blank at its ends",),
    "http-status": ("look at response.status_code and response.text",),
    "sdk-status": ("look at the status code: 429 and 529 ask for fewer requests, after a pause",),
    "redirects": ("print response.headers['location'] of each answer; follow_redirects=False",),
    "decoding": ("read response.headers['content-encoding'], and the body by curl --raw",),
    "stream-use": (
        "read inside the `with` block of stream(...): read() or await aread()",
        "iterate over a streamed body once",
    ),
    "optional-package": (
        "pip install 'httpx[socks]' or 'httpx[http2]', whichever the message names",
        "without a wish for a proxy: unset ALL_PROXY, or trust_env=False",
    ),
    "unknown-argument": (
        "httpx 0.28 has no proxies= and app=: upgrade the SDK, or pin httpx<0.28",
        "in your own code: proxy= or mounts=, transport=ASGITransport(app=...)",
    ),
    "cancelled": (
        "if that is meant, handle it: the request did not end, its response is lost",
        "if PoolTimeout follows later, pass the log up to there: slots may be lost",
    ),
    "aiohttp-unclosed": ("close it: async with ClientSession() as session: ...",),
    "bad-url": ("print repr() of the URL, and pass base_url to the client if it is relative",),
    "read-failure": (
        "retry requests that may be repeated: the server closed the connection",
        "after a pause: set keepalive_expiry below the server's keep-alive timeout",
    ),
    "urllib3-full": ("nothing is lost; to keep more: HTTPAdapter(pool_maxsize=N) of requests",),
    "other-client": ("look at that client; poolgate measures httpx, httpx2 and httpxyz",),
    "other-pool": ("look at the size and the leaks of that pool; poolgate measures HTTP clients",),
    "wrapped": (
        "log the chain: logging.exception(...), traceback.print_exception(error)",
        "or only the cause: print(repr(error.__cause__))",
    ),
}
"""What to do, by signature."""


def checks_for(seen: Seen, uses: list[str], cause: str | None = None) -> Iterator[Check]:
    """Yield checks to make in the program that failed, the cheapest first; what the trace has decided is left out."""
    if steps := _STEPS.get(seen.signature.id):
        yield from map(Check, steps)
    elif seen.signature.side is Side.POOL:
        yield from list(_of_pool(seen, uses, cause))[: _MOST[cause]]


def _of_pool(seen: Seen, uses: list[str], cause: str | None) -> Iterator[Check]:
    if "python-telegram-bot" in seen.through:
        yield _TELEGRAM
    match cause:
        case "leak":
            yield from (_UPGRADE, _PRINT)
        case "held":
            yield from (CLOSE, _PRINT)
        case "back-pressure":
            yield from (_WIDEN, _REST)
        case _:
            yield _COUNT
            yield from [_CANCELLED] if "cancelled" in uses else []
            yield from (_REST, _WHEN, CLOSE, _PRINT)
