"""Chains of redirects that the client follows: each answer frees its slot before the next hop takes one.

Every chain has four hops to one origin; with `queue=off` there are as many chains as slots, so that a hop which still
had the slot of the one before could never go on. With `queue=on` there are three times as many, and each hop queues
again. The first hop is held for a moment, the others are prompt: the model knows a chain as one request of that length,
which is what its slot is taken for.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 2
HOPS = 3


def load(variant: Variant) -> Load:
    """Chains of 0.4 units and a few prompt hops; three rounds on two slots are over after about 1.2 units.

    Hops of other chains come between those of one, so that the chains overlap: no wait is near its timeout.
    """
    chains = 3 * LIMIT if variant["queue"] == "on" else LIMIT
    chain = Request(id="", hold=0.4, pool_timeout=100.0, door="answers", fault="redirects-%d" % HOPS, ending="redirect")
    after = Request(id="", hold=1.0, pool_timeout=1.5, at=7.0, door="answers")
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT,
        keepalive_expiry=2.0,
        deadline=11.5,
        requests=[chain._replace(id="chain-%d" % n) for n in range(chains)]
        + [after._replace(id="after-%d" % n) for n in range(LIMIT)],
        backend=variant["backend"],
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="redirects",
    requirement="A redirect that a client follows frees its slot before the next hop takes one.",
    references=("encode/httpx#1171",),
    variants={"backend": ("asyncio", "trio"), "queue": ("on", "off")},
    load=load,
    body=body,
)
