"""Places that a report points to: a lock file with the line of a pin, and an upstream thread."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from ..targets.spec import LOCK


def file_of(spec: str) -> str | None:
    """Return the path of a lock SPEC as given; None for packages and for a lock of another revision."""
    if not spec.startswith(LOCK):
        return None
    # Imported late: most answers name no file.
    from ..targets.lockfiles.lock_spec import lock_spec_of

    asked = lock_spec_of(spec)
    return None if asked.rev else asked.path


def line_in(spec: str, packages: dict[str, str], changed: Iterable[str] = ()) -> int | None:
    """Return the line of a lock that pins the packages of a finding; see `targets.lockfiles.pin_lines`."""
    file = file_of(spec)
    if file is None:
        return None
    # Imported late: most answers name no file.
    from ..targets.lockfiles.pin_lines import line_of

    return line_of(file, packages, changed)


def link_of(reference: str) -> str | None:
    """Return the address of an upstream issue or pull request, OWNER/REPO#N; None for other references."""
    repository, _, number = reference.partition("#")
    known = repository.count("/") == 1 and number.isdecimal()
    return f"https://github.com/{quote(repository)}/issues/{number}" if known else None
