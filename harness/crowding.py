"""Elbow room: runs usually go side by side, and one that found the machine late may ask to go alone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class Crowd:
    """Many may be inside `beside` at once; who is inside `alone` is the only one inside. Nobody starves."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._beside = 0
        self._alone = False
        self._asking = 0

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Go with others, once nobody is alone or asks to be."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._asking)
            self._beside += 1
        try:
            yield
        finally:
            with self._changed:
                self._beside -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until everybody else has left, and keep them out."""
        with self._changed:
            self._asking += 1
            self._changed.wait_for(lambda: not self._alone and not self._beside)
            self._asking -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
