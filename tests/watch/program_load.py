"""A mixed load that is watched: `program_load.py FAMILY URL BACKEND,LINK,SECONDS`, on the pool of a family.

BACKEND is asyncio, trio or threads; LINK is plain, h2, proxy or tunnel. Requests are read, left unread and closed,
cancelled and timed out, while looks are made all the time; then the slots are counted. With 0 SECONDS one request to
each origin times out, and nothing else happens. Python 3.8 syntax.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import random
import ssl
import sys
import threading
import time
import urllib.request
from collections import Counter
from typing import Any

from poolgate import watch

LIMIT = 4
GRACE = 0.4
WORKERS = 10
FAMILY, URL, WORDS = sys.argv[1:4]
BACKEND, LINK, SECONDS = WORDS.split(",")
MODULE: Any = importlib.import_module(FAMILY)


def door(name: str) -> Any:
    """Open a door of the server; returns its address."""
    asked = urllib.request.Request(f"{URL}/doors/{name}".replace("#", "%23"), method="PUT")
    with urllib.request.urlopen(asked) as answer:
        return json.loads(answer.read())


def origins() -> list[str]:
    """Return the origins of the load: with HTTP/2 one for each slot, as their streams share a connection."""
    if LINK in ("plain", "proxy"):
        return [URL]
    names = ["tls"] if LINK == "tunnel" else ["h2", *(f"h2#{number}" for number in range(1, LIMIT))]
    return [f"https://localhost:{one['port']}" for one in DOORS(names)]


def DOORS(names: list[str]) -> list[Any]:
    found = [door(name) for name in names]
    CERTIFICATES.extend(one["ca"] for one in found)
    return found


CERTIFICATES: list[str] = []
ORIGINS = origins()


def made() -> Any:
    """Return the pool."""
    context = ssl.create_default_context(cadata="\n".join(CERTIFICATES)) if CERTIFICATES else None
    options: dict[str, Any] = {"max_connections": LIMIT, "ssl_context": context}
    if LINK == "h2":
        options["http2"] = True
    kind = "ConnectionPool"
    if LINK in ("proxy", "tunnel"):
        kind = "HTTPProxy"
        options["proxy_url"] = f"http://127.0.0.1:{door('proxy')['port']}"
    return getattr(MODULE, kind if BACKEND == "threads" else "Async" + kind)(**options)


def request(path: str, origin: str, read: float = 30.0, pool: float = 30.0) -> Any:
    times = {"connect": 30.0, "read": read, "write": 30.0, "pool": pool}
    host = origin.partition("://")[2]
    return MODULE.Request("GET", origin + path, headers={"Host": host}, extensions={"timeout": times})


def some(dice: random.Random) -> Any:
    """Return a request of the load."""
    times = [{}, {}, {"read": 0.01}, {"pool": 0.005}]
    path = f"/cells/load/sleep?request=r&phase=p&seconds={dice.random() * 0.03:.3f}"
    return request(path, dice.choice(ORIGINS), **dice.choice(times))


def seen() -> dict[str, Any]:
    (state,) = watch.pools()
    return dataclasses.asdict(state)


def counted() -> list[Any]:
    """Return one request for each slot."""
    path = "/cells/load/sleep?request=r&phase=p&seconds=0"
    return [request(path, ORIGINS[number % len(ORIGINS)], read=5.0, pool=2.0) for number in range(LIMIT)]


LAST = 2.0
"""Seconds that the last requests have: a pool without a slot serves none of them."""

looks: list[dict[str, Any]] = []
errors: Counter[str] = Counter()


def answer(usable: int) -> dict[str, Any]:
    lost = [sum(slot["kind"] == "connection" for slot in look["lost"]) for look in looks]
    verdicts = sorted({look["verdict"] for look in looks})
    return {
        "looks": len(looks),
        "lost": lost,
        "verdicts": verdicts,
        "last": looks[-1],
        "usable": usable,
        "errors": errors,
    }


async def one_late(pool: Any, origin: str) -> None:
    try:
        await pool.handle_async_request(request("/cells/load/sleep?request=r&phase=p&seconds=2", origin, read=0.1))
    except MODULE.ReadTimeout as error:
        errors[type(error).__name__] += 1


async def on_tasks() -> Any:
    import anyio

    pool = made()
    end = time.monotonic() + float(SECONDS)

    async def one(dice: random.Random) -> None:
        response = await pool.handle_async_request(some(dice))
        try:
            if dice.random() < 0.7:
                await response.aread()
        finally:
            await response.aclose()

    async def worker(number: int) -> None:
        dice = random.Random(number)
        while time.monotonic() < end:
            patience = min(dice.choice([30.0, 30.0, dice.random() * 0.03]), end + LAST - time.monotonic())
            try:
                with anyio.move_on_after(patience):
                    await one(dice)
            except Exception as error:  # whatever a release raises, a defect of its own too
                errors[type(error).__name__] += 1

    async def look() -> None:
        while time.monotonic() < end:
            await anyio.sleep(0.05)
            looks.append(seen())

    await (await pool.handle_async_request(counted()[0])).aclose()
    if SECONDS == "0":
        for origin in ORIGINS:
            await one_late(pool, origin)
        return pool
    async with anyio.create_task_group() as group:
        group.start_soon(look)
        for number in range(WORKERS):
            group.start_soon(worker, number)
    return pool


async def counting() -> dict[str, Any]:
    import anyio

    pool = await on_tasks()
    opened: list[Any] = []

    async def open_one(asked: Any) -> None:
        try:
            opened.append(await pool.handle_async_request(asked))
        except Exception as error:
            errors[type(error).__name__] += 1

    seen()
    await anyio.sleep(GRACE * 1.5)
    looks.append(seen())
    async with anyio.create_task_group() as group:
        for asked in counted():
            group.start_soon(open_one, asked)
    for response in opened:
        await response.aclose()
    return answer(len(opened))


def on_threads() -> dict[str, Any]:
    pool = made()
    end = time.monotonic() + float(SECONDS)

    def worker(number: int) -> None:
        dice = random.Random(number)
        while time.monotonic() < end:
            try:
                response = pool.handle_request(some(dice))
                try:
                    if dice.random() < 0.7:
                        response.read()
                finally:
                    response.close()
            except Exception as error:  # whatever a release raises, a defect of its own too
                errors[type(error).__name__] += 1

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        time.sleep(0.05)
        looks.extend(map(dataclasses.asdict, watch.pools()))
    for thread in threads:
        thread.join()
    seen()
    time.sleep(GRACE * 1.5)
    looks.append(seen())
    opened = []
    for asked in counted():
        try:
            opened.append(pool.handle_request(asked))
        except Exception as error:
            errors[type(error).__name__] += 1
    for response in opened:
        response.close()
    return answer(len(opened))


def main() -> dict[str, Any]:
    watch.install(grace=GRACE)
    if BACKEND == "threads":
        return on_threads()
    import anyio

    return anyio.run(counting, backend=BACKEND)


if __name__ == "__main__":
    print(json.dumps(main()))
