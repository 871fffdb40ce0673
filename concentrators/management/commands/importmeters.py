from __future__ import annotations

import logging
import signal
import socket
import threading
from argparse import ArgumentParser
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import Error, connection
from django.utils import timezone

from concentrators.finding import find_company
from concentrators.meters.conflicts.reviewing import review
from concentrators.meters.importing import Imported, RefusedFile, import_content
from concentrators.meters.importing.folder import Folder, read_file
from concentrators.meters.importing.reporting import rows_of, summary_of
from concentrators.meters.spreadsheets.values import FIRST_YEAR
from concentrators.models import Company, MeterRowKind
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.vitals.outcomes import show_outcomes
from smmeplus.common.vitals.passes import Passes
from smmeplus.common.vitals.serving import add_metrics_options, metrics_socket, served

EVERY_S = 60.0
STUCK_S = 600.0  # a folder full of large files takes minutes
log = logging.getLogger(__name__)


class Command(QuietCommand):
    help = (
        "Take meter lists (STG-DC reports S24, S06, S11, G02; CSV; XLSX) and master files of meters; or watch a folder "
        "for them until SIGTERM: files that were taken move to done/, others to refused/ with the reason beside them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, metavar="FILE", nargs="*")
        parser.add_argument("--company", help="whose lists are taken; a master file needs it. Without it: everybody's")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--whole", action="store_true", help="a spreadsheet has all meters: others are gone")
        parser.add_argument("--user", help="who is responsible; only lists of their companies are taken")
        parser.add_argument("--folder", type=Path, metavar="DIR", help="watch this folder instead")
        parser.add_argument("--every", type=_seconds, default=EVERY_S, metavar="SECONDS", help="between two looks")
        add_metrics_options(parser)

    def handle(self, **options: Any) -> None:
        """Raises CommandError if a file was refused; the others are taken all the same."""
        _check(options)
        company = find_company(options["company"]) if options["company"] else None
        take = partial(_take, company=company, user=_find_user(options["user"]), whole=options["whole"])
        if options["folder"]:
            self._watch(Folder(options["folder"], take), options["every"], metrics_socket(options))
            return
        files = options["files"]
        refused = sum(not self._import(path, partial(take, dry_run=options["dry_run"])) for path in files)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        if refused:
            raise CommandError(
                f"{refused} of {len(files)} files refused." if len(files) > 1 else "The file is refused."
            )

    def _import(self, path: Path, take: Any) -> bool:
        """Whether anything of it was taken, or would be."""
        try:
            seen = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            imported = take(read_file(path), path.name, seen)
        except OSError as error:
            self.stderr.write(f"Cannot read {path}: {error.strerror or error}")
            return False
        except RefusedFile as error:
            self.stderr.write(f"{path}: {error}")
            return False
        self.stdout.write(f"{path}:")
        for kind in MeterRowKind:
            if kind != MeterRowKind.FAULT:
                self._say(rows_of(imported, kind))
        self._say(summary_of(imported))
        return bool(imported.is_taken)

    def _say(self, lines: Any) -> None:
        for line in lines:
            self.stdout.write(f"  {line}")

    def _watch(self, folder: Folder, every: float, http: socket.socket | None) -> None:
        try:
            folder.prepare()
        except OSError as error:
            raise CommandError(f"Cannot use {folder.path}: {error.strerror or error}") from None
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        passes = passes_over(folder, every)
        with served(passes.endpoint(), http):
            while not stopped.is_set():
                with passes.one():
                    look(folder, stopped, passes)
                stopped.wait(every)
        self.stdout.write(f"taken {folder.taken}, refused {folder.refused}")


def passes_over(folder: Folder, every_s: float) -> Passes:
    passes = Passes("smmeplus_meters", every_s + STUCK_S)
    numbers = {"taken": lambda: folder.taken, "refused": lambda: folder.refused}
    show_outcomes(passes.registry, f"{passes.namespace}_files", "Files, by what came of them.", numbers)
    return passes


def look(folder: Folder, stopped: threading.Event, passes: Passes) -> None:
    """One round: the files that stand still, then the conflicts that time alone has changed. Raises Error.

    The next round finds everything again.
    """
    try:
        for path in folder.still():
            if stopped.is_set():
                return
            _import_one(folder, path)
        review(timezone.now())
    except OSError as error:
        reason = error.strerror or error
        log.warning("cannot look into %s: %s", folder.path, reason)
        passes.fail(f"cannot look into {folder.path}: {reason}")


def _import_one(folder: Folder, path: Path) -> None:
    """A file that the database fails at stays, and costs no other. Raises Error if the database is away."""
    try:
        folder.import_one(path)
    except Error as error:
        log.warning("the database could not take %s: %s", path.name, error)
        connection.close()
        connection.ensure_connection()


def _take(
    content: bytes,
    name: str,
    written_at: datetime,
    *,
    company: Company | None,
    user: User | None,
    whole: bool,
    dry_run: bool = False,
) -> Imported:
    now = timezone.now()
    is_likely = written_at.year >= FIRST_YEAR and written_at <= now
    return import_content(
        content,
        name,
        company=company,
        user=user,
        whole=whole,
        dry_run=dry_run,
        now=now,
        dated=written_at if is_likely else now,
    )


def _check(options: dict[str, Any]) -> None:
    if bool(options["files"]) == bool(options["folder"]):
        raise CommandError("Name files, or a folder to watch.")
    if options["folder"] and options["dry_run"]:
        raise CommandError("A folder cannot be watched for a dry run: its files move away.")


def _seconds(text: str) -> float:
    number = float(text)
    if not 1 <= number <= 86_400:
        raise ValueError(text)
    return number


def _find_user(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user “{name}”.")
    return user
