"""A signal that writes the pools of this process to stderr."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Callable, Union

_STDERR = 2


def number_of(name: Union[str, int]) -> signal.Signals:
    """Return a signal by its name, such as `USR1`, or by its number; raises ValueError."""
    try:
        if isinstance(name, int):
            return signal.Signals(name)
        upper = name.upper()
        return signal.Signals[upper if upper.startswith("SIG") else f"SIG{upper}"]
    except (KeyError, ValueError):
        raise ValueError(f"{name!r} is not a signal of this system; the usual one is USR1") from None


class SignalHandler:
    """A handler that writes a text, and then calls the handler that was there before."""

    def __init__(self, number: signal.Signals, text: Callable[[], str]) -> None:
        """Install the handler; raises ValueError on a thread that is not the main one."""
        self._number = number
        self._text = text
        self._ours = self._handle
        try:
            self._before = signal.signal(number, self._ours)
        except (ValueError, OSError) as error:
            raise ValueError(f"{number.name} can't be handled here: {error}") from None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        try:
            text = self._text()
        except Exception as error:
            text = f"poolgate.watch: the look failed: {error!r}\n"
        write(text)
        if callable(self._before):
            self._before(number, frame)

    def restore(self) -> None:
        """Restore the handler that was there before, unless another one has replaced this one."""
        try:
            if signal.getsignal(self._number) == self._ours:
                signal.signal(self._number, self._before if self._before is not None else signal.SIG_DFL)
        except ValueError:
            pass  # not the main thread: this handler stays, and still calls the earlier one


def write(text: str) -> None:
    """Write to stderr without its buffer and its lock, which the interrupted code may hold."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(_STDERR, data) :]
    except OSError:
        pass  # stderr is closed, or nothing reads it
