"""Installing and uninstalling the watcher, before or after a client is imported."""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import Optional, Union

from .families import CLIENTS, POOLS, loaded, version_of
from .imports import Hook
from .live import Live
from .settings import Settings
from .watcher import Watcher, log
from .wrapping import Wrapped, targets_in, wrapped

NAMES = frozenset((*POOLS, *CLIENTS))


class Installation:
    """One installed watcher, and all that it changed in the process."""

    def __init__(self, settings: Settings, signal: Union[str, int, None] = None, socket: Optional[bool] = None) -> None:
        self.watcher = Watcher(settings)
        self.live = Live(self.watcher, signal, socket)
        self._wrapped: list[Wrapped] = []
        self._pending = set(NAMES)
        """Packages that are not imported yet, or too old; their names are tried again at each look."""
        self._refused: set[str] = set()
        self._lock = threading.Lock()
        self._hook = Hook(NAMES, self._imported)

    def begin(self) -> None:
        """Wrap the packages that are imported, and wait for the others."""
        self.live.begin()
        sys.meta_path.insert(0, self._hook)
        self.catch_up()

    def catch_up(self) -> None:
        """Wrap the packages that are imported and not wrapped yet."""
        for module in filter(None, map(loaded, sorted(self._pending))):
            self._imported(module)

    def _imported(self, module: ModuleType) -> None:
        try:
            self._wrap(module)
        except Exception:  # an import never fails because of the watcher
            log.exception("%s %s is not watched", module.__name__, version_of(module))

    def _wrap(self, module: ModuleType) -> None:
        targets = list(targets_in(module))
        if module.__name__ in POOLS and not targets:
            self._refuse(module)
        else:
            self._pending.discard(module.__name__)
        with self._lock:
            done = {(one.owner, one.name) for one in self._wrapped}
            for target in targets:
                if (target.owner, target.name) not in done:
                    self._wrapped.append(wrapped(target, self.watcher, module.__name__))
        if targets:
            self.live.listen()

    def _refuse(self, module: ModuleType) -> None:
        if module.__name__ not in self._refused:
            self._refused.add(module.__name__)
            log.warning("%s %s is not watched: its pools are too old", module.__name__, version_of(module))

    def end(self) -> None:
        """Restore everything."""
        self.live.end()
        if self._hook in sys.meta_path:
            sys.meta_path.remove(self._hook)
        self.watcher.enabled = False
        with self._lock:
            while self._wrapped:
                self._wrapped.pop().undo()
