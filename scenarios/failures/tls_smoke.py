"""A real TLS handshake: with a server whose certificate is trusted, one of an unknown authority, one for another host.

A certificate that must not be trusted is an error to each request, whose text is kept as evidence: it is what a search
of a log would look for. It costs no slot: the same client then is served by a server that is trusted, on all slots.
The handshakes fail at the same time, and which of them ends first is chance: httpcore 0.14.2 forgets a connection twice
in about half of the runs (`ValueError`). One run that passes is not believed.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
DOORS = {"trusted": "tls", "untrusted": "untrusted", "misnamed": "misnamed"}


def load(variant: Variant) -> Load:
    """Handshakes that fail do so at once; the others find all slots at 2."""
    trusted = variant["server"] == "trusted"
    smoke = Request(
        id="",
        hold=1.0 if trusted else 0.0,
        pool_timeout=5.0,
        door=DOORS[variant["server"]],
        expected="ok" if trusted else "error",
    )
    after = smoke._replace(hold=1.0, door="tls", expected="ok", at=2.5)
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=9.5,
        requests=[smoke._replace(id="smoke-%d" % n) for n in range(LIMIT)]
        + [after._replace(id="after-%d" % n) for n in range(LIMIT)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="tls-smoke",
    requirement="A handshake with a trusted server succeeds, one with any other is an error, and none costs a slot.",
    references=("encode/httpcore#431", "encode/httpcore#433"),
    variants={"backend": ("asyncio", "trio"), "server": ("untrusted", "misnamed", "trusted")},
    load=load,
    body=body,
    repeats=6,
)
