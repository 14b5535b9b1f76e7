"""A program that runs services which leave slots taken, and prints the note of the next request and the verdict.

`program_service.py CLIENT FOLDER`: each module in FOLDER has a function `run` that gets a client, that of the SDK if
its name is `chat`. Printed are, as JSON, the lines of each module by the path of its file.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from support.service_server import serve

from poolgate import watch

CLIENT, FOLDER = sys.argv[1:3]
GRACE = 0.2
client_library = importlib.import_module(CLIENT)


def loaded(file: Path) -> ModuleType:
    """Import a file from the working directory, as a program does whose modules are there."""
    os.chdir(file.parent)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(url: str) -> Any:
    timeout = client_library.Timeout(30, pool=2 * GRACE)
    limits = client_library.Limits(max_connections=2)
    return client_library.AsyncClient(base_url=url, limits=limits, timeout=timeout)


def over(session: Any, url: str, name: str) -> Any:
    """Return the client that a service uses: the session, or an SDK over it."""
    if name != "chat":
        return session
    openai = importlib.import_module("openai")
    return openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0, http_client=session)


async def next_request(session: Any) -> Iterator[str]:
    """Return the notes of one more request; none if it is served."""
    try:
        assert (await session.get("/ok")).text == "ok"
    except client_library.PoolTimeout as error:
        return iter(error.__notes__)
    return iter(())


async def lines_of(file: Path, url: str) -> list[str]:
    module = loaded(file)
    watch.install(grace=GRACE, held_after=GRACE)
    session = made(url)
    service = over(session, url, file.stem)
    for _ in range(2):
        with contextlib.suppress(Exception):
            await module.run(service)
    gc.collect()
    watch.pools()
    await asyncio.sleep(1.5 * GRACE)
    lines = list(await next_request(session))
    (state,) = watch.pools()
    await session.aclose()
    return [*lines, f"{state.verdict}: {state.ledger}"]


async def main() -> dict[str, list[str]]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    folder = Path(FOLDER)
    return {str(file.relative_to(folder)): await lines_of(file, url) for file in sorted(folder.glob("*/*.py"))}


if __name__ == "__main__":
    printed, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(asyncio.run(main())), file=printed)
