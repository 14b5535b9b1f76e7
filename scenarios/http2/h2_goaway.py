"""A server that sends GOAWAY on a connection with requests in flight.

The connection may carry its streams up to the one that the server names, and no more; later requests go to a new one.
With `goaway=graceful` the server answers the requests in flight and ends the connection with the last of them; a client
may drop these requests here, as some versions of h2 read nothing after GOAWAY. With `goaway=served` it may not: this is
what HTTP/2 requires. With `goaway=abrupt` the connection ends at once. With `goaway=unseen` it does too, and the only
request in flight is one that the server declares unseen: it is sent again on a new connection, in the slot of the old
one or, with `goaway=spare`, in another. In each of them all other requests are served, and every slot is free again.

Which request reads the GOAWAY first is chance, and one run in which no request met it is not trusted.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

DOOR = "wire-h2?streams=4"


def load(variant: Variant) -> Load:
    """GOAWAY at 1 unit; two others are in flight until 2; one starts at 1.5, when there is no slot, and three at 3.

    The unseen request is rejected at 1 as well, and done at 1.5.
    """
    expected = "ok" if variant["goaway"] == "served" else "error"
    fault = "goaway-now" if variant["goaway"] in {"abrupt", "unseen", "spare"} else "goaway"
    one = Request(id="", hold=2.0, pool_timeout=4.0, door=DOOR, expected=expected)
    served = one._replace(hold=1.0, expected="ok")
    # Streams are numbered as requests begin: the other two are below the one that the server names as the last.
    flight = [one._replace(id="beside-%d" % n) for n in range(2)] + [one._replace(id="last", hold=1.0, fault=fault)]
    if variant["goaway"] in {"unseen", "spare"}:
        # One was served before: of a server that served none the last one would be 0.
        flight = [served._replace(id="before", hold=0.25), served._replace(id="unseen", at=0.5, hold=0.5, fault=fault)]
    limit = 2 if variant["goaway"] == "spare" else 1
    return Load(
        limit=limit,
        max_keepalive=limit,
        keepalive_expiry=2.0,
        deadline=8.5,
        requests=flight
        + [served._replace(id="meanwhile", at=1.5)]
        + [served._replace(id="after-%d" % n, at=3.0) for n in range(3)],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="h2-goaway",
    requirement="A connection whose server has sent GOAWAY gets no further request; those go to a new connection, "
    "and its slot is free once it is done.",
    references=(
        "encode/httpcore#46",
        "encode/httpcore#679",
        "encode/httpcore#730",
        "encode/httpcore#1066",
        "encode/httpcore#1084",
    ),
    variants={"goaway": ("graceful", "abrupt", "served", "unseen", "spare")},
    load=load,
    body=body,
    repeats=6,
)
