"""Several uploads at once on one HTTP/2 connection, together larger than what may be sent unasked.

Once they have used up the window of the connection, they wait until the server opens it again. The word of that is read
by whichever request happens to read; the others have to learn of it from there, and not wait on for something that has
come already: nothing else comes until a response does. Of `uploads=two` the first needs a part of the second window,
and the rest of it is for the other; with `uploads=many` some wait for their responses while others still have to send.
"""

from typing import Any, Dict, Tuple

from ..declaration.scenario import Load, Request, Scenario, Variant

KIB = 1024
UPLOADS: Dict[str, Tuple[int, int]] = {"two": (2, 96 * KIB), "many": (12, 16 * KIB)}
"""How many there are and their bytes; the window of a connection has 64 KiB, but for one byte."""


def load(variant: Variant) -> Load:
    """All are sent in no time and end at 4 units; who has to wait for a response first ends at 8 or later."""
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
    requirement="Uploads on one HTTP/2 connection go on as soon as its window is open, whoever reads that it is.",
    references=("pydantic/httpx2#1163",),
    variants={"uploads": ("two", "many")},
    load=load,
    body=body,
    repeats=3,
)
