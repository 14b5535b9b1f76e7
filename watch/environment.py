"""The environment variable POOLGATE_WATCH: watches a program without a change of its code.

`poolgate_watch.pth` calls `begin` when the interpreter starts, if the variable is set. If it is wrong, the program runs
without the watcher.
"""

from __future__ import annotations

import os

from . import install, live
from .options import options_in
from .signals import write

NAME = "POOLGATE_WATCH"
_begun = False


def begin() -> None:
    """Watch this process as the variable says; what is wrong with it is one line on stderr.

    In a virtual environment Python reads each .pth file twice.
    """
    global _begun
    if _begun:
        return
    _begun = True
    text = os.environ.get(NAME, "")
    try:
        options = options_in(text)
        if options is not None:
            live.outside = live.Outside(options.pop("signal", None), options.pop("socket"))
            install(**options)
    except Exception as error:
        live.outside = live.Outside()
        write(f"poolgate.watch: {NAME}={text}: {error}; this program is not watched\n")
