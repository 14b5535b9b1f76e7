"""The caller's own code sends a request on the same client while it has a response of it.

A flow of authentication gets 401, asks for a new token on the same client, and has the request sent again (`by=auth`);
a response hook sends a request of its own (`by=hook`). With `answer=read` the code reads the answer first: its slot is
free then, so as many slots as answers are enough. With `answer=unread` each answer has a slot as long as the code runs,
which is the caller's choice, and there is one slot more than answers: on a pool where all slots have such answers no
token would ever come. Two at a time, three times; then as many requests as there are slots are served at once.
"""

from functools import partial
from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant
from ..own_code.asking_again import AskingAgain
from ..own_code.through import OwnCode, adapter_of

TOGETHER = 2
TIMES = 3
NESTING = 2 * TOGETHER * TIMES
"""Outer and nested requests."""


def load(variant: Variant) -> Load:
    """Pairs of an outer and a nested request, all prompt, every half unit; then all slots at once, at 2.5."""
    slots = TOGETHER if variant["answer"] == "read" else TOGETHER * TIMES + 1
    outer = Request(id="", hold=0.0, pool_timeout=2.5, door="answers")
    if variant["by"] == "auth":
        outer = outer._replace(fault="unauthorised")
    requests = []
    for n in range(TOGETHER * TIMES):
        name = "%s-%s-%d" % (variant["by"], variant["answer"], n)
        requests.append(outer._replace(id=name, at=n // TOGETHER * 0.5))
        requests.append(outer._replace(id="nested-%d" % n, fault=None, after=name))
    after = Request(id="", hold=1.0, pool_timeout=1.5, at=2.5, door="answers")
    return Load(
        limit=slots,
        max_keepalive=slots,
        keepalive_expiry=2.0,
        deadline=10.5,
        requests=requests + [after._replace(id="after-%d" % n) for n in range(slots)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    by, answer, _ = load.requests[0].id.split("-")
    asking = AskingAgain(adapter_of(driver), by, answer == "read")
    asking.nested = {str(r.after): partial(driver.fetch, r) for r in load.requests if r.after is not None}
    await OwnCode(driver, asking).play([r for r in load.requests[:NESTING] if r.after is None])
    # A nested request whose outer one fails is sent all the same: each request of a load ends in some way.
    await driver.beside(list(asking.nested.values()))
    await driver.play(load.requests[NESTING:])


SCENARIO = Scenario(
    id="nested-requests",
    requirement="An answer that was read has no slot while the caller's own code sends another request on the client.",
    references=("encode/httpx#1171",),
    variants={"backend": ("asyncio", "trio"), "answer": ("read", "unread"), "by": ("auth", "hook")},
    load=load,
    body=body,
)
