"""Where a bench keeps its database: a cluster or a file of its own, on a disk that really writes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.postgres import Cluster
from tests.support.postgres_binaries import ServerUser, binaries_for

#: Kept over a restart of the system, so it is on a disk where /tmp may be in memory.
DEFAULT_DIRECTORY = Path("/var/tmp")
IN_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs"})


class PlaceError(RuntimeError):
    """The directory is no place to measure in."""


class Place(NamedTuple):
    """A new, empty database at ``url``, its files in ``directory``; ``server`` is the first process of PostgreSQL."""

    url: str
    directory: Path
    server: int | None = None


def filesystem_of(directory: Path) -> str:
    """The type of the file system that holds ``directory``, like ext4. Raises PlaceError when it cannot be told."""
    device = directory.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for mount in Path("/proc/self/mountinfo").read_text().splitlines():
        about, _, kind = mount.partition(" - ")
        if about.split()[2] == wanted:
            return kind.split()[0]
    raise PlaceError(f"cannot tell which file system holds {directory}")


def on_a_disk(directory: Path) -> Path:
    """``directory``, if what is written there reaches a disk; PlaceError where it is kept in memory."""
    if not directory.is_dir():
        raise PlaceError(f"{directory} is not a directory")
    if (kind := filesystem_of(directory)) in IN_MEMORY:
        raise PlaceError(
            f"{directory} is {kind}, which is memory: a commit would cost nothing. Give --directory a disk."
        )
    return directory


@contextmanager
def postgres(parent: Path) -> Iterator[Place]:
    """A PostgreSQL cluster with fsync and synchronous_commit on, removed on leaving."""
    with _new_directory(parent) as directory:
        user = ServerUser.if_root()
        binaries = binaries_for(user, directory)
        if user:
            os.chown(directory, user.uid, user.gid)
        cluster = Cluster(directory, binaries, user, durable=True)
        try:
            cluster.initialise()
            cluster.start()
            yield Place(cluster.url, directory, cluster.pid)
        finally:
            cluster.discard()


@contextmanager
def sqlite(parent: Path) -> Iterator[Place]:
    """An SQLite file, removed on leaving. The product's settings have each commit reach the disk."""
    with _new_directory(parent) as directory:
        yield Place(f"sqlite:///{directory / 'bench.sqlite3'}", directory)


PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {"postgres": postgres, "sqlite": sqlite}


@contextmanager
def _new_directory(parent: Path) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="smmeplus-bench-", dir=on_a_disk(parent)))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
