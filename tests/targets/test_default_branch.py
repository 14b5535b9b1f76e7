"""A gate without arguments: the lock of the working tree, and that lock where the branch left the default branch."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Poolgate = Callable[..., tuple[int, str, str]]
BEFORE = "httpx==0.28.1\nhttpcore==1.0.3\nanyio==4.16.0\nh11==0.14.0\n"
AFTER = BEFORE.replace("1.0.3", "1.0.2")


def git(folder: Path, *words: str) -> str:
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *named, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, text: str, name: str = "requirements.txt") -> str:
    (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "lock")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose branch `main` has the lock that does not leak; it is the current folder."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, BEFORE)
    monkeypatch.chdir(folder)
    return folder


def gate(poolgate: Poolgate, *words: str) -> tuple[int, str, str]:
    """Return the exit code and both specs."""
    code, out, err = poolgate("gate", *words, "--budget", "0", "--format", "json")
    assert err == ""
    answer = json.loads(out)
    return code, answer["base"]["spec"], answer["head"]["spec"]


def test_a_branch_is_compared_with_its_merge_base(poolgate: Poolgate, repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "switch", "-qc", "upgrade")
    commit(repository, AFTER)
    git(repository, "switch", "-q", "main")
    commit(repository, AFTER + "sniffio==1.3.1\n")
    git(repository, "switch", "-q", "upgrade")
    assert gate(poolgate) == (1, f"lock:requirements.txt?rev={base[:12]}", "lock:requirements.txt")


def test_on_the_default_branch_the_working_tree_is_compared_with_its_commit(
    poolgate: Poolgate, repository: Path
) -> None:
    assert gate(poolgate)[0] == 0
    (repository / "requirements.txt").write_text(AFTER)
    assert gate(poolgate)[0] == 1


def test_the_remote_decides_where_there_is_one(poolgate: Poolgate, repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository), "clone")
    clone = tmp_path / "clone"
    git(clone, "remote", "set-head", "origin", "main")
    head = git(clone, "rev-parse", "HEAD")
    commit(clone, AFTER)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(clone)
        assert gate(poolgate) == (1, f"lock:requirements.txt?rev={head[:12]}", "lock:requirements.txt")


def test_the_lock_at_the_top_is_found_from_below(
    poolgate: Poolgate, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "src").mkdir()
    monkeypatch.chdir(repository / "src")
    assert gate(poolgate)[2] == "lock:../requirements.txt"


def test_one_side_may_be_named(poolgate: Poolgate, repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    (repository / "requirements.txt").write_text(AFTER)
    assert gate(poolgate, "--base", "httpcore==1.0.3") == (1, "httpcore==1.0.3", "lock:requirements.txt")
    named = gate(poolgate, "--head", "lock:requirements.txt")
    assert named == (1, f"lock:requirements.txt?rev={base[:12]}", "lock:requirements.txt")


def test_several_locks_are_named_in_their_order(poolgate: Poolgate, repository: Path) -> None:
    (repository / "poetry.lock").write_text("")
    (repository / "uv.lock").write_text("")
    code, out, err = poolgate("gate")
    assert (code, out) == (2, "")
    expected = "several lock files, uv.lock, poetry.lock, requirements.txt: name one, as --base lock:uv.lock?rev=main"
    assert expected in err


def test_a_folder_without_git_or_lock_is_one_line(
    poolgate: Poolgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "empty"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert "there is no lock file here (uv.lock, poetry.lock, pdm.lock" in refused(poolgate)
    (place / "requirements.txt").write_text(BEFORE)
    assert "is not in a Git repository; name both sides: poolgate gate --base lock:uv.lock?rev=main" in refused(
        poolgate
    )


def test_a_repository_without_commit_branch_or_common_history_is_one_line(poolgate: Poolgate, repository: Path) -> None:
    git(repository, "checkout", "-q", "--orphan", "other")
    commit(repository, AFTER)
    assert "HEAD has no merge base with main: `git fetch --unshallow`" in refused(poolgate)
    git(repository, "branch", "-D", "main")
    assert "no default branch (origin/HEAD, origin/main, origin/master, main, master, @{upstream})" in refused(poolgate)
    git(repository, "checkout", "-q", "--orphan", "main")
    assert "this Git repository has no commit yet" in refused(poolgate)


def test_a_lock_that_is_new_on_the_branch_is_one_line(poolgate: Poolgate, repository: Path) -> None:
    git(repository, "rm", "-q", "requirements.txt")
    git(repository, "commit", "-qm", "no lock")
    (repository / "requirements.txt").write_text(AFTER)
    assert "there is no requirements.txt in revision" in (said := refused(poolgate))
    assert "where the branch began: name the base, as --base SPEC" in said


def test_a_lock_that_replaces_another_is_compared_with_that(poolgate: Poolgate, repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")[:12]
    git(repository, "switch", "-qc", "other-tool")
    git(repository, "rm", "-q", "requirements.txt")
    commit(repository, AFTER, "requirements.lock.txt")
    (repository / "requirements.lock.txt").rename(repository / "requirements-lock.txt")
    assert refused(poolgate).endswith(f"name the base, as --base lock:requirements.txt?rev={base}\n")


def test_a_lock_may_be_named_with_its_folder_and_its_python(poolgate: Poolgate, repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")[:12]
    (repository / "requirements.txt").write_text(AFTER)
    for head in (f"lock:{repository}/requirements.txt", "lock:requirements.txt@3.11"):
        assert gate(poolgate, "--head", head) == (1, f"{head}?rev={base}", head)


def test_the_remote_copy_of_the_branch_itself_is_not_its_base(
    poolgate: Poolgate, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shallow clone of one branch has nothing else, and would compare HEAD with itself."""
    git(repository, "switch", "-qc", "upgrade")
    commit(repository, AFTER)
    git(repository, "switch", "-q", "main")
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "upgrade", repository.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert "no default branch" in (said := refused(poolgate))
    assert "`git fetch origin main:refs/remotes/origin/main`" in said


def test_a_base_that_is_head_is_a_note(poolgate: Poolgate, repository: Path) -> None:
    code, out, _ = poolgate("gate", "--budget", "0")
    assert code == 0
    assert "note: HEAD is in main: only what is not committed is compared" in out
    git(repository, "switch", "-qc", "upgrade")
    commit(repository, AFTER)
    assert "HEAD is in main" not in poolgate("gate", "--budget", "0")[1]


def test_locks_of_projects_below_are_named(poolgate: Poolgate, repository: Path) -> None:
    (repository / "api").mkdir()
    git(repository, "mv", "requirements.txt", "api/requirements.txt")
    assert "below are api/requirements.txt: name one, as --head lock:api/requirements.txt" in refused(poolgate)


def refused(poolgate: Poolgate) -> str:
    code, out, err = poolgate("gate")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    return err
