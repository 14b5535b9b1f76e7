"""Describe what a client under test is asked to do: one scenario a file, listed by the folders of themes.

This package runs in the environment under test: Python 3.6 syntax, the standard library and the client, nothing else.
The harness reads the declarations of the same files and never runs their bodies.
"""

import functools
import importlib
import pkgutil
from typing import Dict, List

from .declaration.scenario import Scenario

THEMES = ("queueing", "cancellation", "responses", "keepalive", "failures", "threads", "http2")
"""The folders in which each file is a scenario; the other folders hold the machinery that runs them."""


@functools.lru_cache(maxsize=None)
def declared() -> Dict[str, Scenario]:
    """Return every scenario of the themes by its id, sorted. The result is cached: a run asks for it in each of its
    cells.
    """
    found: List[Scenario] = []
    for theme in THEMES:
        folder = importlib.import_module("." + theme, __name__)
        names = [info.name for info in pkgutil.iter_modules(folder.__path__)]
        found += [importlib.import_module("." + name, folder.__name__).SCENARIO for name in names]
    return {scenario.id: scenario for scenario in sorted(found, key=lambda scenario: scenario.id)}
