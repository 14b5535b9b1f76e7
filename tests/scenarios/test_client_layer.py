"""What the client's own layer does with its pools: each scenario fails on one release and passes on another."""

from __future__ import annotations

import json
from collections.abc import Callable

Poolgate = Callable[..., tuple[int, str, str]]

CASES = {
    "httpx==0.28.1": {"close-pools": "fail over-kept/serves"},
    "httpxyz==0.42.1": {"close-pools": "pass completes/serves"},
}
"""Status and key of each scenario on each release."""


def test_a_release_is_distinguished_from_another(poolgate: Poolgate) -> None:
    """All in one command: the cells run side by side."""
    asked = sorted({scenario for verdicts in CASES.values() for scenario in verdicts})
    _, out, err = poolgate("run", *asked, "--target", *CASES, "--repeats", "1", "--format", "json")
    cells = json.loads(out)["cells"]
    found = {(cell["target"], cell["scenario"]): f"{cell['status']} {cell['key']}" for cell in cells}
    assert found == {(target, name): key for target, keys in CASES.items() for name, key in keys.items()}, err
