"""What a client under test is asked to do. One scenario a file; the folders of themes are their list.

This room runs in the environment under test: Python 3.6 syntax, the standard library and the client, nothing else.
The harness reads the declarations of the same files and never runs their bodies.
"""

import functools
import importlib
import pkgutil
from typing import Dict, List

from .declaration.scenario import Scenario

THEMES = ("queueing", "cancellation", "responses", "keepalive", "failures", "threads", "http2")
"""The folders whose files are scenarios, each file one; the others are what runs them."""


@functools.lru_cache(maxsize=None)
def declared() -> Dict[str, Scenario]:
    """Every scenario of the themes by its id, sorted; looked for once, for a run asks in each of its cells."""
    found: List[Scenario] = []
    for theme in THEMES:
        folder = importlib.import_module("." + theme, __name__)
        names = [info.name for info in pkgutil.iter_modules(folder.__path__)]
        found += [importlib.import_module("." + name, folder.__name__).SCENARIO for name in names]
    return {scenario.id: scenario for scenario in sorted(found, key=lambda scenario: scenario.id)}
