"""The optional parts of an installation: a plain one answers from stored verdicts, and has the watcher."""

from __future__ import annotations

import enum
import functools
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from .errors import UsageError


class Extra(enum.StrEnum):
    """An optional part, by the name of its extra in pyproject.toml."""

    MEASURE = "measure"


class MissingExtraError(UsageError):
    """A request for what only an extra can do, in an installation without it."""


def require(extra: Extra, what: str) -> None:
    """Raise MissingExtraError if an extra is not installed; `what` needs it, such as `poolgate run`."""
    if lacking(extra):
        raise MissingExtraError(needs(extra, what))


def needs(extra: Extra, what: str) -> str:
    """Return the line which says that `what` needs an extra, and how to install it."""
    return f'{what} needs the extra "{extra}": pip install "poolgate[{extra}]"'


@functools.cache
def lacking(extra: Extra) -> bool:
    """Return whether a package of an extra is not installed, or too old; False for sources that are not installed."""
    try:
        listed = [Requirement(text) for text in requires("poolgate") or ()]
    except PackageNotFoundError:
        return False
    return not all(_is_met(one) for one in listed if _belongs(one, extra))


def _belongs(requirement: Requirement, extra: Extra) -> bool:
    marker = requirement.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _is_met(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False
