"""What a failure of a pool looks like in a traceback or a log: text patterns over whole exception chains.

A signature says what was met, never which release does it: that is what the ledger is for. `errors` and `bursts` are
the words under which the verdicts keep such a failure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...verdict.words import Burst

_FAMILY = r"(?:httpx2?|httpxyz|httpcore2?|httpcorexyz)"
_SDKS = r"(?:openai|anthropic|groq|mistralai|cohere|together|litellm|ollama|google\.genai|langchain\w*|huggingface_hub)"


@dataclass(frozen=True, slots=True)
class Signature:
    """One failure: the pattern that gives it away, what it means, and how the verdicts call it.

    A `wrapper` says only that something else wrapped it: it counts where nothing plainer is in the chain.
    """

    id: str
    pattern: re.Pattern[str]
    means: str
    bursts: tuple[Burst, ...]
    errors: tuple[str, ...] = ()
    wrapper: bool = False


def _words(text: str) -> re.Pattern[str]:
    return re.compile(text, re.MULTILINE)


SIGNATURES = (
    Signature(
        "pool-timeout",
        _words(rf"(?<!raise )(?<!except )\b(?:{_FAMILY}\.(?:\w+\.){{0,3}})?PoolTimeout\b"),
        "a request waited for a slot of the pool until its pool timeout ran out",
        (Burst.POOL_TIMEOUT, Burst.BACK_PRESSURE),
        ("PoolTimeout",),
    ),
    Signature(
        "empty-pool",
        _words(r"\bEmptyPoolError\b"),
        "the pool of urllib3 that an early synchronous client used had no connection left",
        (Burst.ERROR,),
        ("EmptyPoolError",),
    ),
    Signature(
        "max-streams",
        _words(r"Max outbound streams is \d{1,9}, \d{1,9} open"),
        "an HTTP/2 connection counts streams as open that nobody uses any more, or more than the server allows",
        (Burst.ERROR,),
        ("LocalProtocolError", "TooManyStreamsError"),
    ),
    Signature(
        "closing-active",
        _words(
            r"RuntimeError: The connection pool was closed while \d{1,9} HTTP requests/responses were still in-flight"
        ),
        "a pool was closed while it still counted requests as in flight",
        (Burst.ERROR,),
        ("RuntimeError",),
    ),
    Signature(
        "closed-client",
        _words(r"RuntimeError: (?:Cannot send a request, as the client has been closed|Event loop is closed)"),
        "a client was used after it, or the event loop that it belongs to, was closed",
        (Burst.ERROR,),
        ("RuntimeError",),
    ),
    Signature(
        "pool-state",
        _words(
            r"^  File \"(?=[^\"\n]{0,400}(?:httpcore|httpx))[^\"\n]{1,400}pool\.py\", line [^\n]{0,200}\n"
            r"(?:[^\n]{0,400}\n){0,2}?(?:AssertionError|ValueError|KeyError|IndexError)\b"
        ),
        "the pool's own book-keeping broke: two of its users changed it at once, or it was left half-changed",
        (Burst.ERROR,),
        ("AssertionError", "ValueError", "KeyError", "IndexError"),
    ),
    Signature(
        "connect-timeout",
        _words(rf"\b{_FAMILY}\.(?:\w+\.){{0,3}}ConnectTimeout\b|^ConnectTimeout\b"),
        "a connection was not there in time; where it keeps its slot afterwards, PoolTimeout follows",
        (Burst.ERROR, Burst.POOL_TIMEOUT),
        ("ConnectTimeout",),
    ),
    Signature(
        "read-failure",
        _words(
            rf"\b{_FAMILY}\.(?:\w+\.){{0,3}}(?:ReadTimeout|ReadError|RemoteProtocolError|WriteError|WriteTimeout)\b"
        ),
        "a connection failed under a request; the pool is concerned where it does not give up that connection's slot",
        (Burst.ERROR, Burst.POOL_TIMEOUT),
        ("ReadTimeout", "ReadError", "RemoteProtocolError", "WriteError", "WriteTimeout"),
    ),
    Signature(
        "wrapped",
        _words(
            rf"\b{_SDKS}\.(?:\w+\.){{0,3}}(?:APITimeoutError|APIConnectionError|Timeout)\b"
            r"|^(?:\w+\.)?APITimeoutError\b|\bRequest timed out\.|\bConnection error\.$"
        ),
        "an SDK says that its request timed out and hides in which way: the exception that it was raised from says so",
        (Burst.POOL_TIMEOUT, Burst.BACK_PRESSURE),
        ("PoolTimeout",),
        wrapper=True,
    ),
)


def found_in(text: str) -> list[tuple[Signature, int, str]]:
    """The signatures in a text with how often each is there, and the first line of each; plainer ones first.

    A wrapper is left out where the text says what it wraps.
    """
    found = []
    for signature in SIGNATURES:
        matches = list(signature.pattern.finditer(text))
        if matches:
            end = text.find("\n", matches[0].end())
            start = text.rfind("\n", 0, matches[0].end()) + 1
            found.append((signature, len(matches), text[start : end if end >= 0 else None].strip()))
    plain = [entry for entry in found if not entry[0].wrapper]
    return plain or found
