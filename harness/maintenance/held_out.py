"""Record the first answers about programs that are labelled before they are read.

`python -m poolgate.maintenance.held_out NAME...` reads programs below `tests/data/code` that are not recorded yet, and
adds the answers to `results/reach/held_out.json`. An answer that is recorded is never replaced: what is corrected
afterwards does not change how the first reading was.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from ..answers.reach.answer import GroupReach
from ..cells.groups import Group
from ..errors import Exit
from ..ledger.instruments import SHIPPED
from ..paths import write_whole
from .labelled import PROGRAMS, judged, programs

READ = SHIPPED / "reach" / "held_out.json"

Answers = dict[str, dict[Group, GroupReach]]
"""The groups of each program by its name."""


def recorded() -> Answers:
    """Return the first answers."""
    return msgspec.json.decode(READ.read_bytes(), type=Answers) if READ.exists() else {}


def main(names: Sequence[str]) -> int:
    """Record programs that are not recorded yet, and return the exit code; on failure print one line."""
    known = recorded()
    missing = sorted(set(names) - {program.stem for program in programs()})
    if missing or not names:
        what = f"no program is named {', '.join(missing)}" if missing else "name the programs to record"
        print(f"error: {what}; {PROGRAMS} has them; {READ} is unchanged", file=sys.stderr)
        return Exit.USAGE
    new = [program for program in programs() if program.stem in names and program.stem not in known]
    known |= {program.stem: judged(program).code.groups for program in new}
    write_whole(READ, msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n")
    print(f"recorded {len(new)} of {len(names)} programs in {READ}", file=sys.stderr)
    return Exit.FINE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
