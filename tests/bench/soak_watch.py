"""Watch a mixed load for long, and compare each lost slot that is reported with counted ones: `make soak-watch`.

The load runs on both releases at once, for an hour by default; `soaked.py` describes it. On both releases as many slots
are reported as are missing, no more and no fewer, and none where none is missing. Exit code 1 otherwise.
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

from bench_watch import room

from poolgate.environments.build import environment_for
from poolgate.measurement.server_pool import ServerPool
from poolgate.processes import Processes
from poolgate.protocol.plan import Address
from poolgate.targets.parse import parse

TARGETS = ("httpx2==2.16.2", "httpx==0.28.1")
ORIGINS = 16
"""Origins of HTTP/2: one for each slot of the largest pool, as the requests to one share a connection."""
ROUNDS = Path(".poolgate") / "soak-rounds.jsonl"
Round = dict[str, Any]


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


def soaked(target: str, seconds: float, server: dict[str, Any], path: str, file: Path) -> list[Round]:
    """Return the rounds of a release, and add them to a file as they come; prints each that disagrees."""
    environment = environment_for(Processes(), parse(target), ("h2", "trio"))
    program = Path(__file__).with_name("soaked.py")
    command = [environment.interpreter, str(program), environment.client, str(seconds), json.dumps(server)]
    rounds: list[Round] = []
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        for line in ran.stdout:
            rounds.append({"target": target, **json.loads(line)})
            with file.open("a") as rounds_so_far:
                rounds_so_far.write(json.dumps(rounds[-1]) + "\n")
            if not rounds[-1]["agrees"] or len(rounds) % 50 == 0:
                print(f"{target}, round {len(rounds)}: {line.strip()}", file=sys.stderr, flush=True)
    if ran.returncode:
        raise SystemExit(f"{target}: the program ended with {ran.returncode}")
    return rounds


def table(found: dict[str, list[Round]]) -> str:
    """Return the rounds of each lane as a table in Markdown."""
    lines = [
        "| release | load | rounds | requests | slots lost | reported | rounds that disagree |",
        "| --- " * 7 + "|",
    ]
    for target, rounds in found.items():
        for lane in sorted({one["lane"] for one in rounds}):
            own = [one for one in rounds if one["lane"] == lane]
            total = Counter({key: sum(one[key] for one in own) for key in ("sent", "lost", "said")})
            wrong = sum(not one["agrees"] for one in own)
            lines.append(
                f"| `{target}` | {lane} | {len(own)} | {total['sent']} | {total['lost']} | {total['said']} | {wrong} |"
            )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long (default: 3600)")
    parser.add_argument("--target", nargs="+", default=TARGETS, help="releases (default: %(default)s)")
    parser.add_argument("--rounds", type=Path, default=ROUNDS, help="where the rounds are added (default: %(default)s)")
    arguments = parser.parse_args()
    arguments.rounds.parent.mkdir(parents=True, exist_ok=True)
    # Hypercorn keeps the socket of each connection that its client has closed: it would have thousands.
    doors = ["refused", "wire", *(f"wire-h2#{number}" for number in range(1, ORIGINS + 1))]
    processes = Processes()
    with tempfile.TemporaryDirectory() as folder, ServerPool(processes) as servers, servers.borrow() as server:
        path, address = str(room(Path(folder))), described(server.with_doors(doors))
        with ThreadPoolExecutor(len(arguments.target)) as executor:
            seconds, rounds = arguments.seconds, arguments.rounds
            ran = executor.map(lambda target: soaked(target, seconds, address, path, rounds), arguments.target)
            found = dict(zip(arguments.target, ran, strict=True))
    print(table(found))
    return int(not all(one["agrees"] for rounds in found.values() for one in rounds))


if __name__ == "__main__":
    sys.exit(main())
