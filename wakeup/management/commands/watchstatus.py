from __future__ import annotations

import signal
import threading
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone
from prometheus_client import Counter

from concentrators.meters.conflicts.reviewing import let_go_of_removed
from concentrators.planned.works import extend_windows
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.vitals.passes import Passes
from smmeplus.common.vitals.serving import add_metrics_options, metrics_socket, served
from wakeup.monitoring.arrivals.counting import count_minutes
from wakeup.monitoring.changes.watcher import add_missing, watch
from wakeup.monitoring.desk import follow
from wakeup.monitoring.verdicts.judging import judge

EVERY_S = 5.0
EXTEND_EVERY_S = 3_600.0  # the times of planned work, which are made more than a year ahead; and removals
LOOK_EVERY_S = 60.0 - EVERY_S / 2  # a pass is never exactly on time
#: After a long pause a pass over the whole fleet takes minutes.
STUCK_S = 300.0


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
        add_metrics_options(parser)

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
        watching = Watching()
        with served(watching.passes.endpoint(), metrics_socket(options)):
            watching.run(stopped)


class Watching:
    """What is done in each pass; after one that the database failed the next one finds everything again."""

    def __init__(self) -> None:
        self.passes = Passes("smmeplus_watcher", STUCK_S)
        self._changes = Counter(
            "changes", "Changes of status recorded.", namespace=self.passes.namespace, registry=self.passes.registry
        )
        self._is_complete, self._look, self._extend = False, Every(LOOK_EVERY_S), Every(EXTEND_EVERY_S)

    def run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            with self.passes.one():
                self._pass()
            stopped.wait(EVERY_S)

    def _pass(self) -> None:
        if not self._is_complete:
            add_missing()
            self._is_complete = True
        if self._look.is_due():
            look_around(timezone.now())
        if self._extend.is_due():
            keep_up(timezone.now())
        now = timezone.now()
        self._changes.inc(watch(now))
        follow(now)
