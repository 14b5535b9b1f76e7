"""The command line of a file that is made from the sources of all releases."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import Exit, PoolgateError
from ..paths import write_whole


def write_file(
    module: str, description: str, packaged: Path, made: Callable[[], bytes], arguments: Sequence[str] | None
) -> int:
    """Write the bytes that are made, and return the exit code; on failure print one line and keep the old file."""
    parser = argparse.ArgumentParser(prog=f"python -m poolgate.maintenance.{module}", description=description)
    parser.add_argument("-o", "--output", type=Path, default=packaged, metavar="PATH", help="default: the packaged one")
    path: Path = parser.parse_args(arguments).output
    try:
        write_whole(path, made())
    except PoolgateError as error:
        print(f"error: {error}; {path} is unchanged", file=sys.stderr)
        return error.exit_code
    print(f"wrote {path}", file=sys.stderr)
    return Exit.FINE
