"""The text of a lock target: `lock:PATH[@PYTHON][?rev=GITREV&client=NAME]`. Nothing is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...catalogue.packages import CLIENTS
from ..spec import LOCK
from .reader import LockError

FORM = "lock:PATH, lock:PATH@3.13, lock:PATH?rev=GITREV or lock:PATH?client=httpx2"

_SPEC = re.compile(r"^lock:(?P<path>[^?]+?)(?:@(?P<python>3\.\d+))?(?:\?(?P<flags>[^?]+))?$", re.DOTALL)
_REVISION = re.compile(r"^(?P<rev>.+?)(?:@(?P<python>3\.\d+))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LockSpec:
    """A lock target: its path as given; `rev`, `python` and `client` are empty where the text names none."""

    path: str
    rev: str = ""
    python: str = ""
    client: str = ""

    def text(self, python: str = "", client: str = "") -> str:
        """Return the SPEC, with a Python and a client where they are named."""
        wanted = {"rev": self.rev, "client": client or self.client}
        flags = "&".join(f"{name}={value}" for name, value in wanted.items() if value)
        asked = python or self.python
        return f"{LOCK}{self.path}{asked and f'@{asked}'}{flags and f'?{flags}'}"


def lock_spec_of(spec: str) -> LockSpec:
    """Return the parts of a `lock:` SPEC; raises LockError. The Python may also follow the revision."""
    matched = _SPEC.match(spec)
    parts = [part.partition("=") for part in ((matched and matched["flags"]) or "").split("&") if part]
    flags = {name: value for name, _, value in parts}
    if matched is None or not set(flags) <= {"rev", "client"} or not all(flags.values()) or len(flags) != len(parts):
        raise LockError(f"{spec!r} is not a lock target; write {FORM}")
    client = flags.get("client", "")
    if client and client not in CLIENTS:
        raise LockError(f"{spec}: {client!r} is not a client; name one of {', '.join(CLIENTS)}")
    revision = _REVISION.match(flags.get("rev", ""))
    rev, python = (revision["rev"], revision["python"]) if revision else ("", None)
    return LockSpec(matched["path"], rev, matched["python"] or python or "", client)
