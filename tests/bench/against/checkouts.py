"""The code of another commit, in a temporary worktree with the packages that it was locked to."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

LOCK = Path("requirements", "base.txt")  # what the product runs on


class CheckoutError(RuntimeError):
    """There is no such commit, or its packages cannot be installed."""


class Checkout(NamedTuple):
    """The product's code in ``directory``, to be run by ``python``; ``name`` is for people."""

    name: str
    directory: Path
    python: str


def this_checkout(directory: Path) -> Checkout:
    """The code as it lies in ``directory``, with the packages of the process that asks."""
    return Checkout(_git(directory, "describe", "--always", "--dirty", "--exclude", "*"), directory, sys.executable)


@contextmanager
def checked_out(revision: str, repository: Path, parent: Path) -> Iterator[Checkout]:
    """``revision`` of ``repository`` in a new folder under ``parent``, which is gone afterwards.

    Raises CheckoutError where there is no such commit or its packages cannot be installed.
    """
    name = _git(repository, "rev-parse", "--short", "--verify", "--end-of-options", revision + "^{commit}")
    folder = Path(tempfile.mkdtemp(prefix="smmeplus-against-", dir=parent))
    worktree = folder / "worktree"
    try:
        _git(repository, "worktree", "add", "--detach", str(worktree), name)
        yield Checkout(name, worktree, _python(worktree, repository, folder / "venv"))
    finally:
        with _undisturbed():
            _remove(worktree, repository)
            shutil.rmtree(folder, ignore_errors=True)


def _python(worktree: Path, repository: Path, own: Path) -> str:
    """Our own Python if both have the same packages, else one of its own."""
    if (worktree / LOCK).read_bytes() == (repository / LOCK).read_bytes():
        return sys.executable
    sys.stderr.write(f"Installing {LOCK} of the other commit, which is another one\n")
    python = str(own / "bin" / "python")
    _run(sys.executable, "-m", "venv", str(own))
    install = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes"]
    _run(*install, "-r", str(worktree / LOCK))
    return python


def _remove(worktree: Path, repository: Path) -> None:
    # Forced twice: git locks a worktree while it makes it, and an interrupt may have fallen into that.
    command = ["git", "-C", str(repository), "worktree", "remove", "--force", "--force", str(worktree)]
    subprocess.run(command, capture_output=True, check=False)


def _git(repository: Path, *arguments: str) -> str:
    return _run("git", "-C", str(repository), *arguments).strip()


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckoutError(f"{' '.join(command)}:\n{done.stderr.strip()}")
    return done.stdout


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not leave half of it behind."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
