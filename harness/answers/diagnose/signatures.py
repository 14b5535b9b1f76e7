"""Signatures of failures: expressions over the text of one failure, and their meaning.

A signature identifies a failure, not the releases that cause it: these are found in the ledger. `errors` and `bursts`
are the words of the verdicts for such a failure. The first signature that matches decides, so that the order is from
the particular to the general.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from ...verdict.words import After, Burst
from .raised import CLASSES, FAMILY

SDKS = r"openai|anthropic|groq|mistralai|cohere|together|litellm|ollama|google\.genai|langchain\w*|huggingface_hub"
"""Libraries that raise their own exception around one of a client, as an expression."""


class Side(enum.StrEnum):
    """Where a failure comes from."""

    POOL = "pool"
    CONNECTION = "connection"
    PROGRAM = "program"
    OUTSIDE = "outside"
    OTHER_CLIENT = "other-client"
    HARMLESS = "harmless"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Signature:
    """A failure: its expression, the verdict on it in words, its side, and the words for it in verdicts.

    `scenarios` names the scenarios of this very failure; without them every scenario with such a verdict counts.
    `afters` is what such a run leaves of the pool, where that distinguishes the failure.
    """

    id: str
    pattern: re.Pattern[str]
    means: str
    side: Side = Side.OUTSIDE
    bursts: tuple[Burst, ...] = ()
    errors: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    afters: tuple[After, ...] = tuple(After)


def _first(names: str, words: str = "") -> re.Pattern[str]:
    """Return the expression of a decisive exception of a client, and of words anywhere in its failure."""
    return re.compile(rf"(?s)\A(?:{FAMILY})?(?:{names})\b(?=.*(?:{words}))", re.IGNORECASE if words else 0)


def _words(text: str) -> re.Pattern[str]:
    return re.compile(text)


_NOT = "not the pool's doing"
_POOL = (Burst.POOL_TIMEOUT, Burst.BACK_PRESSURE)
_CONNECT = "ConnectError|NetworkError"
_SDK_ERROR = rf"\b(?:{SDKS})\.(?:\w{{1,60}}\.){{0,3}}"

SIGNATURES = (
    Signature(
        "too-many-files",
        _words(r"Too many open files|\bErrno 24\b"),
        f"{_NOT}: too many open files, none is left for a connection",
    ),
    Signature(
        "no-buffers",
        _words(r"\bWinError 10055\b|\bErrno 105\b|No buffer space available"),
        f"{_NOT}: the system has no buffer or port left for a connection",
    ),
    Signature(
        "pool-timeout",
        _words(rf"\A(?:{FAMILY})?PoolTimeout\b|Pool timeout: All connections in the connection pool are occupied"),
        "pool timeout: no slot came free in time; a leak, or a queue that is too long",
        Side.POOL,
        _POOL,
        ("PoolTimeout",),
    ),
    Signature(
        "empty-pool",
        _words(r"\bEmptyPoolError\b"),
        "pool empty: the urllib3 pool of an early synchronous client has no connection left",
        Side.POOL,
        (Burst.ERROR,),
        ("EmptyPoolError",),
    ),
    Signature(
        "max-streams",
        _words(r"Max outbound streams is \d{1,9}, \d{1,9} open|\bTooManyStreamsError\b"),
        "HTTP/2 streams: a connection counts unused streams as open, or opens too many",
        Side.POOL,
        (Burst.ERROR,),
        ("LocalProtocolError", "TooManyStreamsError"),
    ),
    Signature(
        "h2-closed",
        _words(r"Invalid input ConnectionInputs\.\w{1,40} in state ConnectionState\.CLOSED|<ConnectionTerminated "),
        "HTTP/2 connection used after its server closed it (GOAWAY)",
        Side.POOL,
        (Burst.ERROR,),
        ("LocalProtocolError", "RemoteProtocolError", "ProtocolError"),
        ("h2-goaway",),
        (After.LATE, After.LEAKS, After.DEAD),
    ),
    Signature(
        "closing-active",
        _words(r"The connection pool was closed while \d{1,9} HTTP requests/responses were still in-flight"),
        "a pool was closed while it still counted requests as in flight",
        Side.POOL,
        (Burst.ERROR,),
        ("RuntimeError",),
        ("close-pool",),
    ),
    Signature(
        "pool-state",
        _words(r"\A(?:AssertionError|ValueError|KeyError|IndexError):[^\n]{0,2000} at (?:httpx|httpcore)\S*pool\.py"),
        "the pool's own state is inconsistent: two threads or tasks changed it at once",
        Side.POOL,
        (Burst.ERROR,),
        ("AssertionError", "ValueError", "KeyError", "IndexError"),
    ),
    Signature(
        "closed-client",
        _words(r"Cannot send a request, as the client has been closed|Cannot open a client instance more than once"),
        "not the pool's doing: the program uses a client that it has closed",
        Side.PROGRAM,
    ),
    Signature(
        "other-loop",
        _words(r"Event loop is closed|is bound to a different event loop|attached to a different loop"),
        "not the pool's doing: a client is used on another event loop than its own",
        Side.PROGRAM,
        (Burst.ERROR,),
        ("RuntimeError",),
        ("several-loops",),
    ),
    Signature(
        "waiting",
        _words(r"(?m: at the wait for a slot$)"),
        "a request waits for a slot of its pool: a leak, or a queue that is too long",
        Side.POOL,
        (Burst.HANGS, *_POOL),
        ("PoolTimeout",),
    ),
    Signature(
        "optional-package",
        _words(r"Using (?:SOCKS proxy|http2=True), but the '\w{1,20}' package is not installed"),
        f"{_NOT}: an optional package of the client is not installed",
        Side.PROGRAM,
    ),
    Signature(
        "unknown-argument",
        _words(
            r"TypeError: (?:\w{0,60}Client\.\w{1,60}\(\) got an unexpected keyword argument"
            r"|[\w.]{1,80}\(\) got an unexpected keyword argument 'proxies')"
        ),
        f"{_NOT}: this version of the client does not have that argument",
        Side.PROGRAM,
    ),
    Signature(
        "foreign-timeout",
        _words(
            r"TypeError: (?:'\w{0,20}Timeout' object cannot be interpreted as an integer"
            r"|unsupported operand type\(s\) for \+: 'float' and '\w{0,20}Timeout')"
        ),
        f"{_NOT}: the timeout object belongs to another library",
    ),
    Signature(
        "other-pool",
        _words(
            r"QueuePool limit of size|\bTooManyConnectionsError\b|\btoo many (?:clients already|connections)\b"
            r"|\bremaining connection slots are reserved|\bmax number of clients reached"
            r"|\b(?:psycopg_pool|psycopg2|asyncpg|redis|pymongo|sqlalchemy)\.\S{0,80}(?:Timeout|Pool|ConnectionError)"
        ),
        "not an HTTP client: the pool of a database client is exhausted",
        Side.OTHER_CLIENT,
    ),
    Signature(
        "connect-tls",
        _first(_CONNECT, r"CERTIFICATE_VERIFY_FAILED|certificate|\bSSL\b|\bssl\.|TLS|WRONG_VERSION_NUMBER"),
        f"{_NOT}: the TLS handshake failed (certificate or protocol)",
    ),
    Signature(
        "connect-dns",
        _first(
            _CONNECT,
            r"gaierror|getaddrinfo|name resolution|nodename nor servname|Name or service not known"
            r"|Name does not resolve|No address assoc|Errno -\d|Errno 1100[1-4]",
        ),
        f"{_NOT}: the host name could not be resolved",
    ),
    Signature(
        "connect-refused",
        _first(_CONNECT, r"Errno 111|Errno 61\b|10061|refused"),
        f"{_NOT}: the server was not reached (connection refused)",
    ),
    Signature("proxy-error", _first("ProxyError"), f"{_NOT}: the proxy refused the connection"),
    Signature("connect-error", _first("ConnectError"), f"{_NOT}: the server was not reached"),
    Signature("connect-timeout", _first("ConnectTimeout"), f"{_NOT}: the server did not accept a connection in time"),
    Signature("read-timeout", _first("ReadTimeout"), f"{_NOT}: the server did not answer within the read timeout"),
    Signature("write-timeout", _first("WriteTimeout"), f"{_NOT}: the server did not take the request in time"),
    Signature(
        "bad-header",
        _first(
            "LocalProtocolError|RemoteProtocolError|ProtocolError", r"illegal|invalid (?!input)|malformed|too large"
        ),
        f"{_NOT}: a header or message breaks the rules of HTTP",
    ),
    Signature(
        "bad-url",
        _first("UnsupportedProtocol|InvalidURL"),
        f"{_NOT}: the URL is not valid, or has no http:// or https://",
    ),
    Signature("http-status", _first("HTTPStatusError"), f"{_NOT}: the server answered, with an error status"),
    Signature(
        "redirects", _first("TooManyRedirects"), f"{_NOT}: the server redirects more often than the client follows"
    ),
    Signature(
        "decoding", _first("DecodingError"), f"{_NOT}: the body of a response does not match its Content-Encoding"
    ),
    Signature(
        "stream-use",
        _first("ResponseNotRead|RequestNotRead|StreamConsumed|StreamClosed"),
        f"{_NOT}: a streamed body is not read, or read twice or too late",
        Side.PROGRAM,
    ),
    Signature(
        "read-failure",
        _first("ReadError|WriteError|CloseError|NetworkError|RemoteProtocolError|LocalProtocolError|ProtocolError"),
        f"mostly {_NOT}: the connection broke under a request",
        Side.CONNECTION,
        (Burst.ERROR,),
        ("ReadError", "WriteError", "RemoteProtocolError"),
    ),
    Signature(
        "cancelled",
        _words(r"(?m)Cancelled(?:Error)?: [^\n]{0,2000} in a request$"),
        "the program cancelled a request: a deadline, a disconnect or a shutdown",
        Side.CONNECTION,
        (Burst.ERROR,),
        ("PoolTimeout",),
    ),
    Signature(
        "urllib3-full",
        _words(r"Connection pool is full, discarding connection"),
        "harmless: urllib3 has more connections than it keeps, and closes one",
        Side.HARMLESS,
    ),
    Signature(
        "aiohttp-unclosed",
        _words(r"\bUnclosed (?:client session|connector|connection|response)\b"),
        "not httpx: a session, connection or response of aiohttp is not closed",
        Side.OTHER_CLIENT,
    ),
    Signature(
        "other-client",
        _words(
            r"\b(?:requests\.exceptions|urllib3\.exceptions|botocore\.exceptions|aiohttp\.client_exceptions|aiohttp)"
            r"\.(?:\w{1,40}\.)?[A-Z]\w{1,60}"
            r"|\bHTTPS?ConnectionPool\(host=|(?m: at (?:aiohttp|requests|urllib3|botocore)$)"
            r"|\b(?:NewConnectionError|MaxRetryError|NameResolutionError|ServerDisconnectedError"
            r"|ServerTimeoutError|ClientConnector\w{0,20}Error|ClientOSError|ClientPayloadError)\b"
        ),
        "not httpx: another HTTP client failed (requests, urllib3 or aiohttp)",
        Side.OTHER_CLIENT,
    ),
    Signature(
        "sdk-status",
        _words(
            rf"{_SDK_ERROR}(?:RateLimit|Authentication|PermissionDenied|BadRequest|NotFound|Conflict"
            r"|UnprocessableEntity|ServiceUnavailable|Overloaded|APIStatus)Error\b"
            rf"|{_SDK_ERROR}\w{{0,40}}Error: [^\n]{{0,200}}?(?:[Ee]rror code: |[Ss]tatus(?: code:)? )[45]\d\d\b"
            rf"|{_SDK_ERROR}\w{{0,40}}Error: [45]\d\d [A-Z]"
            r"|\bError code: [45]\d\d - \{"
        ),
        f"{_NOT}: the server answered, with an error status",
    ),
    Signature(
        "wrapped",
        _words(
            rf"\b(?:{SDKS})\.(?:\w+\.){{0,3}}(?:APITimeoutError|APIConnectionError|Timeout)\b"
            r"|\bAPITimeoutError\b|\bRequest timed out\.|\btelegram\.error\.TimedOut\b|\bConnection error\.$"
        ),
        "not decided: a library reports a failure without its cause, which has the kind",
        Side.HIDDEN,
    ),
)

_HINT = re.compile(
    r"[Ee]rror|Timeout|Protocol|URL|[Tt]imed ?[Oo]ut|[Pp]ool|Errno|Exception|[Cc]onnection|streams|files|loop|[Cc]losed"
    r"|slot|Cancelled|clients|package|Redirects|NotRead|StreamConsumed"
)
"""A word of each signature: most lines of a log have none, and are not matched against all of them."""
_ANYWHERE = re.compile(
    rf"(?<![\w.])(?:{FAMILY}(?:{CLASSES})|PoolTimeout|ConnectTimeout|ReadTimeout|WriteTimeout|ConnectError"
    r"|ReadError|RemoteProtocolError|LocalProtocolError|HTTPStatusError|TooManyRedirects)\b(?!\s*=|\w)"
)
_CODE = re.compile(
    r"(?:-+>\s|\d{1,5}\s)?\s{0,20}"
    r"(?:(?:raise|except|import|from|class|def|async|assert|return|with|if|elif)\b|#|\"\"\"|')"
)
"""A line of source code, which may name an exception that was not raised."""


def signature_of(text: str) -> Signature | None:
    """Return the signature of a failure's text, or of a line's content; None where it is not a known failure."""
    if not _HINT.search(text):
        return None
    return next((one for one in SIGNATURES if one.pattern.search(text)), None)


def in_line(text: str) -> str:
    """Return the part of a line of a log that may be a failure: from the name of a client's exception, else all."""
    if _CODE.match(text):
        return ""
    match = _ANYWHERE.search(text)
    return text[match.start() :] if match else text
