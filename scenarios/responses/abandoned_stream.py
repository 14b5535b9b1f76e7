"""Bodies that are not read to their end: the caller stops after one piece, and closes the response.

The body would go on for ever, so only closing can end the lease, and the connection can't be used afterwards. One after
another, then all at once: no slot may be lost, and no request has to wait.

With `read=lines` the caller reads lines of text, which nested generators make from the pieces, and then the event loop
ends with the client. Closing the response has to have closed them all: a loop that ends cleans up the rest, and reports
an error where that raises.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 2
REQUESTS = 6


def load(variant: Variant) -> Load:
    """Six that are abandoned, one after another or all at once, then as many as there are slots."""
    names = ["abandoned-%d" % n for n in range(REQUESTS)]
    abandoned = [
        Request(
            id=name,
            hold=0.0,
            pool_timeout=2.5,
            ending="lines" if variant["read"] == "lines" else "break",
            endless=True,
            after=names[n - 1] if n and variant["queue"] == "off" else None,
        )
        for n, name in enumerate(names)
    ]
    after = [Request(id="after-%d" % n, hold=1.0, pool_timeout=1.5, at=4.0) for n in range(LIMIT)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=8.0,
        requests=abandoned + after,
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    last = [request for request in load.requests if request.ending == "lines"]
    if last:
        await driver.leave(last)
        await driver.renew()
    await driver.play([request for request in load.requests if request not in last])


SCENARIO = Scenario(
    id="abandoned-stream",
    requirement="A response that is closed after a part of its body returns its slot at once.",
    references=("encode/httpx#1315", "encode/httpx#1316", "pydantic/httpx2#1204"),
    variants={"backend": ("asyncio", "trio"), "queue": ("off", "on"), "read": ("bytes", "lines")},
    load=load,
    body=body,
)
