"""Start the worker: `PYTHON -I .../scenarios/__main__.py --history-fd N`, with the plan on stdin.

With `--fork-server N` instead, start a fork server that makes a worker for each cell, see `worker/forking.py`.

The package is loaded from its own directory, so that neither a checkout nor the site-packages of poolgate is ever on
the `sys.path` of the environment under test.
"""

import importlib
import importlib.util
import os
import sys

NAME = "poolgate_scenarios"


def load_room() -> None:
    """Make this directory importable as a package, without a path entry."""
    here = os.path.dirname(os.path.abspath(__file__))
    spec = importlib.util.spec_from_file_location(
        NAME, os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    assert spec is not None
    assert spec.loader is not None
    room = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = room
    spec.loader.exec_module(room)


if __name__ == "__main__":
    load_room()
    start = "forking" if "--fork-server" in sys.argv else "main"
    sys.exit(importlib.import_module(NAME + ".worker." + start).main(sys.argv[1:]))
