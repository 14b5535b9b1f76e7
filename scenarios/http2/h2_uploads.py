"""Several concurrent uploads on one HTTP/2 connection, together larger than its flow-control window.

Once they have used up the window of the connection, they wait until the server opens it again. Any of the requests may
read that update; the others have to learn of it from there, and not wait for something that has already arrived:
nothing else arrives until a response does. With `uploads=two` the first needs a part of the second window, and the
other gets the rest; with `uploads=many` some wait for their responses while others still have to send.
"""

from typing import Any, Dict, Tuple

from ..declaration.scenario import Load, Request, Scenario, Variant

KIB = 1024
UPLOADS: Dict[str, Tuple[int, int]] = {"two": (2, 96 * KIB), "many": (12, 16 * KIB)}
"""How many there are and their bytes; the window of a connection has 64 KiB, but for one byte."""


def load(variant: Variant) -> Load:
    """All are sent at once and end at 4 units; an upload that waits for a response first ends at 8 or later."""
    tasks, size = UPLOADS[variant["uploads"]]
    door = "wire-h2?streams=%d" % tasks
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=6.5,
        requests=[
            Request(id="upload-%02d" % n, hold=4.0, pool_timeout=3.0, door=door, body=size) for n in range(tasks)
        ],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="h2-uploads",
    requirement="Uploads on one HTTP/2 connection continue as soon as its window is open, whichever request reads "
    "that it is.",
    references=("pydantic/httpx2#1163",),
    variants={"uploads": ("two", "many")},
    load=load,
    body=body,
    repeats=3,
)
