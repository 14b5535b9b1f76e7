"""Watch a mixed load for long, and compare each lost slot that is reported with counted ones: `make soak-watch`.

The load runs on both releases at once, for an hour by default; `soaked.py` describes it. As many slots have to be
reported as are missing, no more and no fewer, and none where none is missing; exit code 1 otherwise. The rounds are
added to a file, and results/SOAK.md has their table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.watch_room import room

from poolgate.environments.build import environment_for
from poolgate.measurement.server_pool import ServerPool
from poolgate.processes import Processes
from poolgate.protocol.plan import Address
from poolgate.targets.parse import parse

TARGETS = ("httpx2==2.16.2", "httpx==0.28.1")
ORIGINS = 16
"""Origins of HTTP/2: one for each slot of the largest pool, as the requests to one share a connection."""
RESTARTED = 120
"""Seconds by which a round is earlier than one before it in the file only if another run began in between."""
ROUNDS = Path(".poolgate") / "soak-rounds.jsonl"
PAGE = Path("results") / "SOAK.md"
Round = dict[str, Any]
HEAD = """\
# The watcher compared with counted slots, for long

`make soak-watch` runs a mixed load under `poolgate.watch` for {minutes:.0f} minutes, and writes this page: tasks and
threads, HTTP/1.1 and HTTP/2, bodies that are left, cancellations, timeouts, refused connections. A round ends after
some seconds or when a lost slot is reported; then the slots are counted at a barrier of the server. A round disagrees
if not as many slots were reported as are missing, or if one was reported during the load that was there. Where a
request of the count itself breaks its connection, the report during the count is compared.

"""


def described(address: Address) -> dict[str, Any]:
    """Return what the program needs to know about the server."""
    doors = address.doors
    secure = [door for name, door in doors.items() if name.startswith("wire-h2")]
    return {
        "h1": [f"http://{doors['wire'].host}:{doors['wire'].port}"],
        "h2": [f"https://{door.host}:{door.port}" for door in secure],
        "refused": f"http://{doors['refused'].host}:{doors['refused'].port}/",
        "ca": secure[0].ca,
    }


def soaked(target: str, seconds: float, server: dict[str, Any], path: str, file: Path) -> None:
    """Add the rounds of a release to a file as they come, and print each that disagrees."""
    environment = environment_for(Processes(), parse(target), ("h2", "trio"))
    program = Path(__file__).with_name("soaked.py")
    command = [environment.interpreter, str(program), environment.client, str(seconds), json.dumps(server)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        for line in ran.stdout:
            found = {"target": target, **json.loads(line)}
            with file.open("a") as rounds:
                rounds.write(json.dumps(found) + "\n")
            if not agrees(found):
                print(json.dumps(found), file=sys.stderr, flush=True)
    if ran.returncode:
        raise SystemExit(f"{target}: the program ended with {ran.returncode}")


def agrees(found: Round) -> bool:
    """Return whether a round reported as many slots as are missing, and none during the load that was there.

    A request of the count may break the connection that it gets, and so lose a slot that was there.
    """
    broke = any(kind.startswith("count: ") and kind != "count: PoolTimeout" for kind in found["errors"])
    said = found["said in the load"] if broke else found["said"]
    return bool(said == found["lost"] >= found["said in the load"] and found["other"] is None)


def page(rounds: list[Round]) -> str:
    """Return the rounds of each load as a page in Markdown."""
    lines = [
        "| release | load | rounds | requests | slots lost | reported | rounds that disagree |",
        "| --- " * 7 + "|",
    ]
    for target, lane in sorted({(one["target"], one["lane"]) for one in rounds}):
        own = [one for one in rounds if (one["target"], one["lane"]) == (target, lane)]
        total = Counter({key: sum(one[key] for one in own) for key in ("sent", "lost", "said")})
        wrong = sum(not agrees(one) for one in own)
        lines.append(
            f"| `{target}` | {lane} | {len(own)} | {total['sent']} | {total['lost']} | {total['said']} | {wrong} |"
        )
    return HEAD.format(minutes=seconds_of(rounds) / 60) + "\n".join(lines) + "\n"


def seconds_of(rounds: list[Round]) -> float:
    """Return how long all runs of a file took: the time of a round counts from the beginning of its run."""
    latest = total = 0.0
    for one in rounds:
        if one["elapsed"] < latest - RESTARTED:
            total, latest = total + latest, 0.0
        latest = max(latest, one["elapsed"])
    return total + latest


def main() -> int:
    """Run the load, unless it is for 0 seconds, and write the page of all rounds in the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long (default: 3600)")
    parser.add_argument("--target", nargs="+", default=TARGETS, help="releases (default: %(default)s)")
    parser.add_argument("--rounds", type=Path, default=ROUNDS, help="where the rounds are added (default: %(default)s)")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table is written (default: %(default)s)")
    arguments = parser.parse_args()
    arguments.rounds.parent.mkdir(parents=True, exist_ok=True)
    if arguments.seconds:
        run(arguments.target, arguments.seconds, arguments.rounds)
    rounds = [json.loads(line) for line in arguments.rounds.read_text().splitlines()]
    arguments.page.write_text(page(rounds))
    print(arguments.page.read_text())
    return int(not all(map(agrees, rounds)))


def run(targets: list[str], seconds: float, file: Path) -> None:
    """Run the load on releases at once."""
    # Hypercorn keeps the socket of each connection that its client has closed: it would have thousands.
    doors = ["refused", "wire", *(f"wire-h2#{number}" for number in range(1, ORIGINS + 1))]
    with (
        tempfile.TemporaryDirectory() as folder,
        ServerPool(Processes()) as servers,
        servers.borrow() as server,
        ThreadPoolExecutor(len(targets)) as executor,
    ):
        path, address = str(room(Path(folder))), described(server.with_doors(doors))
        for ran in [executor.submit(soaked, target, seconds, address, path, file) for target in targets]:
            ran.result()


if __name__ == "__main__":
    sys.exit(main())
