"""Cells as the harness would answer them, for the tests of what is made of them."""

from __future__ import annotations

from typing import Any

import msgspec

from poolgate.verdict.judgement import Slots
from poolgate.verdict.outcome import CellResult
from poolgate.verdict.rate import rate_of
from poolgate.verdict.words import After, Burst, Status, key_of


def cell(release: str = "1.0.2", status: str = "pass", failed: int = 0, runs: int = 3, **fields: Any) -> CellResult:
    """A cell of httpcore's line; `failed` of `runs` for a flaky one."""
    passing = status == "pass"
    burst = Burst.COMPLETES if passing else Burst.POOL_TIMEOUT
    after = After.SERVES if passing else After.DEAD
    judged = status in {"pass", "fail", "flaky"}
    key = key_of(burst, after, None if passing else "PoolTimeout")
    answer = CellResult(
        scenario="gather-over-limit",
        variant={},
        status=Status(status),
        burst=burst if judged else None,
        after=after if judged else None,
        key=key if judged else None,
        keys={key: runs} if judged else {},
        rate=rate_of(failed, runs) if status == "flaky" else None,
        slots=Slots(3, 3, 3) if passing else Slots(3, 0, 0) if judged else None,
        repeats=runs if judged else 0,
        reason=None if judged else "because",
        target=f"httpcore=={release}",
        line="httpcore",
        release=release,
        packages={"httpcore": release, "httpx": "0.28.1", "h11": "0.14.0"} if judged else {},
        python="3.11.7" if judged else None,
        seconds=0.5,
        cached=False,
        replay=f"poolgate run gather-over-limit --target httpcore=={release} --again",
    )
    return msgspec.structs.replace(answer, **fields)
