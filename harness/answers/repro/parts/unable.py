"""The end of a script that fails itself."""

from __future__ import annotations

import os
from typing import Any

from .facts import STACK


def unable(kind: Any, error: Any, _: Any) -> None:
    """Report that the script fails, not a request of it."""
    while getattr(error, "exceptions", None) or error.__cause__ is not None:
        error = (getattr(error, "exceptions", None) or [error.__cause__])[0]
    print("%s: this can't be tried here: %s: %s" % (STACK, type(error).__name__, error), flush=True)
    os._exit(130 if kind is KeyboardInterrupt else 2)
