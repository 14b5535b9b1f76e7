"""`python -m poolgate.watch app.py` watches a program."""

from __future__ import annotations

from .command import main

if __name__ == "__main__":
    __name__ = f"{__package__}.__main__"  # the stacks of callers have no frames of this package
    main()
