"""A folder whose files are imported as they come, and moved away (MET-2).

A file stays where it is until it has stood still for a round, and while the database is away. What was taken goes to
``done/``, what cannot be read or is of nobody here to ``refused/``; what there is to say of it lies beside it as
``NAME.txt``. A file that was taken and could not be moved comes again, and changes nothing: it is the same.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError

from concentrators.meters.importing.outcome import Imported, RefusedFile
from concentrators.meters.importing.reporting import summary_of

log = logging.getLogger(__name__)

DONE, REFUSED = "done", "refused"
#: An empty file is one whose writer has only begun.
EMPTY_FOR = timedelta(hours=1)
MOST_CLASHES = 10_000
LONGEST_STEM, LONGEST_SUFFIX = 200, 12  # of a name, which a number and .txt come behind
MB = 2**20
#: Takes the content of a file, its name and when it was written.
Take = Callable[[bytes, str, datetime], Imported]


class Seen(NamedTuple):
    """A file as it was: while it is being written this changes."""

    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Seen:
        """Raises OSError if it is gone."""
        found = path.stat()
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)

    @property
    def written_at(self) -> datetime:
        return datetime.fromtimestamp(self.changed_ns / 1e9, UTC)


class Folder:
    def __init__(self, path: Path, take: Take) -> None:
        self.path = path
        self.taken = self.refused = 0
        self._take = take
        self._seen: dict[Path, Seen] = {}

    def prepare(self) -> None:
        """Raises OSError if files cannot be moved here."""
        for name in (DONE, REFUSED):
            (self.path / name).mkdir(exist_ok=True)
            if not os.access(self.path / name, os.W_OK | os.X_OK):
                raise PermissionError(13, os.strerror(13), str(self.path / name))

    def still(self) -> Iterator[Path]:
        """The files that have stood still since the last round, the oldest first. Others are for a later one."""
        before, self._seen = self._seen, dict(self._files())
        oldest = sorted(self._seen.items(), key=lambda one: (one[1].changed_ns, one[0].name))
        for path, seen in oldest:
            if before.get(path) == seen and not _has_only_begun(seen):
                yield path

    def import_one(self, path: Path) -> None:
        """Import ``path`` and move it. It stays if it has changed meanwhile, and if the database is away."""
        try:
            seen = self._seen[path]
            content = read_file(path)
            if Seen.of(path) != seen:
                return
        except FileNotFoundError:
            return  # its writer, or another one like us, was faster
        except (OSError, RefusedFile) as error:
            self._refuse(path, f"It cannot be read: {getattr(error, 'strerror', None) or error}")
            return
        self._import(path, content, seen.written_at)

    def _import(self, path: Path, content: bytes, written_at: datetime) -> None:
        try:
            imported = self._take(content, path.name, written_at)
        except (OperationalError, InterfaceError):
            raise
        except RefusedFile as error:
            self._refuse(path, str(error))
        except Exception:
            # Whatever is wrong with this one, the others have to come through, and it must not come again for ever.
            log.exception("%s could not be imported", path.name)
            self._refuse(path, "The server could not take this file; its log says more.")
        else:
            said = "\n".join(summary_of(imported))
            if not imported.is_taken:
                self._refuse(path, said)
                return
            self.taken += 1
            self._move(path, DONE, said if imported.rows or imported.unknown or imported.passed_over else "")

    def _refuse(self, path: Path, reason: str) -> None:
        self.refused += 1
        log.warning("%s is refused: %s", path.name, reason)
        self._move(path, REFUSED, reason)

    def _move(self, path: Path, folder: str, said: str) -> None:
        try:
            moved = _move(path, self.path / folder)
            if said:
                moved.with_name(f"{moved.name}.txt").write_text(f"{said}\n", encoding="utf-8")
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("%s cannot be moved to %s: %s", path.name, folder, error.strerror)

    def _files(self) -> Iterator[tuple[Path, Seen]]:
        for entry in os.scandir(self.path):
            if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            try:
                yield Path(entry.path), Seen.of(Path(entry.path))
            except OSError:
                continue


def _has_only_begun(seen: Seen) -> bool:
    return not seen.size and time.time() - seen.changed_ns / 1e9 < EMPTY_FOR.total_seconds()


def read_file(path: Path) -> bytes:
    """Raises OSError, and RefusedFile for what is too long to be read."""
    with path.open("rb") as source:
        content = source.read(settings.UPLOAD_MAX_MB * MB + 1)
    if len(content) > settings.UPLOAD_MAX_MB * MB:
        raise RefusedFile(f"A file may have {settings.UPLOAD_MAX_MB} MB.")
    return content


def _move(path: Path, folder: Path) -> Path:
    """Move ``path`` into ``folder`` under its name or, if that is taken, with a number behind it."""
    stem = os.fsdecode(os.fsencode(path.stem)[:LONGEST_STEM])
    for number in range(MOST_CLASHES):
        target = folder / f"{stem}{f'-{number}' * bool(number)}{path.suffix[:LONGEST_SUFFIX]}"
        if target.with_name(f"{target.name}.txt").exists():
            continue
        if target.exists():
            continue
        try:
            os.link(path, target)  # which, unlike a renaming, never replaces a file
            path.unlink()
        except FileExistsError:
            continue
        except OSError:  # not every file system has links
            path.rename(target)
        return target
    raise OSError(17, os.strerror(17), str(folder))
