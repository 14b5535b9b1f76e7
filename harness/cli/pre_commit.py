"""The pre-commit hook: `poolgate affected` on each lock file that a commit changes. Runs nothing, uses no network.

pre-commit appends the names of the files to the options; a value of an option has to follow a `=`.
"""

from __future__ import annotations

import sys

from ..errors import Exit, UsageError, exit_of
from ..targets.lockfiles.reader import NoClientError
from ..targets.parse import parse
from .main import main


def run(words: list[str]) -> Exit:
    """Report on each lock that has a client or a pool, and return the exit code that decides."""
    options = [word for word in words if word.startswith("-")]
    locks = [f"lock:{word}" for word in words if not word.startswith("-")]
    codes = {Exit(main(["affected", *options, "--", lock])) for lock in locks if _has_client(lock)}
    return exit_of(codes)


def _has_client(lock: str) -> bool:
    """Return False for a lock with neither a client nor a pool; a lock that can't be read is reported by the verb."""
    try:
        parse(lock)
    except NoClientError:
        return False
    except UsageError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
