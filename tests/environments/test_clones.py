"""A commit that tests make holds the files as they are, whatever git remembers of those before."""

from __future__ import annotations

import os
from pathlib import Path

from support.clones import commit, git


def test_a_file_of_equal_size_and_time_is_committed_anew(tmp_path: Path) -> None:
    """Git would take it for the file in its index: a copy keeps the time of what it was copied from."""
    module = tmp_path / "module.py"
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "config", "core.checkStat", "minimal")
    for version in ("1.0.1", "1.0.2"):
        module.write_text(f"__version__ = '{version}'\n")
        os.utime(module, (1e9, 1e9))
        commit(tmp_path, version)
    assert git(tmp_path, "show", "HEAD:module.py") == "__version__ = '1.0.2'"
