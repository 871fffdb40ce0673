from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from concentrators.importing import UnreadableFile
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.commands.sources import opened
from wakeup.history import COLUMNS, HistoryRefused, import_history


class Command(QuietCommand):
    help = (
        f"Record the messages of a CSV file ({','.join(COLUMNS)}; ISO 8601 times with offset). "
        "With any error nothing is written. Running it again counts nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV; - is standard input")

    def handle(self, **options: Any) -> None:
        file: Path = options["file"]
        try:
            with opened(file) as source:
                imported = import_history(source)
        except UnreadableFile as error:
            raise CommandError(f"{file.name}: {error}") from error
        except HistoryRefused as refused:
            for wrong in refused.errors:
                self.stderr.write(str(wrong))
            raise CommandError(f"{file.name}: {refused}") from refused
        self.stdout.write(f"{imported.recorded} messages recorded, {imported.recorded_before} were recorded before.")
