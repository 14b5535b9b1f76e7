"""The generated part of `scenarios/README.md`: one line a scenario, grouped by theme."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from .. import scenarios

PAGE = Path("scenarios/README.md")


def scenarios_list() -> str:
    """Return every scenario with its file and requirement, under a heading for each theme."""
    return "\n".join(line for theme in scenarios.THEMES for line in _theme(theme))


def _theme(theme: str) -> Iterator[str]:
    package = importlib.import_module(f"{scenarios.__name__}.{theme}")
    yield from ("", f"### {theme}", "", str(package.__doc__), "", "| scenario | what must hold |", "| --- | --- |")
    for info in pkgutil.iter_modules(package.__path__):
        scenario = importlib.import_module(f"{package.__name__}.{info.name}").SCENARIO
        yield f"| [`{scenario.id}`]({theme}/{info.name}.py) | {scenario.requirement} |"
