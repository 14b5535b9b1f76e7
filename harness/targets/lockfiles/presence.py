"""The clients of a lock: that there is one, for this Python; else what to do."""

from __future__ import annotations

from ...catalogue.packages import CLIENTS, POOLS
from .lock_spec import LockSpec
from .pins import Pins, pins_for
from .pythons import MINORS, PLATFORMS, RUNNING, span
from .reader import Document, LockError, NoClientError


def present(asked: LockSpec, document: Document, python: str) -> Pins:
    """Return the pins of a lock, of one client where one is asked for; raises LockError without a client."""
    pins = pins_for(document, python)
    if not pins.clients or (asked.client and asked.client not in pins.clients):
        raise _absent(asked, document, python, pins)
    return pins.of(asked.client) if asked.client else pins


def _absent(asked: LockSpec, document: Document, python: str, pins: Pins) -> LockError:
    wanted = (asked.client,) if asked.client else CLIENTS
    named = next((client for client in wanted if client in document.names), None)
    if named is not None:
        return LockError(_elsewhere(named, asked, document, python))
    unread = "".join(f" ({note})" for note in document.notes)
    if asked.client:
        return LockError(f"{asked.client} is not in it{unread}; it has {', '.join(pins.clients) or 'no client'}")
    reason = f"none of {', '.join(CLIENTS)} is in it{unread}"
    bare = next((f"{pool}=={pins.versions[pool]}?bare" for pool in POOLS if pool in pins.versions), None)
    if bare:
        return LockError(f"{reason}; name {bare} to test the pool alone")
    return NoClientError(f"{reason}; name a lock that has one")


def _on_platforms(client: str, document: Document, python: str) -> str:
    """Return on which platforms a client is in a lock, and its release there."""
    every = {platform: pins_for(document, python, platform) for platform in PLATFORMS}
    found = {platform: pins.versions[client] for platform, pins in every.items() if client in pins.versions}
    if not found:
        return f"{client} is in it for no Python {MINORS[0]} to {MINORS[-1]} on this platform; name its release"
    version = next(iter(found.values()))
    return f"{client} is in it for {' and '.join(found)} only, not for this machine; name {client}=={version}"


def _elsewhere(client: str, asked: LockSpec, document: Document, python: str) -> str:
    """Return for which Pythons a client is in a lock, and the SPEC of one of them."""
    found = [minor for minor in MINORS if client in pins_for(document, minor).clients]
    if not found:
        return _on_platforms(client, document, python)
    reader = f"{python} runs poolgate" if python == RUNNING and not asked.python else f"this is for {python}"
    return f"{client} is in it for {span(found)} only, and {reader}; use {asked.text(python=found[0])}"
