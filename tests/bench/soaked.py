"""A mixed load that is watched for long: `soaked.py CLIENT SECONDS SERVER`, in the environment of a release.

Each lane has a client of its own: tasks on asyncio or trio, or threads, with HTTP/1.1 or HTTP/2. Requests are read,
left in mid-body, cancelled, timed out and refused, while another thread looks at the pools all the time. A round ends
after some seconds, or when a look reports a slot lost; then the slots are counted at the server's barrier, and what the
looks reported is compared. A client that lost a slot is replaced. Each round is a line of JSON. Python 3.8 syntax.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import random
import ssl
import sys
import threading
import time
import traceback
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from poolgate import watch

CLIENT, SECONDS, SERVER = sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3])
MODULE: Any = importlib.import_module(CLIENT)
BEGAN = time.monotonic()
END = BEGAN + SECONDS
PRINTING = threading.Lock()
GRACE = 1.0
"""Seconds between the two looks of a leak: the default of `install()`."""
LOOKS = 0.2
"""Seconds between two looks during the load."""
ROUND = 20.0
BURSTS = 2.5
"""Seconds from the start of a burst to that of the next."""
LONGEST = 3.0
"""Seconds that a request of the load may take: a pool without a slot serves none."""
BOUND = 4.0
"""Seconds that the barrier waits for the last request of a count."""
LANES = [("asyncio", "h1"), ("asyncio", "h2"), ("trio", "h1"), ("threads", "h1"), ("threads", "h2")]
TRUSTED = ssl.create_default_context(cadata=SERVER["ca"])
TRUSTED_H2 = ssl.create_default_context(cadata=SERVER["ca"])
TRUSTED_H2.set_alpn_protocols(["h2", "http/1.1"])


class Plan:
    """What one request of the load does, at random."""

    def __init__(self, dice: random.Random, origins: list[str], cell: str) -> None:
        base = f"{dice.choice(origins)}/cells/{cell}/"
        self.ending = dice.choice(["read", "read", "read", "leave"])
        self.body = b"." * 20_000 if dice.random() < 0.1 else b""
        self.url = f"{base}{'upload' if self.body else 'sleep'}?request=r&phase=load&seconds={dice.random() * 0.03:.3f}"
        if self.ending == "leave" and not self.body and dice.random() < 0.5:
            self.url = f"{base}stream?request=r&phase=load&size=100&seconds=0.02"
        if dice.random() < 0.04:
            self.url = SERVER["refused"]
        self.method = "POST" if self.body else "GET"
        self.timeout = MODULE.Timeout(LONGEST, **dice.choice([{}, {}, {}, {"read": 0.01}, {"pool": 0.005}]))
        self.cancelled = dice.choice([None, None, None, "scope", "once", "twice", "wait_for"])
        self.patience = dice.random() * 0.04

    def options(self) -> dict[str, Any]:
        return {"content": self.body, "timeout": self.timeout} if self.body else {"timeout": self.timeout}


class Lane:
    """One client after the other, and the rounds of its load."""

    def __init__(self, number: int, kind: str, link: str) -> None:
        self.name = f"{kind} {link}"
        self.kind = kind
        self.http2 = link == "h2"
        self.limits = [4 + 2 * number, 5 + 2 * number]
        """The limit of a client and of the next one: it identifies the pool among those that are watched."""
        self.dice = random.Random(self.name)
        self.client: Any = None
        self.rounds = 0
        self.sent = 0
        self.errors: Counter[str] = Counter()
        self.worst = 0
        """The slots that a look of this round reported as lost, the limit for a pool that is dead."""
        self.other: str | None = None
        """A verdict of this round that a load without held responses must not have."""

    @property
    def limit(self) -> int:
        return self.limits[0]

    @property
    def origins(self) -> list[str]:
        """With HTTP/2 one origin for each slot: a stream that is lost leaves its slot to requests to its origin."""
        origins: list[str] = SERVER["h2"][: self.limit] if self.http2 else SERVER["h1"]
        return origins

    def open(self) -> None:
        """Open the next client."""
        self.limits.reverse()
        limits = MODULE.Limits(max_connections=self.limit, max_keepalive_connections=self.limit, keepalive_expiry=60.0)
        make = MODULE.Client if self.kind == "threads" else MODULE.AsyncClient
        context = TRUSTED_H2 if self.http2 else TRUSTED
        self.client = make(limits=limits, http2=self.http2, verify=context, trust_env=False, timeout=LONGEST)

    def seen(self, state: watch.PoolState) -> None:
        """Note what a look during the load reported."""
        self.worst = max(self.worst, lost_in(state))
        if state.verdict == "held-by-caller":
            self.other = state.verdict

    def failed(self, error: Exception) -> None:
        """Note why a request of the count failed."""
        self.errors[f"count: {type(error).__name__}"] += 1

    def goes_on(self, until: float) -> bool:
        return time.monotonic() < min(until, END) and not self.worst

    def plans(self) -> list[Plan]:
        """Return the requests of a burst: more than there are slots."""
        count = self.limit + self.dice.randrange(self.limit)
        self.sent += count
        return [Plan(self.dice, self.origins, self.cell) for _ in range(count)]

    @property
    def cell(self) -> str:
        return f"{CLIENT}-{self.name.replace(' ', '-')}-{self.rounds}"

    def probes(self, phase: str) -> list[str]:
        """Return one URL of the barrier for each slot, in turns over the origins."""
        ask = f"barrier?request=r&phase={phase}&want={self.limit}&bound={BOUND}"
        return [f"{self.origins[n % len(self.origins)]}/cells/{self.cell}/{ask}" for n in range(self.limit)]

    def report(self, usable: int, state: watch.PoolState) -> bool:
        """Print the round; returns whether its client is replaced."""
        row = {
            "lane": self.name,
            "elapsed": round(time.monotonic() - BEGAN),
            "limit": self.limit,
            "sent": self.sent,
            "lost": self.limit - usable,
            "said": lost_in(state),
            "said in the load": self.worst,
            "other": self.other,
            "verdict": state.verdict,
            "errors": self.errors,
            "slots": [[slot.kind, slot.ending.what, slot.ending.inside] for slot in state.lost],
        }
        with PRINTING:
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()
        with suppress(OSError):
            asked = urllib.request.Request(f"{SERVER['h1'][0]}/cells/{self.cell}", method="DELETE")
            urllib.request.urlopen(asked, timeout=10.0).close()
        self.rounds += 1
        self.sent, self.worst, self.other = 0, 0, None
        self.errors.clear()
        return usable < self.limit or bool(state.lost)


def lost_in(state: watch.PoolState) -> int:
    """Return how many slots a state reports as lost: all of them in a pool that is dead."""
    lost = sum(slot.kind == "connection" for slot in state.lost)
    return state.limit or 0 if state.verdict == "dead" else lost


def state_of(limit: int) -> watch.PoolState | None:
    """Return the state of the newest pool with a limit."""
    return next((state for state in reversed(watch.pools()) if state.limit == limit), None)


async def on_tasks(lane: Lane) -> None:
    """Run the rounds of a lane with tasks."""
    import anyio

    async def opened(plan: Plan) -> None:
        if plan.ending == "read":
            await lane.client.request(plan.method, plan.url, **plan.options())
            return
        async with lane.client.stream(plan.method, plan.url, **plan.options()) as response:
            async for _ in response.aiter_raw():
                break

    async def native(plan: Plan) -> None:
        """Cancel a task of asyncio, once or twice, or by `wait_for`."""
        task = asyncio.ensure_future(opened(plan))
        if plan.cancelled == "wait_for":
            await asyncio.wait_for(task, plan.patience)
            return
        await asyncio.wait([task], timeout=plan.patience)
        for _ in range(2 if plan.cancelled == "twice" else 1):
            task.cancel()
            await asyncio.sleep(0)
        with suppress(asyncio.CancelledError):
            await task

    async def one(plan: Plan) -> None:
        try:
            with anyio.move_on_after(plan.patience if plan.cancelled == "scope" else LONGEST):
                await (native if lane.kind == "asyncio" and plan.cancelled not in (None, "scope") else opened)(plan)
        except Exception as error:  # whatever a release raises, a defect of its own too
            lane.errors[type(error).__name__] += 1

    async def count(phase: str) -> int:
        met = [0]

        async def probe(url: str) -> None:
            try:
                answer = await lane.client.get(url, timeout=MODULE.Timeout(30.0, pool=2 * BOUND))
                met.append(answer.json()["together"])
            except Exception as error:
                lane.failed(error)

        async with anyio.create_task_group() as group:
            for url in lane.probes(phase):
                group.start_soon(probe, url)
        return max(met)

    while time.monotonic() < END:
        if lane.client is None:
            lane.open()
        until = time.monotonic() + ROUND
        while lane.goes_on(until):
            since = time.monotonic()
            async with anyio.create_task_group() as group:
                for plan in lane.plans():
                    group.start_soon(one, plan)
            await anyio.sleep(max(0.0, since + BURSTS - time.monotonic()))
        state_of(lane.limit)
        await anyio.sleep(1.5 * GRACE)
        state = state_of(lane.limit)
        usable = await count("first")
        if usable < lane.limit:
            usable = max(usable, await count("again"))
        if state is not None and lane.report(usable, state):
            with suppress(Exception), anyio.move_on_after(LONGEST):
                await lane.client.aclose()
            lane.client = None
            gc.collect()


def on_threads(lane: Lane) -> None:
    """Run the rounds of a lane with threads."""

    def one(plan: Plan) -> None:
        try:
            if plan.ending == "read":
                lane.client.request(plan.method, plan.url, **plan.options())
                return
            with lane.client.stream(plan.method, plan.url, **plan.options()) as response:
                next(response.iter_raw(), None)
        except Exception as error:  # whatever a release raises, a defect of its own too
            lane.errors[type(error).__name__] += 1

    def probe(url: str) -> int:
        try:
            return int(lane.client.get(url, timeout=MODULE.Timeout(30.0, pool=2 * BOUND)).json()["together"])
        except Exception as error:
            lane.failed(error)
            return 0

    with ThreadPoolExecutor(2 * max(lane.limits)) as threads:
        while time.monotonic() < END:
            if lane.client is None:
                lane.open()
            until = time.monotonic() + ROUND
            while lane.goes_on(until):
                since = time.monotonic()
                list(threads.map(one, lane.plans()))
                time.sleep(max(0.0, since + BURSTS - time.monotonic()))
            state_of(lane.limit)
            time.sleep(1.5 * GRACE)
            state = state_of(lane.limit)
            usable = max(threads.map(probe, lane.probes("first")))
            if usable < lane.limit:
                usable = max(usable, *threads.map(probe, lane.probes("again")))
            if state is not None and lane.report(usable, state):
                with suppress(Exception):
                    lane.client.close()
                lane.client = None
                gc.collect()


def run(lane: Lane) -> None:
    """Run the rounds of a lane until the end; an error of the lane is printed at once."""
    import anyio

    try:
        if lane.kind == "threads":
            on_threads(lane)
        else:
            anyio.run(on_tasks, lane, backend=lane.kind)
    except BaseException:
        print(lane.name, traceback.format_exc(), file=sys.stderr, flush=True)
        raise


def main() -> None:
    for backend in ("asyncio", "trio"):
        # Lanes that begin at once would import them at once, and an import that another thread waits for may fail.
        importlib.import_module("anyio._backends._" + backend)
    watch.install(grace=GRACE, held_after=2 * LONGEST)
    lanes = [Lane(number, *lane) for number, lane in enumerate(LANES)]
    with ThreadPoolExecutor(len(lanes)) as executor:
        running = [executor.submit(run, lane) for lane in lanes]
        while not all(future.done() for future in running):
            states = {state.limit: state for state in watch.pools()}
            for lane in lanes:
                if lane.limit in states:
                    lane.seen(states[lane.limit])
            time.sleep(LOOKS)
    for future in running:
        future.result()


if __name__ == "__main__":
    main()
