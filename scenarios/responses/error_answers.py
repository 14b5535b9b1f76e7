"""Answers with an error status, after which clients send the same request again: 429 and 503.

The server refuses each request on its first visit, with a whole answer, and serves it on the next one. The client by
itself returns the answer to its caller, who reads it. A client that sends the request again has two answers, of which
it returns one: the slot of the other is the client's to free. So a client with a retry layer (`--client`) that drops an
answer fails here, and the pool below it is not at fault: with its default client the same release passes. An error that
a client makes of a status is an answer as well. More requests than slots, one after another; then as many as there are
slots are served at once.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..declaration.shapes import one_after_another
from ..own_code.answered import Answered
from ..own_code.through import OwnCode, adapter_of

LIMIT = 2
TIMES = 5


def load(variant: Variant) -> Load:
    """Five answers at once after each other, then two served requests; none ever waits for a slot."""
    refused = Request(id="", hold=0.0, pool_timeout=1.5, door="answers", fault="status-" + variant["status"])
    requests = [refused._replace(id="refused-%d" % n) for n in range(TIMES)]
    served = Request(id="", hold=0.5, pool_timeout=1.5, door="answers")
    requests += [served._replace(id="served-%d" % n) for n in range(LIMIT)]
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=14.5,
        requests=one_after_another(requests),
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await OwnCode(driver, Answered(adapter_of(driver))).play(load.requests)


SCENARIO = Scenario(
    id="error-answers",
    requirement="An answer with an error status returns its slot; a client that sends the request again frees the slot "
    "of the answer that its caller does not get.",
    references=("encode/httpx#1171", "openai/openai-python#763"),
    variants={"backend": ("asyncio", "trio"), "status": ("429", "503")},
    load=load,
    body=body,
    core=True,
)
"""`core`: with a user's own client it tests the layers that the user wrote around a client."""
