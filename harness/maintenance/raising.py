"""Raise an error of a client and print its traceback in JSON: `python raising.py SCENARIOS PACKAGE KIND USE PORT`.

It runs in the environment under test, in any Python since 3.6, with the adapters of the scenarios. KIND is one of
`KINDS`, USE is `async` or `sync`, PORT is that of a server that accepts connections: it is silent, or it closes them.
"""

import asyncio
import importlib.util
import json
import os
import sys
import traceback
from typing import Any

KINDS = ("pool-timeout", "read-timeout", "connect-error", "closed", "cancelled")
SHORT, LONG = 0.2, 5.0
"""Seconds of a timeout that expires, and of one that does not."""


def adapters(folder: str) -> Any:
    """Import the package of the adapters from its folder."""
    spec: Any = importlib.util.spec_from_file_location(
        "scenarios", folder + "/__init__.py", submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["scenarios"] = module
    spec.loader.exec_module(module)
    return importlib.import_module("scenarios.clients")


async def fail(client: Any, kind: str, url: str) -> None:
    """Send requests until the error of this kind is raised."""
    if kind == "cancelled":
        await asyncio.wait_for(client.get(url, LONG, "read"), SHORT)
    elif kind == "pool-timeout":
        holding = asyncio.ensure_future(client.get(url, LONG, "read"))
        await asyncio.sleep(SHORT)
        await client.get(url, SHORT, "read")
        await holding
    else:
        await client.get(url, LONG, "read", connect=LONG, read=SHORT if kind == "read-timeout" else LONG)


def main() -> None:
    """Print the traceback, and end at once: requests may still be in flight."""
    folder, package, kind, use, port = sys.argv[1:]
    clients = adapters(folder)
    client = clients.client_for(importlib.import_module(package), use == "sync")
    client.open(1, 1, LONG, LONG)
    try:
        asyncio.new_event_loop().run_until_complete(fail(client, kind, "http://127.0.0.1:" + port + "/"))
    except clients.Unsupported as error:
        print(json.dumps("unsupported: " + str(error)))
    except BaseException:
        print(json.dumps(traceback.format_exc()))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
