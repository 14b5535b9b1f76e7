"""A server that fails some requests of threads: `server-fault` for the synchronous client.

A thread blocks and notices less than a task: it does not read while it sends. An answer that arrives before an upload
has ended (`early-answer`) is found only by a client that looks for it once sending fails.
"""

from ..declaration.scenario import Scenario
from ..failures.server_fault import FAULTS, body, load

FIRST = "early-answer"

SCENARIO = Scenario(
    id="threads-fault",
    requirement="A request of a thread that its server fails costs no other thread anything, and its slot is free at "
    "once.",
    references=("encode/httpcore#433", "encode/httpcore#641", "encode/httpcore#723"),
    variants={"fault": (FIRST, *(name for name in FAULTS if name != FIRST)), "queue": ("yes", "no")},
    load=load,
    body=body,
    threads=True,
)
