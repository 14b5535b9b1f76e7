"""Several uploads at once on one HTTP/2 connection, together larger than what may be sent unasked.

Once they have used up the window of the connection, most of them wait until the server opens it again, which it does
for all of them at once. The word of that is read by whichever request happens to read; the others have to learn of it
from there, and not wait on for something that has come already. A client that misses it is not stuck for good: each
response that comes later wakes one more of the uploads.
"""

from typing import Any

from .worker.declaration import Load, Request, Scenario, Variant

TASKS = 12
DOOR = "wire-h2?streams=%d" % TASKS
BODIES = {"large": 16 * 1024, "small": 4 * 1024}
"""Bytes of each: of the large ones three fit in the window that HTTP/2 begins with, 65,535 bytes; all small ones do."""


def load(variant: Variant) -> Load:
    """Twelve uploads at once, sent in no time; each response that is waited for in vain costs two units."""
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=6.5,
        requests=[
            Request(id="upload-%02d" % n, hold=2.0, pool_timeout=5.0, door=DOOR, body=BODIES[variant["body"]])
            for n in range(TASKS)
        ],
        http2=True,
    )


async def body(driver: Any, load: Load) -> None:
    await driver.gather(load.requests)


SCENARIO = Scenario(
    id="h2-uploads",
    requirement="Uploads on one HTTP/2 connection go on whenever its window opens, whoever reads that it did.",
    references=("pydantic/httpx2#1163",),
    variants={"body": ("large", "small")},
    load=load,
    body=body,
    repeats=3,
)
