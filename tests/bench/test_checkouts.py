"""The worktree of another commit: there with the right packages for as long as it is needed, and gone after it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.against import checkouts
from tests.bench.against.checkouts import LOCK, CheckoutError, checked_out, this_checkout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits, tagged old and new, that differ in one file."""
    place = tmp_path / "repository"
    (place / LOCK).parent.mkdir(parents=True)
    (place / LOCK).write_text("django==5.2\n")
    git(tmp_path, "init", "--quiet", str(place))
    for tag in ("old", "new"):
        (place / "code").write_text(tag)
        git(place, "add", ".")
        git(place, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", tag)
        git(place, "tag", tag)
    return place


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_other_commit_is_there_for_the_time_of_the_block(repository: Path, tmp_path: Path) -> None:
    with checked_out("old", repository, tmp_path) as checkout:
        assert (checkout.directory / "code").read_text() == "old"
        assert (checkout.name, checkout.python) == (git(repository, "rev-parse", "--short", "old"), sys.executable)
    assert_nothing_is_left(repository, tmp_path)


def test_ctrl_c_leaves_nothing_behind(repository: Path, tmp_path: Path) -> None:
    def interrupted() -> None:
        with checked_out("old", repository, tmp_path) as checkout:
            (checkout.directory / "made").write_text("by a process of it")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert_nothing_is_left(repository, tmp_path)


def test_other_packages_are_installed_for_the_other_commit_by_their_hashes(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[tuple[str, ...]] = []
    (repository / LOCK).write_text("django==6.0\n")
    run = checkouts._run

    def noted(*command: str) -> str:
        if command[0] == "git":
            return run(*command)
        commands.append(command)
        return ""

    monkeypatch.setattr(checkouts, "_run", noted)
    with checked_out("old", repository, tmp_path) as checkout:
        made, installed = commands
        own = Path(checkout.python).parents[1]
        assert made == (sys.executable, "-m", "venv", str(own))
        assert own.is_relative_to(tmp_path)
        assert installed[0] == checkout.python
        assert installed[-3:] == ("--require-hashes", "-r", str(checkout.directory / LOCK))


def test_a_commit_that_there_is_not_is_said_so(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckoutError, match="absent"), checked_out("absent", repository, tmp_path):
        pytest.fail("it was checked out")
    assert_nothing_is_left(repository, tmp_path)


def test_this_checkout_says_whether_it_is_as_committed(repository: Path) -> None:
    name = git(repository, "rev-parse", "--short", "new")
    assert this_checkout(repository).name == name
    (repository / "code").write_text("changed")
    assert this_checkout(repository).name == f"{name}-dirty"


def assert_nothing_is_left(repository: Path, parent: Path) -> None:
    assert list(parent.iterdir()) == [repository]
    assert len(git(repository, "worktree", "list").splitlines()) == 1
