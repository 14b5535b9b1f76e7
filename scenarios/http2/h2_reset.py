"""One stream of several is reset, or their connection is.

With `fault=reset-stream` the one request fails, and the others on the connection are served. With the other faults the
connection itself breaks, before the response or in the middle of it, and all of its requests fail. Later requests are
served, on the same connection or on a new one, and every stream of it can be used.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

DOOR = "wire-h2?streams=4"


def load(variant: Variant) -> Load:
    """The fault occurs at 1 unit, the others would end at 2; four more start at 2.5 and are served at once.

    Half a unit later a broken connection that counts as idle since 1 has expired.
    """
    fault = variant["fault"]
    one = Request(id="", hold=1.0, pool_timeout=4.0, door=DOOR)
    beside = one._replace(hold=2.0, expected="ok" if fault == "reset-stream" else "error")
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=8.5,
        requests=[beside._replace(id="beside-%d" % n) for n in range(2)]
        + [one._replace(id="broken", fault=fault, expected="error")]
        + [one._replace(id="after-%d" % n, at=2.5) for n in range(4)],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="h2-reset",
    requirement="A stream that is reset costs its own request and no other; a connection that breaks costs those that "
    "are on it; neither costs a slot or a stream of those that follow.",
    references=("encode/httpcore#433", "encode/httpcore#679"),
    variants={"fault": ("reset-head", "reset-body", "close-head", "close-body", "reset-stream")},
    load=load,
    body=body,
)
