"""Record tracebacks of real releases along all lines: `python -m poolgate.maintenance.tracebacks -o PATH`.

Each release raises one error in its own environment; kinds of errors and uses of the client take turns. The frames of
clients and pools are written, a line of JSON for each traceback: `tests/catalogue/test_tracebacks.py` looks them up in
the index of lines. With `--report PATH` the look-ups are counted and nothing is run.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import re
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from .. import scenarios
from ..catalogue.line_index import Frame, releases_of
from ..catalogue.packages import LINES, PACKAGES
from ..catalogue.releases import load
from ..environments.build import environment_for
from ..environments.probe import ProbeError, run_in
from ..environments.uv import UninstallableError
from ..errors import UsageError
from ..paths import write_whole
from ..processes import Processes
from ..targets.parse import parse
from . import raising

TURNS = [*((kind, use) for kind in raising.KINDS for use in ("async", "sync") if (kind, use) != ("cancelled", "sync"))]
"""Kinds and uses: the thread of a synchronous client can't be cancelled."""

_FRAME = re.compile(
    rf'File "[^"\n]*/site-packages/({"|".join(PACKAGES)})/([^"\n]+)", line (\d+), in ([^\n]+)\n(?:    ([^\n]+))?'
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """The frames of a traceback, and the releases that raised it."""

    packages: dict[str, str]
    kind: str
    use: str
    frames: list[Frame]


def frames_in(text: str) -> list[Frame]:
    """Return the frames of clients and pools in the traceback that an interpreter prints, each once."""
    found = (Frame(package, file, name, int(line), text) for package, file, line, name, text in _FRAME.findall(text))
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def listening(closes: bool) -> Iterator[int]:
    """Yield the port of a server that never answers: it closes each connection at its request, or keeps it open."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        kept: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listener.accept()[0])
                    if closes:
                        kept[-1].recv(1)
                        kept.pop().close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


def recorded(python: str) -> Iterator[Recorded]:
    """Yield a traceback for each release of each line that can be installed and that supports the use.

    `python` is empty, or a version such as `@3.8`.
    """
    processes = Processes()
    turns = itertools.cycle(TURNS)
    with (
        listening(closes=False) as silent,
        listening(closes=True) as closing,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        refused = free.getsockname()[1]
        free.close()
        ports = {"closed": closing, "connect-error": refused}
        for spec in [f"{line}=={release.version}{python}" for line in LINES for release in load().releases(line)]:
            kind, use = next(turns)
            one = of_release(processes, spec, kind, use, ports.get(kind, silent))
            _print(f"{spec}: {kind}, {use}: {len(one.frames) if one else 'no'} frames")
            if one and one.frames:
                yield one


def of_release(processes: Processes, spec: str, kind: str, use: str, port: int) -> Recorded | None:
    """Return the traceback of an error of one release; None if it can't be installed or does not end."""
    try:
        environment = environment_for(processes, parse(spec))
        text = _raised(environment.interpreter, environment.client, kind, use, port)
    except (UninstallableError, UsageError, ProbeError):
        return None
    packages = {name: version for name, version in environment.packages.items() if name in PACKAGES}
    return Recorded(packages=packages, kind=kind, use=use, frames=frames_in(text))


def _raised(interpreter: str, package: str, kind: str, use: str, port: int) -> str:
    folder = str(Path(str(scenarios.__file__)).resolve().parent)
    script = Path(str(raising.__file__)).resolve()
    return run_in(interpreter, script, folder, package, kind, use, str(port), into=str)


def written(made: Iterable[Recorded]) -> bytes:
    """Return tracebacks as lines of JSON."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in made)


def read(path: Path) -> list[Recorded]:
    """Return the tracebacks of a file."""
    return [msgspec.json.decode(line, type=Recorded) for line in path.read_bytes().splitlines()]


def counts(made: Sequence[Recorded], texts: bool) -> dict[str, int]:
    """Return how many tracebacks leave one release of each package, at most three, more, or not the right one.

    A traceback counts by the package with the most releases left. Without `texts` only places are looked up.
    """
    found = dict.fromkeys(("one", "at most three", "more", "wrong"), 0)
    for one in made:
        left = releases_of(frame if texts else frame._replace(text="") for frame in one.frames)
        most = max((len(releases) for releases in left.values()), default=99)
        wrong = any(one.packages[package] not in releases for package, releases in left.items())
        found["wrong" if wrong else "one" if most == 1 else "at most three" if most <= 3 else "more"] += 1
    return found


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Record tracebacks or count look-ups, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m poolgate.maintenance.tracebacks", description="Record tracebacks of real releases."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("-o", "--output", type=Path, metavar="PATH", help="where to write the tracebacks")
    what.add_argument("--report", type=Path, metavar="PATH", help="count the look-ups of recorded tracebacks")
    parser.add_argument("--python", metavar="MINOR", help="record on this Python, such as 3.8")
    options = parser.parse_args(arguments)
    if options.output:
        write_whole(options.output, written(recorded(f"@{options.python}" if options.python else "")))
        return 0
    made = read(options.report)
    print(f"{len(made)} tracebacks; releases left: {counts(made, texts=True)}")
    print(f"without the texts of their lines: {counts(made, texts=False)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
