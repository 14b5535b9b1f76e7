"""The requirement of a library: the releases that it admits, and the same requirement with another lower bound."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...catalogue.packages import LINES
from ...catalogue.releases import load
from ...errors import NothingSelectedError, UsageError

_LOWER = {">=", ">", "~="}
_PINNED = {"==", "==="}


def requirement_in(text: str) -> Requirement:
    """Return the requirement that a text writes; raises UsageError if it is not one, or not of a release line."""
    try:
        found = Requirement(text)
    except InvalidRequirement:
        raise UsageError(f"{text!r} is not a requirement; write it like 'httpx2>=2.0,<3'") from None
    if found.url is not None:
        raise UsageError(f"{text!r} names a URL, not releases; write it like 'httpx2>=2.0,<3'")
    found.name = canonicalize_name(found.name)
    if found.name not in LINES:
        raise UsageError(f"{found.name!r} has no release line; there are {', '.join(LINES)}")
    return found


def admitted(requirement: Requirement) -> list[str]:
    """Return the releases in the catalogue that a requirement admits, oldest first.

    Raises NothingSelectedError if there is none.
    """
    releases = load().releases(requirement.name)
    found = [each.version for each in releases if requirement.specifier.contains(each.version)]
    if not found:
        known = f"{releases[0].version} to {releases[-1].version}"
        raise NothingSelectedError(f"{requirement} admits no release; {requirement.name} has {known}")
    return found


def raises(requirement: Requirement, floor: str) -> bool:
    """Return whether a floor excludes a release that the requirement admits, or gives it a bound that it lacks."""
    bounded = any(each.operator in {*_LOWER, *_PINNED} for each in requirement.specifier)
    return not bounded or Version(admitted(requirement)[0]) < Version(floor)


def raised(requirement: Requirement, floor: str) -> str:
    """Return a requirement with `floor` as its lower bound; upper bounds, exclusions, extras and markers stay."""
    specifiers = list(requirement.specifier)
    kept = {str(each) for each in specifiers if each.operator not in _LOWER}
    kept |= {_upper(each) for each in specifiers if each.operator == "~="}
    return _written(requirement, ",".join([f">={short(floor)}", *sorted(kept)]))


def _written(requirement: Requirement, specifiers: str) -> str:
    """Return the text of a requirement with its specifiers in this order: the lower bound first."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{specifiers}{marker}"


def _upper(compatible: Specifier) -> str:
    """Return the upper bound of `~=`: the release before its last number, counted up."""
    *kept, _ = Version(compatible.version).release
    return f"<{'.'.join(map(str, [*kept[:-1], kept[-1] + 1]))}"


def short(version: str) -> str:
    """Return a version without zeros at its end, with at least two numbers."""
    numbers = version.split(".")
    while len(numbers) > 2 and numbers[-1] == "0":
        numbers.pop()
    return ".".join(numbers)
