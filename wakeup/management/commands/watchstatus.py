from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connection
from django.utils import timezone

from wakeup.monitoring.changes.watcher import add_missing, watch

EVERY_S = 5.0
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Record how the status of concentrators changes, until SIGTERM. Any number may run: each change is recorded "
        "once, with its true time, however late that is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="record what has changed and end, as for cron")

    def handle(self, **options: Any) -> None:
        if options["once"]:
            add_missing()
            self.stdout.write(f"changes recorded: {watch(timezone.now())}")
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        self._run(stopped)

    def _run(self, stopped: threading.Event) -> None:
        is_complete = False
        while not stopped.is_set():
            try:
                if not is_complete:
                    add_missing()
                    is_complete = True
                watch(timezone.now())
            except Error as error:  # the next pass finds everything again
                log.warning("the database is away: %s", error)
                connection.close()
            stopped.wait(EVERY_S)
