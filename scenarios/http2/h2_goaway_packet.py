"""An answer and GOAWAY in one packet, and other frames of the connection behind them.

A server that ends a connection often sends the last answer, GOAWAY and what else is due at once, and a client reads all
of it together. The answer is whole, so its request is served, whatever follows: nothing (`packet=goaway`), a window
update, a ping, settings, or the body of that answer (`packet=data`): GOAWAY has named its stream as the last one. With
`packet=notice` GOAWAY only announces the end, and the server leaves it to the client to close the connection. With
`packet=unseen` another request is in flight, above the last stream; with `packet=none` the first request of all is, as
GOAWAY names no stream. A request that the server has not seen is sent again on a new connection.

In each of them the connection gets no further request, and its slot is free: later requests go to a new one.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

DOOR = "wire-h2?streams=4"
FAULTS = {"goaway": "goaway-behind", "unseen": "goaway-behind", "none": "goaway-now"}
"""The fault of each packet, where it has another name."""


def load(variant: Variant) -> Load:
    """The packet leaves at 1 unit; an unseen request starts at 0.75 and is done at 1.5. Four more start at 2.5."""
    packet = variant["packet"]
    fault = FAULTS.get(packet, "goaway-%s" % packet)
    one = Request(id="", hold=1.0, pool_timeout=4.0, door=DOOR)
    unseen = [one._replace(id="unseen", at=0.75, hold=0.5)] if packet == "unseen" else []
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=8.5,
        requests=[one._replace(id="last", fault=fault)]
        + unseen
        + [one._replace(id="after-%d" % n, at=2.5) for n in range(4)],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="h2-goaway-packet",
    requirement="A request whose answer arrives in one packet with GOAWAY is served, whatever frames follow it there, "
    "and the connection's slot is free for later requests.",
    references=("python-telegram-bot/python-telegram-bot#3556", "PrefectHQ/prefect#7442", "encode/httpcore#679"),
    variants={"packet": ("goaway", "notice", "unseen", "none", "window", "ping", "settings", "data")},
    load=load,
    body=body,
)
