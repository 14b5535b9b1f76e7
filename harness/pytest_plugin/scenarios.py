"""`pytest --poolgate`: scenarios as tests, on the client of the environment that runs pytest, or on the user's own.

They are measured as `poolgate run --target python:...` does, together as soon as the first of them runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..errors import PoolgateError
from ..extras import Extra, require

JUDGED = frozenset(("pass", "fail", "flaky"))
"""The statuses of a verdict; a scenario with any other is skipped with its reason."""


def scenario_items(session: pytest.Session) -> list[pytest.Item]:
    """Return a test for each selected scenario and variant; raises pytest.UsageError with one line."""
    config = session.config
    try:
        require(Extra.MEASURE, "pytest --poolgate")
        from .measured import Measured

        measured = Measured(config.getoption("--poolgate-scenario") or ["core"], config.getoption("--poolgate-client"))
    except PoolgateError as error:
        raise pytest.UsageError(str(error)) from None
    group = Scenarios.from_parent(session, name="poolgate", nodeid="poolgate")
    return [ScenarioItem.from_parent(group, name=name, measured=measured) for name in measured.names]


class Scenarios(pytest.Collector):
    """The group of the scenarios, `poolgate::`."""

    def collect(self) -> Iterator[pytest.Item]:
        """Collect nothing: the items are added to those of the session."""
        yield from ()


class VerdictError(Exception):
    """A verdict that is not a pass; its text is the failure."""


class ScenarioItem(pytest.Item):
    """A scenario as a test."""

    def __init__(self, *, measured: Any, **options: Any) -> None:
        super().__init__(**options)
        self._measured = measured

    def runtest(self) -> None:
        """Measure the scenario, and fail with its verdict."""
        try:
            status, text = self._measured.verdict(self.name, self._together())
        except PoolgateError as error:
            raise VerdictError(str(error)) from None
        if status not in JUDGED:
            pytest.skip(text)
        if status != "pass":
            raise VerdictError(text)

    def _together(self) -> list[str]:
        """Return the scenarios that are measured with this one: all, or none with xdist, whose workers share them."""
        if hasattr(self.config, "workerinput"):
            return [self.name]
        return [item.name for item in self.session.items if isinstance(item, ScenarioItem)]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the verdict without a traceback."""
        if isinstance(excinfo.value, VerdictError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return the place that reports name: it is not a file."""
        return self.config.rootpath / "poolgate", None, f"poolgate: {self.name}"
