"""A server that fails some requests: the others are served, and no slot is lost to it.

Every slot is held by a request that meets the fault, while others wait for those slots (`queue=yes`) or nobody does
(`queue=no`). That is where it hurts: whoever cleans up after a broken connection has to free its slot and to wake the
next in the queue. Later requests, all slots at once, find the pool as good as new.

What a correct client reports differs. An answer without a length ends with its connection; one that is followed by a
FIN, at once (`half-close`) or once the connection went idle (`close-idle`), is an answer like any other, and the next
request opens a new connection instead. So is one to an upload that is still on its way
(`early-answer`: too large, says the server, ends the connection and reads no more): whoever can't send the rest looks
whether there is an answer. All else is an error, of the server's making, to the one who meets it and to nobody else:
also where it never answers (`stall-...`, a read timeout) or can't be reached (`refused`, `full`).
"""

from typing import Any, Dict, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
WAITING = 4
ANSWERED = ("no-length", "half-close", "close-idle", "early-answer")
"""Faults that come with a whole answer."""
FAULTS = (
    "refused",
    "full",
    "reset-head",
    "reset-body",
    "close-head",
    "close-body",
    "stall-head",
    "stall-body",
    "bad-head",
    "bad-chunk",
    *ANSWERED,
)
UPLOAD = 16 * 1024 * 1024
"""Bytes of an upload that is answered early: more than the system takes from a client whose server does not read."""
OTHERS: Dict[str, Dict[str, Any]] = {
    "refused": {"door": "refused", "fault": None, "hold": 0.0, "expected": "error"},
    "full": {"door": "full", "fault": None, "hold": 1.0, "connect_timeout": 1.0, "expected": "error"},
    "stall-head": {"hold": 20.0, "read_timeout": 1.0},
    "stall-body": {"hold": 20.0, "read_timeout": 1.0},
    "early-answer": {"body": UPLOAD},
}
"""What differs where nothing, or no more, comes from the server, or it has had enough."""


def load(variant: Variant) -> Load:
    """The faults happen at 1 unit, or at 0 where connecting is refused; the queue is over at 3, the rest starts at 4.

    Idle connections are closed at 2; who waits then comes at 2.5.
    """
    fault = variant["fault"]
    answered = fault in ANSWERED
    faulty = Request(
        id="", hold=1.0, pool_timeout=3.5, door="wire", fault=fault, expected="ok" if answered else "error"
    )._replace(**OTHERS.get(fault, {}))
    served = Request(id="", hold=0.5 if answered else 1.0, pool_timeout=4.0, door="wire")
    waiting = WAITING if variant["queue"] == "yes" else 0
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=8.0,
        deadline=9.5,
        requests=[
            *_named("faulty", faulty, LIMIT),
            *_named("waiting", served._replace(at=2.5 if answered else 0.0), waiting),
            *_named("later", served._replace(at=4.5), LIMIT),
        ],
        backend=variant.get("backend", "asyncio"),
    )


def _named(name: str, request: Request, count: int) -> List[Request]:
    return [request._replace(id="%s-%d" % (name, n)) for n in range(count)]


async def body(driver: Any, load: Load) -> None:
    for at in sorted({request.at for request in load.requests}):
        await driver.gather([request for request in load.requests if request.at == at])


SCENARIO = Scenario(
    id="server-fault",
    requirement="A request that its server fails costs other requests nothing: they are served, and its slot is "
    "free at once.",
    references=(
        "encode/httpcore#431",
        "encode/httpcore#433",
        "encode/httpcore#437",
        "encode/httpcore#365",
        "encode/httpcore#491",
        "encode/httpcore#641",
        "encode/httpx#230",
        "encode/httpx#627",
    ),
    variants={
        "backend": ("asyncio", "trio"),
        "fault": FAULTS,
        "queue": ("yes", "no"),
    },
    load=load,
    body=body,
)
