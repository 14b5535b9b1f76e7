"""Make the catalogue: `python -m poolgate.maintenance.catalogue.make --cutoff 2026-11-20 [-o PATH]`.

It needs `poolgate[catalogue]`. It reads the registry's documents and one archive per release, and runs none of their
code; `trial` finds out whether a client works with its pool. With the same cut-off in the past it writes the same
bytes. It is a separate program, because measuring needs no registry.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pypi_simple import PYPI_SIMPLE_ENDPOINT

from ...catalogue.making.generate import generate, instant
from ...catalogue.releases import PACKAGED
from ...errors import Exit, PoolgateError
from ...paths import cache_root, write_whole


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m poolgate.maintenance.catalogue.make", description="Make the catalogue."
    )
    parser.add_argument("--cutoff", required=True, type=instant, metavar="DATE", help="last day (UTC) of uploads")
    parser.add_argument("-o", "--output", type=Path, default=PACKAGED, metavar="PATH", help="default: the packaged one")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, endpoint: str = PYPI_SIMPLE_ENDPOINT) -> int:
    """Write the catalogue and return the exit code; on failure print one line and keep the old catalogue."""
    options = _options(arguments)
    try:
        data = generate(endpoint, options.cutoff, cache_root() / "catalogue")
        write_whole(options.output, data)
    except PoolgateError as error:
        print(f"error: {error}; {options.output} is unchanged", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"interrupted; {options.output} is unchanged", file=sys.stderr)
        return Exit.INTERRUPTED
    print(f"wrote {options.output}", file=sys.stderr)
    return Exit.FINE


if __name__ == "__main__":
    raise SystemExit(main())
