"""A program with threads that is watched: `program_threads.py CLIENT URL SITUATION`, with the client's public API.

The client is imported after the watcher is installed (`late`) or before (`early`). Python 3.8 syntax.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
import threading
import time
from typing import Any

from poolgate import watch

CLIENT, URL, SITUATION = sys.argv[1:4]
SLEEP = f"{URL}/cells/watched/sleep?request=r&phase=p&seconds="


def states() -> list[dict[str, Any]]:
    return [dataclasses.asdict(state) for state in watch.pools()]


def methods() -> list[str]:
    """Return the modules of the methods that the watcher may wrap, and of what finds imports."""
    module = importlib.import_module(CLIENT)
    pools = importlib.import_module({"httpx": "httpcore", "httpx2": "httpcore2", "httpxyz": "httpcorexyz"}[CLIENT])
    found = [
        module.HTTPTransport.handle_request,
        module.AsyncHTTPTransport.handle_async_request,
        pools.ConnectionPool.handle_request,
        pools.AsyncConnectionPool.handle_async_request,
    ]
    finders = [type(finder).__module__ for finder in sys.meta_path]
    loaders = [type(one.__loader__).__module__ for one in (module, pools)]
    return [method.__code__.co_filename for method in found] + finders + loaders


def sent(client: Any) -> Any:
    """Two threads wait while two have a slot."""
    threads = [threading.Thread(target=client.get, args=(SLEEP + "1.0",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.4)
    seen = states()
    for thread in threads:
        thread.join()
    return {"states": seen, "later": states()}


def timed_out(client: Any, module: Any) -> Any:
    """A request waits too long, because each slot has an open response."""
    kept = [client.send(client.build_request("GET", SLEEP + "0"), stream=True) for _ in range(2)]
    time.sleep(0.6)
    try:
        client.get(SLEEP + "0", timeout=module.Timeout(30.0, pool=0.2))
    except module.PoolTimeout as error:
        text = [str(error), *getattr(error, "__notes__", [])]
    for response in kept:
        response.close()
    return {"states": states(), "text": text}


def main() -> Any:
    early = importlib.import_module(CLIENT) if SITUATION == "early" else None
    watch.install(level="all", grace=0.3, held_after=0.5)
    module: Any = early or importlib.import_module(CLIENT)
    limits = module.Limits(max_connections=2, max_keepalive_connections=2)
    with module.Client(limits=limits, timeout=30.0, trust_env=False) as client:
        client.get(SLEEP + "0")
        watched = methods()
        answer = {"sent": sent(client), "timed_out": timed_out(client, module), "watched": watched}
    watch.uninstall()
    return {**answer, "unwatched": methods()}


if __name__ == "__main__":
    print(json.dumps(main()))
