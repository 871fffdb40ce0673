from __future__ import annotations

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.db import Error, connection
from django.utils import timezone

from concentrators.meters.conflicts.reviewing import let_go_of_removed
from concentrators.planned.works import extend_windows
from smmeplus.common.commands.quiet import QuietCommand
from wakeup.monitoring.arrivals.counting import count_minutes
from wakeup.monitoring.changes.watcher import add_missing, watch
from wakeup.monitoring.desk import follow
from wakeup.monitoring.verdicts.judging import judge

EVERY_S = 5.0
EXTEND_EVERY_S = 3_600.0  # the times of planned work, which are made more than a year ahead; and removals
LOOK_EVERY_S = 60.0 - EVERY_S / 2  # a pass is never exactly on time
log = logging.getLogger(__name__)


def look_around(now: datetime) -> None:
    """What is done once a minute: whose fault silence is (STA-4), and how many messages came in (UI-2)."""
    judge(now)
    count_minutes(now)


def keep_up(now: datetime) -> None:
    """What is done once an hour: times of planned work (STA-8), and meters of removed concentrators (MET-5)."""
    extend_windows(now)
    let_go_of_removed(now)


class Every:
    """Tells so seldom that something is due, and at first at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: float | None = None

    def is_due(self) -> bool:
        now = time.monotonic()
        if self._last is not None and now - self._last < self._seconds:
            return False
        self._last = now
        return True


class Command(QuietCommand):
    help = (
        "Record how the status of concentrators changes, until SIGTERM. Any number may run: each change is recorded "
        "once, with its true time, however late that is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="record what has changed and end, as for cron")

    def handle(self, **options: Any) -> None:
        if options["once"]:
            add_missing()
            look_around(timezone.now())
            now = timezone.now()
            keep_up(now)
            self.stdout.write(f"changes recorded: {watch(now)}")
            follow(now)
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        self._run(stopped)

    def _run(self, stopped: threading.Event) -> None:
        is_complete, look, extend = False, Every(LOOK_EVERY_S), Every(EXTEND_EVERY_S)
        while not stopped.is_set():
            try:
                if not is_complete:
                    add_missing()
                    is_complete = True
                if look.is_due():
                    look_around(timezone.now())
                if extend.is_due():
                    keep_up(timezone.now())
                now = timezone.now()
                watch(now)
                follow(now)
            except Error as error:  # the next pass finds everything again
                log.warning("the database is away: %s", error)
                connection.close()
            stopped.wait(EVERY_S)
