"""Several uploads at once on one HTTP/2 connection, each of them larger than what may be sent unasked.

Who has used up the window of the connection waits until the server opens it again; the word of that is read by
whichever request happens to read. All of them have to learn of it, or they wait for something that has come already.
"""

from typing import Any

from .worker.declaration import Load, Request, Scenario, Variant

DOOR = "wire-h2?streams=8"
TASKS = 8
WINDOWS = {"small": 4 * 1024, "large": 512 * 1024}
"""Bytes of a body: all of them fit in the window that HTTP/2 begins with, 65,535 bytes, or not even one does."""


def load(variant: Variant) -> Load:
    """Eight uploads at once; sending all of them takes less than a unit."""
    return Load(
        limit=1,
        max_keepalive=1,
        keepalive_expiry=2.0,
        deadline=8.5,
        requests=[
            Request(id="upload-%d" % n, hold=1.0, pool_timeout=6.5, door=DOOR, body=WINDOWS[variant["body"]])
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
