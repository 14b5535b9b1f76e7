"""Run the garbage collector at a chosen moment of a thread.

It may run at any allocation, and a pool can't choose when. Waiting for the moment would take long: here the collector
runs when a function of the pool is called for the nth time.
"""

import contextlib
import gc
import sys
import threading
from typing import Any, Iterator

POOLS = {"connection_pool", "connectionpool"}
"""The modules, of any package, that contain the pools; the second one is that of urllib3."""


@contextlib.contextmanager
def collecting(call: int) -> Iterator[None]:
    """Make threads that start within the block run the collector at the nth call (from 1) of a function of a pool's
    module.

    Until then the collector is off, so that all young garbage is still there.
    """
    calls = 0

    def watch(frame: Any, event: str, _: Any) -> None:
        nonlocal calls
        if event != "call" or frame.f_globals.get("__name__", "").rpartition(".")[2] not in POOLS:
            return
        calls += 1
        if calls == call:
            sys.setprofile(None)
            gc.collect()

    gc.disable()
    threading.setprofile(watch)
    try:
        yield
    finally:
        threading.setprofile(None)
