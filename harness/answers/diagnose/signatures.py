"""Signatures of pool failures in a traceback or log: text patterns over whole exception chains.

A signature identifies a failure, not the releases that cause it: these are found in the ledger. `errors` and `bursts`
are the words of the verdicts for such a failure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...verdict.words import Burst

_FAMILY = r"(?:httpx2?|httpxyz|httpcore2?|httpcorexyz)"
_SDKS = r"(?:openai|anthropic|groq|mistralai|cohere|together|litellm|ollama|google\.genai|langchain\w*|huggingface_hub)"


@dataclass(frozen=True, slots=True)
class Signature:
    """A failure: its pattern, its meaning, and the words for it in verdicts.

    A `wrapper` is an exception of another library around the failure: it is reported only without a plainer signature.
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
        "a request waited for a slot of the pool until its pool timeout expired",
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
        "an HTTP/2 connection counts unused streams as open, or opens more than the server allows",
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
        "the pool's own state is inconsistent: it was changed by two threads or tasks at once, or only in part",
        (Burst.ERROR,),
        ("AssertionError", "ValueError", "KeyError", "IndexError"),
    ),
    Signature(
        "connect-timeout",
        _words(rf"\b{_FAMILY}\.(?:\w+\.){{0,3}}ConnectTimeout\b|^ConnectTimeout\b"),
        "a connection was not established in time; if it keeps its slot afterwards, PoolTimeout follows",
        (Burst.ERROR, Burst.POOL_TIMEOUT),
        ("ConnectTimeout",),
    ),
    Signature(
        "read-failure",
        _words(
            rf"\b{_FAMILY}\.(?:\w+\.){{0,3}}(?:ReadTimeout|ReadError|RemoteProtocolError|WriteError|WriteTimeout)\b"
        ),
        "a connection failed under a request; the pool leaks if it does not release that connection's slot",
        (Burst.ERROR, Burst.POOL_TIMEOUT),
        ("ReadTimeout", "ReadError", "RemoteProtocolError", "WriteError", "WriteTimeout"),
    ),
    Signature(
        "wrapped",
        _words(
            rf"\b{_SDKS}\.(?:\w+\.){{0,3}}(?:APITimeoutError|APIConnectionError|Timeout)\b"
            r"|^(?:\w+\.)?APITimeoutError\b|\bRequest timed out\.|\bConnection error\.$"
        ),
        "an SDK reports a timeout without its kind: the exception that it was raised from has the kind",
        (Burst.POOL_TIMEOUT, Burst.BACK_PRESSURE),
        ("PoolTimeout",),
        wrapper=True,
    ),
)


def found_in(text: str) -> list[tuple[Signature, int, str]]:
    """Return the signatures in a text, each with its number of matches and the line of the first.

    Wrappers are left out if the text has a plainer signature.
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
