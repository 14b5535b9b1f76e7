"""The worker: one plan in, one history out.

The protocol: the plan arrives as one line of JSON on stdin; records go to the descriptor that `--history-fd` names;
after `ready` the worker waits for the line `go`. It has the plan's `startup` in seconds until it is ready, and its
`lifetime` from `go`; it never outlives its harness (stdin ends). Exit codes: 0 the history is complete (`done`, or
`unsupported` with the reason), 64 the plan can't be read, 70 the worker itself failed (a `failure` record describes
it), 71 the harness is gone.
"""

import argparse
import http.client
import importlib
import importlib.util
import json
import os
import platform
import random
import signal
import sys
import threading
import time
import traceback
from functools import partial
from typing import Any, Dict, List

from .. import declared
from ..clients import Client, Link, Unsupported, client_for
from ..declaration.scenario import HAND, Job, load_from_plain
from .backends.base import Way, Work, way_of
from .doors import Doors
from .driver import PATIENCE, Driver, open_client
from .failure import describe
from .heartbeat import Heartbeat
from .recorder import Recorder

PLAN_VERSION = 1
EX_USAGE, EX_SOFTWARE, EX_ORPHAN = 64, 70, 71
COUNT_DEADLINE = 8.0
"""Units after which a count ends, whatever hangs."""
GRACE = 1.0
"""Units that a cancelled load has to end in."""

ANSWERED = 10.0
"""Seconds in which a server that is well answers."""

ALARM = 30
"""Seconds beyond the harness's bound after which the system ends a worker that is still alive."""


def main(arguments: List[str]) -> int:
    """Run the plan on stdin in this process; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--history-fd", type=int, required=True)
    return run_plan(Recorder(parser.parse_args(arguments).history_fd))


def run_plan(record: Recorder, warm: bool = False) -> int:
    """Run the plan on stdin; returns the exit code. `warm`: this process has imported its client and warmed up."""
    try:
        plan = read_plan()
    except (ValueError, KeyError, AssertionError) as error:
        record("failure", reason="the plan can't be read: %r" % (error,))
        return EX_USAGE
    end_after(plan["startup"])
    random.seed(plan["seed"])
    try:
        Worker(plan, record).run(warm)
    except Unsupported as error:
        record("unsupported", reason=str(error))
    except Exception:
        record("failure", reason=traceback.format_exc()[-4000:])
        return EX_SOFTWARE
    return 0


def read_plan() -> Dict[str, Any]:
    """Return the plan on stdin; raises ValueError, KeyError or AssertionError for anything else."""
    plan: Dict[str, Any] = json.loads(sys.stdin.readline())
    assert (plan["schema"], plan["version"]) == ("poolgate/plan", PLAN_VERSION)
    return plan


def warm_up(client: Client, plan: Dict[str, Any]) -> None:
    """Send one request of each kind on a throw-away pool: lazy imports delay a first one by tens of milliseconds."""
    way = way_of(load_from_plain(plan["load"]).backend)
    way.run_aside(partial(_throw_away, way, client, plan))


def answers(server: Dict[str, Any]) -> bool:
    """Return True where the server answers a request of the standard library."""
    connection = http.client.HTTPConnection(server["host"], server["port"], timeout=ANSWERED)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


async def _throw_away(way: Way, client: Client, plan: Dict[str, Any]) -> None:
    load, doors = load_from_plain(plan["load"]), Doors(plan)
    warm = ["plain", *(door for door in load.doors if door == "tls")]
    # A slot for each: some pools keep an idle connection to one origin while another origin has none.
    roomy = load._replace(limit=max(load.limit, len(warm)))
    open_client(client, roomy, plan["unit"], doors.link(load, warm=True))
    for door in warm:
        await client.get(doors.origin(door) + "/health", PATIENCE * plan["unit"], "read")
    await client.close()
    if importlib.util.find_spec("anyio") is not None:
        # For any load of this plan: a fork server warms up for every load that follows.
        await way.cancel_scope([], 0.0)


class Worker:
    def __init__(self, plan: Dict[str, Any], record: Recorder) -> None:
        self._plan = plan
        self._record = record
        self._unit = float(plan["unit"])
        self._load = load_from_plain(plan["load"])
        self._scenario = declared()[plan["scenario"]]
        self._way = way_of(self._load.backend)

    def run(self, warm: bool) -> None:
        factory = self._plan.get("factory")
        client = client_for(self._import_client(), self._scenario.threads, factory)
        # Another process has warmed up our own client, not one from a user's factory.
        if not warm or factory:
            self._warm_up(client)
        if self._scenario.run is not None:
            self._begin()
            self._scenario.run(self._job())
        else:
            self._way.run(partial(self._whole, client))
        self._record("done")

    def _warm_up(self, client: Client) -> None:
        """Warm up; raises Unsupported where the first request fails though the server answers others.

        A timeout may be a late machine's: it is raised as it is.
        """
        try:
            warm_up(client, self._plan)
        except Unsupported:
            raise
        except Exception as error:
            if "Timeout" in type(error).__name__ or not answers(self._plan["server"]):
                raise
            raise Unsupported("its first request ends in %r" % (error,)) from None

    def _job(self) -> Job:
        doors = Doors(self._plan)
        return Job(
            fresh=partial(self._fresh, doors.link(self._load)),
            record=self._record,
            variant=self._plan["variant"],
            load=self._load,
            unit=self._unit,
            server=doors.address(HAND if HAND in self._load.doors else "plain"),
            cell=self._plan["cell"],
            base=doors.cell(self._load.door),
            counted=doors.cell(self._load.counted_door),
        )

    def _fresh(self, link: Link) -> Client:
        client = client_for(sys.modules[self._plan["client"]], self._scenario.threads)
        open_client(client, self._load, self._unit, link)
        return client

    def _begin(self) -> None:
        """Report that everything is ready, and wait until the harness sends `go`."""
        self._record("ready")
        if sys.stdin.readline() != "go\n":
            os._exit(EX_ORPHAN)
        end_after(self._plan["lifetime"])
        threading.Thread(target=_end_with_harness, daemon=True).start()

    def _import_client(self) -> Any:
        try:
            module = importlib.import_module(self._plan["client"])
        except ImportError as error:
            if error.name == self._plan["client"]:
                raise
            raise Unsupported("it can't be imported on Python %s: %s" % (platform.python_version(), error)) from None
        self._record(
            "hello",
            python=platform.python_version(),
            client=module.__name__,
            client_file=module.__file__,
            client_version=getattr(module, "__version__", None),
            path=sys.path,
        )
        return module

    async def _whole(self, client: Client) -> None:
        doors = Doors(self._plan)
        open_client(client, self._load, self._unit, doors.link(self._load))
        self._begin()
        heartbeat = Heartbeat(self._way, self._record, self._unit)
        driver = Driver(self._way, client, self._record, doors, self._load, self._unit, heartbeat)
        heartbeat.start()
        await self._phases(driver)
        heartbeat.stop()
        await self._close(client)

    async def _close(self, client: Client) -> None:
        """Close the client; a failure is recorded only, as some pools refuse to close once they have lost a slot."""
        try:
            await client.close()
        except Exception as error:
            self._record("close-failed", **describe(error))

    async def _phases(self, driver: Driver) -> None:
        """Run the load, count the slots half a unit later, and count them again once idle connections have expired."""
        await self._phase("burst", self._load.deadline, lambda: self._scenario.body(driver, self._load))
        if self._scenario.threads:
            await driver.stragglers()
        await driver.settle()
        await self._phase("first", COUNT_DEADLINE, lambda: driver.count("first"))
        await driver.expire()
        await self._phase("final", COUNT_DEADLINE, lambda: driver.count("final"))

    async def _phase(self, name: str, deadline: float, work: Work) -> None:
        """Run work to its end or its deadline in units; work that hangs is recorded, cancelled, and then abandoned."""
        cpu = time.process_time()
        self._record("phase-start", phase=name)
        told = partial(self._record, "deadline", phase=name)
        await self._way.within(work, deadline * self._unit, told, GRACE * self._unit)
        self._record("phase-end", phase=name, cpu=time.process_time() - cpu)


def end_after(seconds: float) -> None:
    """Set an alarm as the last resort for a stuck harness: it ends the worker some time after the harness should
    have.
    """
    signal.alarm(int(seconds) + ALARM)


def _end_with_harness() -> None:
    """Wait in a separate thread for the end of stdin, which means that the harness is gone."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(EX_ORPHAN)
