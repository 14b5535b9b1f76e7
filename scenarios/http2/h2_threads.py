"""More threads to one origin than one HTTP/2 connection may carry: `h2-streams` for threads.

Each thread reads from the shared connection, and may read what another one waits for.
"""

from ..declaration.scenario import Scenario
from .h2_streams import body, load

SCENARIO = Scenario(
    id="h2-threads",
    requirement="Threads share an HTTP/2 connection up to its server's stream limit; beyond it they have a second "
    "connection where there is a slot, or wait, no longer than their pool timeout.",
    references=("encode/httpcore#89", "encode/httpcore#652", "encode/httpcore#1088"),
    variants={"room": ("plenty", "rounds", "timeout", "second")},
    load=load,
    body=body,
    threads=True,
)
