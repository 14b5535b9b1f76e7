"""Run a worker that is watched: `python -I .../watched.py WATCH FILE GRACE --history-fd N`, with the plan on stdin.

WATCH is the folder of the watcher. What its looks see goes to FILE, a line of JSON each: before each count of slots,
where the second of two looks is GRACE seconds after the first, and the worst while the requests of the count wait.
Nothing else of the worker differs. No stored verdict is measured so.
"""

import importlib
import importlib.util
import json
import os
import sys
import time
import types
from typing import Any, Callable, Dict, List

LOST = {"leaks", "dead"}
HERE = os.path.dirname(os.path.abspath(__file__))


def load(name: str, file: str, **more: Any) -> Any:
    """Load a module or package by its location, without a path entry."""
    spec = importlib.util.spec_from_file_location(name, file, **more)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def load_watch(folder: str) -> Any:
    """Load the watcher under its own name, below an empty package: its frames are known by that name."""
    parent: Any = types.ModuleType("poolgate")
    parent.__path__ = []
    sys.modules["poolgate"] = parent
    return load("poolgate.watch", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])


class Looks:
    """The looks of one worker, in a file."""

    def __init__(self, watch: Any, file: str, grace: float) -> None:
        self._watch = watch
        self._file = file
        self._grace = grace

    async def two(self, sleep: Callable[[float], Any]) -> None:
        """Look twice, and note what the second look sees."""
        self._watch.pools()
        await sleep(1.5 * self._grace)
        self._note({"pools": [plain(state) for state in self._watch.pools()]})

    async def while_counting(self, way: Any, work: Callable[[], Any], phase: str) -> None:
        """Count the slots while looks are made, and note the worst that they see while the requests wait."""
        done: List[bool] = []
        worst: List[Dict[str, Any]] = []

        async def count() -> None:
            try:
                await work()
            finally:
                done.append(True)

        async def look() -> None:
            while not done:
                await way.sleep(self._grace)
                seen = [plain(state) for state in self._watch.pools()]
                worst.extend(state for state in seen[-1:] if state["verdict"] in LOST and not done)

        await way.gather([count, look])
        self._note({"pools": worst[-1:], "during": phase})

    def _note(self, noted: Dict[str, Any]) -> None:
        with open(self._file, "a") as file:
            file.write(json.dumps(dict(noted, t=int(time.monotonic() * 1e9))) + "\n")


def plain(state: Any) -> Dict[str, Any]:
    """Return what is compared of the state of a pool."""
    lost = [slot.kind for slot in state.lost]
    return {
        "verdict": state.verdict,
        "limit": state.limit,
        "active": state.active,
        "idle": state.idle,
        "queued": state.queued,
        "held": len(state.held),
        "lost": {kind: lost.count(kind) for kind in sorted(set(lost))},
    }


def watched(looks: Looks) -> None:
    """Make the worker look at its pools where it waits before it counts their slots."""
    driver: Any = importlib.import_module("poolgate_scenarios.worker.driver")
    entry: Any = importlib.import_module("poolgate_scenarios.sweep.entry")
    settle, count, confirm = driver.Driver.settle, driver.Driver.count, entry.confirm

    async def settled(self: Any) -> None:
        await settle(self)
        await looks.two(self._way.sleep)

    async def counted(self: Any, phase: str) -> None:
        await looks.while_counting(self._way, lambda: count(self, phase), phase)

    async def confirmed(field: Any, record: Any, suspects: Any, expiry: float) -> None:
        await confirm(field, record, suspects, expiry)
        await looks.two(field.backend.sleep)

    driver.Driver.settle = settled
    driver.Driver.count = counted
    entry.confirm = confirmed


def main(arguments: List[str]) -> int:
    """Run the plan on stdin; returns the exit code."""
    folder, file, grace = arguments[:3]
    load("poolgate_start", os.path.join(HERE, "..", "__main__.py")).load_room()
    watch = load_watch(folder)
    watched(Looks(watch, file, float(grace)))
    watch.install(grace=float(grace), held_after=float(grace))
    code: int = importlib.import_module("poolgate_scenarios.worker.main").main(arguments[3:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
