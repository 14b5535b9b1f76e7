"""The options of the environment variable and of the command line, as arguments of `install()`."""

from __future__ import annotations

from typing import Any, Callable, Dict

from .settings import LEVELS
from .signals import number_of

ON = frozenset(("1", "on", "true", "yes"))
OFF = frozenset(("", "0", "off", "false", "no"))


def options_in(text: str) -> dict[str, Any] | None:
    """Return the arguments in `1` or `level=sample,held_after=30`; None for `0`. Raises ValueError with the remedy."""
    if text.strip().lower() in OFF:
        return None
    options: dict[str, Any] = {"socket": True}
    for part in text.split(",") if text.strip().lower() not in ON else ():
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or name not in READERS:
            raise ValueError(f"{part.strip()!r} is not an option; write 1, or some of {_NAMES}")
        options[name] = READERS[name](value)
    return options


def level(text: str) -> str:
    """Return a level."""
    if text not in LEVELS:
        raise ValueError(f"level={text!r} is not one of {', '.join(LEVELS)}")
    return text


def seconds(text: str) -> float:
    """Return a number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(f"{text!r} is not a number of seconds")
    return value


def signal(text: str) -> int:
    """Return the number of a signal."""
    return int(number_of(text))


def switch(text: str) -> bool:
    """Return whether something is on."""
    if text.lower() not in ON | OFF:
        raise ValueError(f"{text!r} is neither 1 nor 0")
    return text.lower() in ON


READERS: Dict[str, Callable[[str], Any]] = {
    "level": level,
    "held_after": seconds,
    "grace": seconds,
    "signal": signal,
    "socket": switch,
}
_NAMES = "level=sample, held_after=30, grace=1, signal=USR1, socket=0"
