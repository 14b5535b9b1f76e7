"""The words of a verdict, and the one table that maps them to a status."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Burst(enum.StrEnum):
    """What happened under load: the first that applies, in this order."""

    CRASHES = "crashes"
    HANGS = "hangs"
    OVER_LIMIT = "over-limit"
    ERROR = "error"
    UNFAIR = "unfair"
    POOL_TIMEOUT = "pool-timeout"
    MISSING_TIMEOUT = "missing-timeout"
    CHURNS = "churns"
    OVER_KEPT = "over-kept"
    SUPER_LINEAR = "super-linear"
    BACK_PRESSURE = "back-pressure"
    COMPLETES = "completes"


class After(enum.StrEnum):
    """What is left once the load is gone."""

    SERVES = "serves"
    LATE = "late"
    LEAKS = "leaks"
    DEAD = "dead"


class Status(enum.StrEnum):
    """The result of a cell."""

    PASS = "pass"
    FAIL = "fail"
    FLAKY = "flaky"
    UNKNOWN = "unknown"
    UNSUPPORTED = "unsupported"
    UNINSTALLABLE = "uninstallable"


class Freshness(enum.StrEnum):
    """Whether this release would measure a stored verdict again."""

    SAME = "same"
    QUALIFIED = "qualified"
    STALE = "stale"


MEANING: dict[Burst | After | Status, str] = {
    Burst.CRASHES: "the interpreter itself came to its end, as by a segmentation fault",
    Burst.HANGS: "a request neither ended nor failed by the scenario's deadline",
    Burst.OVER_LIMIT: "more requests were in flight at the server than the pool has slots",
    Burst.ERROR: "a request failed with something else than PoolTimeout, and not because its server failed it",
    Burst.UNFAIR: "as many PoolTimeouts as a correct pool raises, on requests that a fair queue would have served",
    Burst.POOL_TIMEOUT: "PoolTimeout where a correct pool would have served",
    Burst.MISSING_TIMEOUT: "PoolTimeout was due, and was not raised or came late",
    Burst.CHURNS: "more connections were opened than a correct pool needs",
    Burst.OVER_KEPT: "more connections stayed open than the pool may keep",
    Burst.SUPER_LINEAR: "the processor time of a request grows, beyond doubt, with the number of requests that wait",
    Burst.BACK_PRESSURE: "PoolTimeout just where a correct pool raises it",
    Burst.COMPLETES: "every request was served, but for those that their server failed",
    After.SERVES: "every slot is there half a unit after the load",
    After.LATE: "every slot came back, but not at once",
    After.LEAKS: "some slots are gone for good",
    After.DEAD: "no slot is left",
    Status.PASS: "as a correct pool",
    Status.FAIL: "not as a correct pool",
    Status.FLAKY: "k of n runs fail, or the runs differ",
    Status.UNKNOWN: "not judged: the machine was too slow, or the harness failed",
    Status.UNSUPPORTED: "that release has no such API",
    Status.UNINSTALLABLE: "that target can't be installed here",
}

TABLE: dict[tuple[Burst, After], Status] = {
    (burst, after): Status.PASS
    if burst in {Burst.COMPLETES, Burst.BACK_PRESSURE} and after is After.SERVES
    else Status.FAIL
    for burst in Burst
    for after in After
}
"""The published table: a pool passes only if it did what a correct pool does and is whole afterwards."""


class Key(NamedTuple):
    """The parts of a key `burst/after[/error+error]`.

    `errors` are the public classes of the exceptions that decided; those of a sweep are the places that it affects.
    """

    burst: Burst
    after: After
    errors: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Key:
        """Return the parts of a key; raises ValueError for a text that is not one."""
        burst, _, rest = text.partition("/")
        after, _, errors = rest.partition("/")
        return cls(Burst(burst), After(after), tuple(errors.split("+")) if errors else ())

    @property
    def fails(self) -> bool:
        """Return whether a run with this key differs from a correct pool."""
        return TABLE[self.burst, self.after] is Status.FAIL


def key_of(burst: Burst, after: After, error: str | None) -> str:
    """Return the coarse key: two verdicts are the same behaviour when their keys are equal.

    `error` is the public class of the exception that decided, without a module, or None.
    """
    return "/".join(filter(None, (burst.value, after.value, error)))
