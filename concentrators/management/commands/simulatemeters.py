from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any, Final

from django.core.management.base import CommandError

from concentrators.finding import find_company
from concentrators.simulator.faults import Rule, read_faults
from concentrators.simulator.meters.writing import MeterWriter, Writing
from smmeplus.common.commands.quiet import QuietCommand

_DAY: Final = 86_400.0
_MINUTE: Final = 60.0
_LOOKS_EVERY: Final = 10.0  # seconds
_MOST_DAYS: Final = 400
_MOST_MINUTES: Final = 24 * 60


def whole_number(most: int) -> Callable[[str], int]:
    """What argparse reads from 0 to ``most``."""

    def read(text: str) -> int:
        number = int(text)
        if not 0 <= number <= most:
            raise ArgumentTypeError(f"{text} is not from 0 to {most}")
        return number

    return read


class Command(QuietCommand):
    help = (
        "Write the meter lists of a company's concentrators in field into a folder, as STG-DC files of meters that are "
        "made up: S24, S11, S06 and G02. importmeters --folder reads them."
    )

    requires_system_checks = ["configuration"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", required=True, metavar="NAME", help="whose concentrators they are")
        parser.add_argument("--folder", required=True, type=Path, metavar="DIR", help="into which files are written")
        parser.add_argument(
            "--days",
            type=whole_number(_MOST_DAYS),
            default=0,
            metavar="N",
            help="first one list a day of the last N days (%(default)s)",
        )
        parser.add_argument(
            "--every",
            type=whole_number(_MOST_MINUTES),
            default=0,
            metavar="MINUTES",
            help="then go on until Ctrl-C, with a list of each concentrator in this time (0: end)",
        )
        parser.add_argument(
            "--scenario",
            type=Path,
            metavar="FILE",
            help="that of simulateconcentrators: who is off, away or poses as another one hands over no list",
        )

    def handle(self, **options: Any) -> None:
        days, every = options["days"], options["every"] * _MINUTE
        if not (days or every):
            raise CommandError("Nothing to do: say --days, --every or both.")
        company, now = find_company(options["company"]), time()
        writer = MeterWriter(Writing(company, _folder(options["folder"]), _rules_in(options["scenario"]), now))
        if days:
            self.stdout.write(f"{writer.write(now - days * _DAY, now, _DAY)} files written")
        if every:
            self._go_on(writer, now, every)

    def _go_on(self, writer: MeterWriter, begin: float, every: float) -> None:
        """Where time was lost, as in a sleeping computer, at most one list of each is made up for."""
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        files = 0
        while not stopped.wait(_LOOKS_EVERY):
            now = time()
            files += writer.write(max(begin, now - every), now, every)
            begin = max(begin, now)
        self.stdout.write(f"{files} files written")


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{path}: {error}") from error
    return path


def _rules_in(file: Path | None) -> list[Rule]:
    try:
        return read_faults(file.read_text()) if file else []
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from error
