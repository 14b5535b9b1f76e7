"""The check of one test: what its pools have more when its function ends than when it began.

A response counts if the test function opened it, a slot if it was lost since the setup of the test. What the test
closed, a response or its whole client, is gone by then.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import math
import sys
import time
import unittest
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ..watch.installation import Installation
from ..watch.leftovers import Known, Leftover, leftovers_in
from ..watch.look import look
from ..watch.settings import Settings
from ..watch.states import HeldResponse, PoolState
from ..watch.tables import Callers, Table
from ..watch.watcher import Watcher
from .wording import Left, failure

PAUSE = 0.02
"""Seconds between two looks; other threads and tasks of the test go on meanwhile."""
LOOKS = 10
"""Looks that see the same before it counts; a test that leaves nothing has one look and no pause."""

TURNS = 5
"""Turns of the event loop in a pause."""

_sleep, _sleep_async = time.sleep, asyncio.sleep
"""Taken now: a test may replace them."""

NO_POOL = "no pool was used: no request of this test reached a watched connection pool, so no leak could be seen"


class SuiteWatcher(Watcher):
    """A watcher that logs nothing, because logs are the test's, and that keeps the pools of the running test."""

    def __init__(self) -> None:
        super().__init__(Settings(held_after=math.inf))
        self.table = self.pools = _KeptPools()

    def look(self, pool: Any, callers: Callers) -> PoolState:
        """Look at a pool for the note of a PoolTimeout."""
        callers.state = look(pool, callers, self.settings.grace, self.settings.held_after)
        return callers.state

    def leftovers(self) -> list[tuple[Callers, Leftover]]:
        """Return what is left in all pools."""
        return [(callers, left) for pool, callers in self.pools.items() for left in leftovers_in(pool, callers)]


class _KeptPools(Table):
    """A table that keeps pools until the end of the test: a response may be left in one that is garbage."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: set[Any] = set()

    def of(self, pool: Any, family: str) -> Callers:
        """Return the callers of the pool of a request that begins."""
        self.kept.add(pool)
        return super().of(pool, family)


class Suite:
    """The watcher of a run of pytest, which is installed in addition to one of the program's own."""

    def __init__(self) -> None:
        self._installation = Installation(Settings())
        self._installation.watcher = self._watcher = SuiteWatcher()
        self._installation.begin()
        self.end = self._installation.end

    def check(self, test: str, *, strict: bool) -> Check:
        """Return the check of a test that is set up now; `strict`: the test is skipped if it uses no pool."""
        self._installation.catch_up()
        return Check(self._watcher, test, strict)


class Check:
    """The check of one test, whose place is `test`."""

    def __init__(self, watcher: SuiteWatcher, test: str, strict: bool) -> None:
        self._watcher = watcher
        self._test = test
        self.strict = strict
        self._looks = 0
        self._ended = False
        """Whether the test function has returned or raised; False if its runner did not call what replaces it."""
        self._left: list[tuple[Callers, Leftover]] = []
        watcher.pools.kept.clear()
        self._before = self._open = Known(left for _, left in watcher.leftovers())

    @property
    def unused(self) -> bool:
        """Whether no request has reached a pool since the setup of the test."""
        return not self._watcher.pools.kept

    @contextlib.contextmanager
    def within(self, item: pytest.Function) -> Iterator[None]:
        """Check a test within the block: at the end of its function if its runner calls that, else at its own end."""
        function = item.obj
        item.obj = self._checked(function)
        if isinstance(item.instance, unittest.TestCase):
            setattr(item.instance, item.name, item.obj)  # for coroutines, which unittest itself runs
        self._begin()
        yield
        item.obj = function
        while not self._ended and self._doubtful():
            _sleep(PAUSE)

    def _checked(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a test function that is checked before it returns, on its own event loop."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def checked_async(*arguments: Any, **named: Any) -> Any:
                self._begin()
                try:
                    result = await function(*arguments, **named)
                finally:
                    self._ended = True
                while self._doubtful():
                    await _pause()
                return result

            return checked_async

        @functools.wraps(function)
        def checked(*arguments: Any, **named: Any) -> Any:
            self._begin()
            try:
                result = function(*arguments, **named)
            finally:
                self._ended = True
            while self._doubtful():
                _sleep(PAUSE)
            return result

        return checked

    def _begin(self) -> None:
        """Note the responses that fixtures have opened: they stay open until teardown."""
        self._looks = 0
        self._left = []
        self._open = Known(left for _, left in self._watcher.leftovers() if isinstance(left.what, HeldResponse))

    def _doubtful(self) -> bool:
        """Look, keep what the looks before have seen too, and return whether another look is needed."""
        seen = [pair for pair in self._watcher.leftovers() if not self._known(pair[1])]
        earlier = {left.key for _, left in self._left}
        self._left = [pair for pair in seen if not self._looks or pair[1].key in earlier]
        self._looks += 1
        return bool(self._left) and self._looks < LOOKS

    def _known(self, left: Leftover) -> bool:
        return left in self._before or left in self._open

    def error(self) -> BaseException | None:
        """Return the failure of a test that left something; the skip of one that used no pool; otherwise None."""
        if self._left:
            return pytest.fail.Exception(failure(self._by_pool(), self._test), pytrace=False)
        if self.unused and self.strict:
            skip = pytest.skip.Exception(NO_POOL)
            skip._use_item_location = True
            return skip
        return None

    def _by_pool(self) -> list[Left]:
        pools = {id(callers): callers for callers, _ in self._left}
        return [
            Left(callers.family, [left.what for one, left in self._left if one is callers])
            for callers in pools.values()
        ]

    def end(self) -> None:
        """Release the pools of the test."""
        self._left = []
        self._watcher.pools.kept.clear()


async def _pause() -> None:
    """Let threads and then tasks go on; a clock that the test has replaced does not matter."""
    _sleep(PAUSE)
    for _ in range(TURNS):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            await sys.modules["trio"].lowlevel.checkpoint()
        else:
            await _sleep_async(0)
