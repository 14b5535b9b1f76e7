"""Lock files as targets: `lock:PATH[@PYTHON][?rev=GITREV&client=NAME]`.

Imported only when needed: answers from stored verdicts seldom read a lock.
"""

from __future__ import annotations

from pathlib import Path

from ..catalogue.packages import CLIENTS
from ..errors import UsageError
from .lockfiles.detect import document_of
from .lockfiles.lock_file import LockFile, home
from .lockfiles.lock_spec import LockSpec, lock_spec_of
from .lockfiles.pins import Pins, pins_for
from .lockfiles.presence import present
from .lockfiles.pythons import MINORS, RUNNING, allows, environment_of, pythons_of
from .lockfiles.reader import Document, LockError
from .resolved import with_clients, with_pools
from .spec import ERA
from .target import Target


def locked(spec: str) -> Target:
    """Return the target of a lock's pins, on a Python that the lock is for; raises UsageError.

    A lock of several clients has the pins of all of them, and the worker imports the first.
    """
    asked, document = _read(spec)
    return _target(spec, asked, document)


def locked_clients(spec: str) -> list[Target]:
    """Return a target for each client of a lock: the client, its pool, and the packages that all clients use."""
    asked, document = _read(spec)
    every = _target(spec, asked, document)
    clients = [name for name, _ in every.pins if name in CLIENTS]
    if len(clients) < 2:
        return [every]
    return [_target(text, lock_spec_of(text), document) for text in (asked.text(client=name) for name in clients)]


def _read(spec: str) -> tuple[LockSpec, Document]:
    if spec.endswith(ERA):
        raise UsageError(f"{spec.removesuffix(ERA)} is locked and not resolved: `--deps era` is for releases")
    asked = lock_spec_of(spec)
    try:
        file = LockFile(home(Path(asked.path)), asked.rev)
        return asked, document_of(file.text(), file)
    except LockError as error:
        raise LockError(f"{spec}: {error}") from None


def _target(spec: str, asked: LockSpec, document: Document) -> Target:
    try:
        python, said = _python(asked, document)
        pins = present(asked, document, python)
        others = _others(asked, document, python, pins)
        resolved = with_clients(pins, python)
    except LockError as error:
        raise type(error)(f"{spec}: {error}") from None
    versions, notes = with_pools(resolved, python)
    return Target(
        spec=spec,
        pins=tuple(sorted(versions.items())),
        pythons=(python, *others),
        notes=(*said, *notes, *document.notes),
        unpinned=tuple(name for name in pins.ranges if name not in versions),
        required_by=pins.required_by,
    )


def _python(asked: LockSpec, document: Document) -> tuple[str, list[str]]:
    """Return the Python whose markers count, and a note where the lock has a requirement."""
    requires = document.requires_python
    if asked.python:
        if asked.python not in MINORS:
            raise LockError(f"{asked.python!r} is not a Python that poolgate knows; choose one of {', '.join(MINORS)}")
        if allows(requires, environment_of(asked.python)):
            return asked.python, []
        return asked.python, [f"for Python {asked.python} as asked: the lock requires {requires}"]
    if not requires:
        return RUNNING, []
    allowed = pythons_of(requires)
    if not allowed:
        return RUNNING, [f"for Python {RUNNING}, which runs poolgate: it knows none that the lock allows ({requires})"]
    return allowed[0], [f"for Python {allowed[0]}: the lock requires {requires}"]


def _others(asked: LockSpec, document: Document, python: str, pins: Pins) -> list[str]:
    """Return the other Pythons that the lock is for and has the same pins for, for a machine that lacks the first."""
    if asked.python or python == RUNNING:
        return []
    pythons = (other for other in pythons_of(document.requires_python) if other != python)
    return [other for other in pythons if pins_for(document, other).versions == pins.versions]
