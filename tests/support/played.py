"""Any load, played for real: on a target's environment, against the server and its doors, and judged."""

from __future__ import annotations

from poolgate.environments.build import environment_for
from poolgate.measurement.server_pool import ServerPool
from poolgate.measurement.worker import run_worker
from poolgate.measurement.worker_start import WorkerStarter
from poolgate.processes import Processes
from poolgate.protocol.history import History, merge
from poolgate.protocol.plan import STARTUP, Plan, longest
from poolgate.scenarios.declaration.scenario import Load, Request, load_to_plain
from poolgate.targets.parse import parse
from poolgate.verdict.judge import judge
from poolgate.verdict.judgement import Judgement
from support.environments import built

CELL = "played-0"
UNIT = 0.15
"""Seconds: more than a matrix needs, so that a machine which does other things as well rarely is late."""


def loaded(*requests: Request, limit: int = 2, **changes: object) -> Load:
    """A load whose connections stay idle for two units."""
    load = Load(limit, limit, 2.0, deadline=9.0, requests=list(requests))
    return load._replace(**changes)  # type: ignore[arg-type]


def played(
    load: Load, spec: str, extras: tuple[str, ...] = (), scenario: str = "gather-over-limit"
) -> tuple[Judgement, History]:
    """What a target makes of a load: its requests all at once, as the scenario has them."""
    processes = Processes()
    environment = environment_for(processes, parse(spec), extras) if extras else built(spec)
    with WorkerStarter(processes) as starter, ServerPool(processes) as servers, servers.borrow() as server:
        plan = Plan(
            cell=CELL,
            scenario=scenario,
            variant={},
            client=environment.client,
            server=server.with_doors(load.doors),
            unit=UNIT,
            startup=STARTUP,
            lifetime=longest(load) * UNIT + 5.0,
            seed=0,
            load=load_to_plain(load),
        )
        records = run_worker(starter, environment.interpreter, plan)
        history = merge([*records, *server.account(CELL)])
    return judge(history), history
