"""What a client under test is asked to do. One scenario a file; this directory is their list.

This room runs in the environment under test: Python 3.6 syntax, the standard library and the client, nothing else.
The harness reads the declarations of the same files and never runs their bodies.
"""

import functools
import importlib
import pkgutil
from typing import Dict, List

from .worker.declaration import Scenario


@functools.lru_cache(maxsize=None)
def declared() -> Dict[str, Scenario]:
    """Every scenario of this directory by its id, sorted; looked for once, for a run asks in each of its cells."""
    names = [info.name for info in pkgutil.iter_modules(__path__) if not info.ispkg and info.name != "__main__"]
    modules = [importlib.import_module("." + name, __name__) for name in names]
    found: List[Scenario] = [module.SCENARIO for module in modules]
    return {scenario.id: scenario for scenario in sorted(found, key=lambda scenario: scenario.id)}
