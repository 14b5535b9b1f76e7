"""A server that fails some requests of threads: what `server-fault` asks of tasks, asked of the synchronous client.

A thread blocks in what it does, and sees less than a task: who sends does not read meanwhile. An answer that comes
before an upload has ended (`early-answer`) is found only by who looks for it once sending fails.
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
