"""Read packages of the registry as `--code` does: `python -m poolgate.maintenance.real_programs`.

It downloads the releases that `tests/data/real_programs.toml` labels to the cache, without installing or running them,
and writes what is read to `results/reach/real_programs.json`; then it writes results/REACH.md. It needs the registry.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from ..answers.reach.answer import GroupReach, Reach
from ..answers.reach.read import read_code
from ..cells.groups import Group
from ..environments.uv import run_uv
from ..errors import Exit, PoolgateError
from ..ledger.instruments import SHIPPED
from ..paths import cache_root, write_whole
from ..processes import Processes

LABELS = Path(__file__).resolve().parents[2] / "tests" / "data" / "real_programs.toml"
READ = SHIPPED / "reach" / "real_programs.json"
FAMILIES = ("httpx", "httpx2", "httpxyz")
DECIDED = {"reached": {Reach.REACHED}, "open": {Reach.UNKNOWN, Reach.DEPENDS}, "no": {Reach.NOT_SEEN}}
"""The answers that agree with a label."""


class Truth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a package reaches, as read by hand: reached, open or no; each place has its reason."""

    state: Literal["reached", "open", "no"]
    places: dict[str, str] = {}
    why: str = ""


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A labelled release of a package, and the folder of its code."""

    package: str
    version: str
    folder: str
    groups: dict[Group, Truth]

    @property
    def name(self) -> str:
        return f"{self.package} {self.version}"


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of labels."""

    program: list[Program]


class Answer(msgspec.Struct, frozen=True):
    """What was read of a package: its Python files, the processor time in seconds, and the groups."""

    package: str
    version: str
    files: int
    clients: int
    seconds: float
    groups: dict[Group, GroupReach]


def labels() -> list[Program]:
    """Return the labelled programs; raises PoolgateError if the file of labels can't be read as such."""
    try:
        found = msgspec.toml.decode(LABELS.read_bytes(), type=Labels).program
    except (OSError, msgspec.DecodeError) as error:
        raise PoolgateError(f"{LABELS.name}: {error}") from error
    for program in found:
        missing = [group.value for group in Group if group not in program.groups]
        if missing:
            raise PoolgateError(f"{LABELS.name}: {program.name} has no label for {', '.join(missing)}")
    return found


def answers() -> dict[str, Answer]:
    """Return what was read of each package, by its name and version."""
    known = msgspec.json.decode(READ.read_bytes(), type=list[Answer])
    return {f"{each.package} {each.version}": each for each in known}


def downloaded(program: Program) -> Path:
    """Return the folder with the code of a release; raises PoolgateError if the registry does not give it."""
    folder = cache_root() / "real-programs" / f"{program.package}-{program.version}"
    if not (folder / program.folder).is_dir():
        options = ("--python", sys.executable, "--no-deps", "--only-binary", ":all:", "--target", str(folder))
        run_uv(Processes(), "pip", "install", *options, f"{program.package}=={program.version}")
    if not (folder / program.folder).is_dir():
        raise PoolgateError(f"{program.name} has no folder {program.folder}: {LABELS.name} names another release")
    return folder / program.folder


def check_places(program: Program, folder: Path) -> None:
    """Raise PoolgateError if a label names a line that the release does not have."""
    for place in (place for truth in program.groups.values() for place in truth.places):
        name, _, line = place.rpartition(":")
        file = folder.parents[len(Path(program.folder).parts) - 1] / name
        lines = len(file.read_bytes().splitlines()) if file.is_file() else 0
        if not line.isdigit() or not 1 <= int(line) <= lines:
            raise PoolgateError(f"{LABELS.name} labels {place}, which {program.name} does not have")


def read(program: Program) -> Answer:
    """Return what is read of a release."""
    path = downloaded(program)
    check_places(program, path)
    start = time.process_time()
    code = read_code(path, FAMILIES)
    seconds = round(time.process_time() - start, 1)
    below = re.compile(rf"^.*?(?={re.escape(program.folder)}/)")
    for group in code.groups.values():
        group.places[:] = [below.sub("", place.removeprefix(path.parent.as_posix())) for place in group.places]
    return Answer(program.package, program.version, code.files, len(code.clients), seconds, code.groups)


def section() -> str:
    """Return the part of results/REACH.md about real programs."""
    known = answers()
    pairs = [(program, known[program.name]) for program in labels() if program.name in known]
    return _HEAD + "".join(_page(program, answer) for program, answer in pairs)


_HEAD = """
## Real programs

Releases from the registry, labelled by hand in `tests/data/real_programs.toml` with a reason for each line, read by
`make real-programs`. Packages leave much to their callers: such a group is `open`; `unknown` and `depends` are right
for it. Lines that are missed are lines of a label that the answer does not name; "admitted" groups are called unknown.
"""


def _page(program: Program, answer: Answer) -> str:
    rows = "".join(f"| {' | '.join(_row(group, program, answer))} |\n" for group in Group)
    head = f"\n### {program.name}\n\n{answer.files:,} Python files, {answer.seconds} s of processor time.\n\n"
    return f"{head}| group | label | read | | lines found | lines missed | lines too many |\n{'| --- ' * 7}|\n{rows}"


def _row(group: Group, program: Program, answer: Answer) -> Iterator[str]:
    truth, found = program.groups[group], answer.groups[group]
    said = set(found.places) if found.state is Reach.REACHED else set()
    yield from (group.value, truth.state, found.state.value, _outcome(truth, found))
    yield str(len(said & truth.places.keys()))
    for lines in (truth.places.keys() - said, said - truth.places.keys()):
        yield ", ".join(f"`{line}`" for line in sorted(lines)) or "0"


def _outcome(truth: Truth, found: GroupReach) -> str:
    if found.state in DECIDED[truth.state]:
        return "right"
    if truth.state == "reached":
        return "missed" if found.state is Reach.NOT_SEEN else "admitted"
    return "false report" if found.state is Reach.REACHED else "undecided" if truth.state == "no" else "false not seen"


def main() -> int:
    """Write what is read and return the exit code; on failure print one line and keep the old file."""
    try:
        found = [read(program) for program in labels()]
    except PoolgateError as error:
        print(f"error: {error}; {READ} is unchanged", file=sys.stderr)
        return error.exit_code
    write_whole(READ, msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    print(f"wrote {READ}; `make reach-table` writes the page", file=sys.stderr)
    return Exit.FINE


if __name__ == "__main__":
    raise SystemExit(main())
