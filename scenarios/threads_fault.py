"""A server that fails some requests of threads: what `server-fault` asks of tasks, asked of the synchronous client.

Each thread has its own connection in its hands and blocks in it, so it sees less than a task does: who sends does not
read meanwhile. An answer that comes before an upload has ended is found only by who looks for it once sending fails.
"""

from typing import Any

from . import server_fault
from .worker.declaration import Load, Scenario, Variant


def load(variant: Variant) -> Load:
    """That of the tasks."""
    return server_fault.load(dict(variant, backend="asyncio"))


async def body(driver: Any, load: Load) -> None:
    for at in sorted({request.at for request in load.requests}):
        await driver.gather([request for request in load.requests if request.at == at])


SCENARIO = Scenario(
    id="threads-fault",
    requirement="A request of a thread that its server fails costs no other thread anything, and its slot is free at "
    "once.",
    references=("encode/httpcore#641", "encode/httpcore#723", "encode/httpcore#433"),
    variants={
        "fault": ("early-answer", *(name for name in server_fault.FAULTS if name != "early-answer")),
        "queue": ("yes", "no"),
    },
    load=load,
    body=body,
    threads=True,
)
