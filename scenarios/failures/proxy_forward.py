"""More tasks than connections through an HTTP proxy: its connections count like any other.

With `via=forward` the proxy gets each URL, and one connection to it serves every origin; with `via=tunnel` it opens a
tunnel that carries TLS. Each task has to be served, as slots become free, and never more at once. With `queue=off`
there are no more tasks than slots at a time, and one connection more than may be kept: closing it gives up a slot.
"""

from typing import Any

from ..declaration.scenario import Load, Request, Scenario, Variant

LIMIT = 2
TASKS = 6


def load(variant: Variant) -> Load:
    """Three rounds of two; the last task is due after 2 units and may wait 6.5, or comes at 4 and has not to wait."""
    queue = variant["queue"] == "on"
    door = "plain" if variant["via"] == "forward" else "tls"
    return Load(
        limit=LIMIT,
        max_keepalive=LIMIT if queue else LIMIT - 1,
        keepalive_expiry=2.0,
        deadline=9.5,
        requests=[
            Request(id="task-%d" % n, hold=1.0, pool_timeout=6.5, door=door, at=0.0 if queue else n // LIMIT * 2.0)
            for n in range(TASKS)
        ],
        proxy="proxy",
    )


async def body(driver: Any, load: Load) -> None:
    await driver.play(load.requests)


SCENARIO = Scenario(
    id="proxy-forward",
    requirement="Connections to a proxy count as slots, are used again, and are free again afterwards.",
    references=("encode/httpcore#70",),
    variants={"via": ("forward", "tunnel"), "queue": ("on", "off")},
    load=load,
    body=body,
)
