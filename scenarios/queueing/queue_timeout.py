"""A queue that is longer than its pool timeout: PoolTimeout is due, for some of the tasks and at one moment.

`queue=long`: the first `limit` tasks are served at once and the next as soon as those are done; for all others the pool
timeout runs out before a third round could begin. A pool that serves fewer, that raises late or not at all, or that is
not intact afterwards is not correct. PoolTimeout where it is due is back-pressure, not a defect.

`queue=ghosts`: every slot is in use until all waiting requests have given up. Later requests are served as soon as a
slot is free, and no connection is opened for a request that has left. `queue=none`: no request has to wait: with a pool
timeout of zero a free slot is given all the same. `queue=pair`: two requests wait for the only slot; the second finds
it taken again when it is released, and still times out when it is due.

Some releases restart the wait of a request that lost a race for a slot, and the loser is a matter of chance: one run in
which no request lost is not trusted, and three in which one did are too few for a rate.
"""

from typing import Any, List

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 3
TASKS = 12


def load(variant: Variant) -> Load:
    """Long: rounds begin at 0, 2 and 4 units; all waits run out at 3. A pool that never gives up has served all at 8.

    Pair: one is served at 2 and the other times out at 3; a restarted wait is over at 4, when it is served.

    Ghosts: they give up at 1, half way through the only round; the others arrive at 1.5 and are served at 2.
    """
    requests = {
        "long": _group("task", TASKS, pool_timeout=3.0),
        "ghosts": [
            *(task._replace(ending="close") for task in _group("task", LIMIT, pool_timeout=3.0)),
            *_group("ghost", LIMIT, pool_timeout=1.0),
            *_group("other", LIMIT, pool_timeout=3.0, at=1.5),
        ],
        "pair": _group("task", 1, pool_timeout=3.0) + _group("other", 2, pool_timeout=3.0),
        "none": [*_group("task", LIMIT, pool_timeout=0.0), *_group("other", LIMIT, pool_timeout=0.0, at=3.0)],
    }[variant["queue"]]
    limit = 1 if variant["queue"] == "pair" else LIMIT
    return Load(
        limit=limit,
        max_keepalive=limit,
        keepalive_expiry=2.0,
        deadline=10.5,
        requests=requests,
        backend=variant["backend"],
    )


def _group(name: str, count: int, pool_timeout: float, at: float = 0.0) -> List[Request]:
    return [Request(id="%s-%02d" % (name, n), hold=2.0, pool_timeout=pool_timeout, at=at) for n in range(count)]


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="queue-timeout",
    requirement="PoolTimeout is raised when a wait reaches the pool timeout, neither sooner nor later, and never "
    "for a request that a fair queue would have served; a request that gave up has left the queue.",
    references=("encode/httpx#557", "encode/httpcore#502", "encode/httpcore#688", "encode/httpcore#822"),
    variants={"backend": ("asyncio", "trio"), "queue": ("long", "ghosts", "none", "pair")},
    load=load,
    body=body,
    repeats=6,
    core=True,
)
