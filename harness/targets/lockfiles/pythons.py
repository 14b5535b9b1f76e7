"""The Pythons that a lock is for, and the marker variables of each."""

from __future__ import annotations

import re
import sys

from packaging.markers import default_environment
from packaging.specifiers import InvalidSpecifier, SpecifierSet

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The Python that runs poolgate."""

MINORS = tuple(f"3.{minor}" for minor in range(6, 16))
"""The minor versions that a lock may be for, ascending."""

_ORDER = (RUNNING, *MINORS[2:], *MINORS[:2])
_CARET = re.compile(r"\^\s*(?P<major>\d+)(?P<rest>[.\d]*)")
_TILDE = re.compile(r"~\s*(?P<release>\d+(?:\.\d+)?)(?P<patch>(?:\.\d+)?)(?=\s*(?:,|$))")
_BARE = re.compile(r"^\d+(\.\d+)*(\.\*)?$")


PLATFORMS: dict[str, dict[str, str]] = {
    "Linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
"""The marker variables of each platform."""


def environment_of(python: str, platform: str = "") -> dict[str, str]:
    """Return the marker variables of a minor version on a platform, else on this machine.

    Another Python than RUNNING has its last patch.
    """
    usual = {name: str(value) for name, value in default_environment().items()} | PLATFORMS.get(platform, {})
    if python == RUNNING:
        return usual
    full = f"{python}.99"
    return {**usual, "python_version": python, "python_full_version": full, "implementation_version": full}


def pythons_of(requires: str) -> list[str]:
    """Return the minor versions that a lock's requirement allows: RUNNING first, then the lowest.

    Those below 3.8 come last, because a requirement without a lower bound allows all of them.
    """
    return list(dict.fromkeys(python for python in _ORDER if allows(requires, environment_of(python))))


def allows(requires: str, environment: dict[str, str]) -> bool:
    """Return True if a requirement of Python holds; one that can't be read holds.

    It may be in the form of Poetry, with `^`, `~`, `*` and `||`.
    """
    full = environment["python_full_version"]
    return any(_holds(part.strip(), full) for part in requires.split("||"))


def _holds(part: str, full: str) -> bool:
    try:
        return SpecifierSet(_standard(part)).contains(full, prereleases=True)
    except InvalidSpecifier:
        return True


def _standard(part: str) -> str:
    """Return one alternative of Poetry's form as a standard specifier."""
    if part == "*":
        return ""
    part = _CARET.sub(lambda found: f">={found['major']}{found['rest']},<{int(found['major']) + 1}", part)
    part = _TILDE.sub(lambda found: f">={found['release']}{found['patch']},=={found['release']}.*", part)
    return ",".join(f"=={each}" if _BARE.match(each) else each for each in re.split(r"\s*,\s*|(?<=\d)\s+", part))


def span(pythons: list[str]) -> str:
    """Return minor versions in words: `Python >= 3.13`, `Python <= 3.11`, `Python 3.9 to 3.11`."""
    first, last = pythons[0], pythons[-1]
    if pythons != list(MINORS[MINORS.index(first) : MINORS.index(last) + 1]):
        return f"Python {', '.join(pythons)}"
    if last == MINORS[-1]:
        return f"Python >= {first}"
    if first == MINORS[0]:
        return f"Python <= {last}"
    return f"Python {first}" if first == last else f"Python {first} to {last}"
